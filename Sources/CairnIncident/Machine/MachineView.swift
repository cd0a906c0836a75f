public import CairnCore
public import CairnJournal

/// One event of a stream: its place, and what the machine reads in it.
public struct MachineStep<Event: Sendable>: Sendable {
    public let position: Position
    public let sequence: SequenceNumber
    public let recordedAt: Timestamp
    public let occurredAt: Timestamp
    /// The type of the frame.
    public let type: String
    /// The event; nil for one that is passed over.
    public let event: Event?

    public init(
        position: Position,
        sequence: SequenceNumber,
        recordedAt: Timestamp,
        occurredAt: Timestamp,
        type: String,
        event: Event?
    ) {
        self.position = position
        self.sequence = sequence
        self.recordedAt = recordedAt
        self.occurredAt = occurredAt
        self.type = type
        self.event = event
    }
}

extension MachineStep: Equatable where Event: Equatable {}
extension MachineStep: Hashable where Event: Hashable {}

/// A read-only sight of all streams of one machine in a journal, up to one position.
///
/// What the incident tool asks, it asks of this: of the built-in machines and of yours alike.
public struct MachineView<Rules: InspectableMachine>: Sendable {
    /// An event of one of the machine's streams.
    public typealias Step = MachineStep<Rules.Event>

    public let journal: any Journal
    public let machine: Rules
    /// The last position to see; nil for all that there is when a question starts.
    public let asOf: Position?

    public init(_ journal: any Journal, _ machine: Rules, asOf: Position? = nil) {
        self.journal = journal
        self.machine = machine
        self.asOf = asOf
    }

    /// The stream of a key.
    ///
    /// - Throws: ``IncidentError/limit(_:)`` for a key that no stream can have.
    public func stream(_ key: String) throws(IncidentError) -> StreamID {
        do throws(LimitError) {
            return try machine.stream(of: key)
        } catch {
            throw .limit(error)
        }
    }

    /// The events of a stream, in their order.
    ///
    /// - Throws: ``IncidentError``, with ``IncidentError/unknownStream(_:)`` where the view has
    ///   no event of it.
    /// - Complexity: A read of the stream; memory for all of its events.
    public func steps(of stream: StreamID) async throws(IncidentError) -> [Step] {
        var steps: [Step] = []
        try await forEachStep(of: stream) { step in
            steps.append(step)
            return .proceed
        }
        guard !steps.isEmpty else { throw .unknownStream(stream) }
        return steps
    }

    /// Passes the events of a stream to a body, in their order, until the body stops it.
    ///
    /// - Throws: ``IncidentError``.
    public func forEachStep(
        of stream: StreamID,
        _ body: (Step) -> PageFlow
    ) async throws(IncidentError) {
        try await forEachStep(of: stream, from: nil, upTo: asOf) { _, step in body(step) }
    }

    /// Passes the events of a stream to a body, from a sequence on and up to a position, until the
    /// body stops it.
    package func forEachStep(
        of stream: StreamID,
        from start: SequenceNumber?,
        upTo bound: Position?,
        _ body: (StreamNumber, Step) -> PageFlow
    ) async throws(IncidentError) {
        var failure: IncidentError?
        try await reading { () async throws(JournalError) in
            try await journal.forEachEvent(of: stream, from: start, upTo: bound) { header, frame in
                guard let step = step(header, frame, &failure) else { return .stop }
                return body(header.streamNumber, step)
            }
        }
        if let failure { throw failure }
    }

    /// Takes an event into a state.
    @inlinable
    public func take(_ step: Step, into state: inout Rules.State) {
        if let event = step.event {
            machine.evolve(&state, by: event)
        } else {
            machine.passOver(&state)
        }
    }

    /// The state of a stream after the last event of the view; nil where it has none.
    ///
    /// - Throws: ``IncidentError``.
    public func state(of stream: StreamID) async throws(IncidentError) -> Rules.State? {
        var state: Rules.State?
        try await forEachStep(of: stream) { step in
            var next = state ?? machine.initial
            take(step, into: &next)
            state = next
            return .proceed
        }
        return state
    }

    /// Passes each event of all the machine's streams to a body, in the order of positions, until
    /// the body stops it.
    ///
    /// - Parameter body: Gets the event and the number of its stream, which is the same for all
    ///   its events; `Journal.streamID(of:)` names it.
    /// - Throws: ``IncidentError``.
    /// - Complexity: One pass over the journal; memory for each stream's name.
    public func forEachStep(
        _ body: (StreamNumber, Step) -> PageFlow
    ) async throws(IncidentError) {
        var names = StreamNames(of: machine.streamKind)
        let bound = try await bound()
        try await forEachStep(from: .first, upTo: bound, naming: &names) { _, number, step in
            body(number, step)
        }
    }

    /// Passes those events of all the machine's streams to a body that stand in a part of the
    /// journal, until the body stops it.
    ///
    /// - Parameters:
    ///   - start: The first position to look at.
    ///   - bound: The last one.
    ///   - names: What earlier parts told of the streams.
    ///   - body: Gets the event and its stream.
    /// - Throws: ``IncidentError``.
    func forEachStep(
        from start: Position,
        upTo bound: Position,
        naming names: inout StreamNames,
        _ body: (StreamID, StreamNumber, Step) -> PageFlow
    ) async throws(IncidentError) {
        var next = start
        while next <= bound {
            var failure: IncidentError?
            var stranger: StreamNumber?
            var isStopped = false
            let from = next
            let end = try await reading { () async throws(JournalError) in
                try await journal.page(
                    from: from,
                    .forwards,
                    upTo: bound,
                    limit: .standard
                ) { header, frame in
                    if let stream = header.streamID(in: frame) {
                        names.learn(stream, of: header.streamNumber)
                    }
                    guard let known = names[header.streamNumber] else {
                        // The part begins later than the stream does.
                        (stranger, next) = (header.streamNumber, header.position)
                        return .stop
                    }
                    guard let stream = known else { return .proceed }
                    guard let step = step(header, frame, &failure) else { return .stop }
                    if case .proceed = body(stream, header.streamNumber, step) { return .proceed }
                    isStopped = true
                    return .stop
                }
            }
            if let failure { throw failure }
            if isStopped { return }
            if let stranger {
                names.learn(try await streamID(of: stranger), of: stranger)
            } else {
                guard let following = end.next else { return }
                next = Position(rawValue: following)
            }
        }
    }

    func step(
        _ header: EventHeader,
        _ frame: RawSpan,
        _ failure: inout IncidentError?
    ) -> Step? {
        do throws(EventCodecError) {
            return Step(
                position: header.position,
                sequence: header.sequence,
                recordedAt: header.recordedAt,
                occurredAt: header.occurredAt,
                type: header.type(in: frame),
                event: try machine.event(header, frame: frame)
            )
        } catch {
            failure = .unreadable(position: header.position, error)
            return nil
        }
    }
}

/// The names of streams, as far as they were met, and which of them are of a machine.
struct StreamNames {
    private let kind: StreamKind
    /// nil for a stream of another kind.
    private var names = StreamMap<StreamID?>()

    init(of kind: StreamKind) {
        self.kind = kind
    }

    mutating func learn(_ stream: StreamID, of number: StreamNumber) {
        names[number, default: nil] = stream.kind == kind ? stream : nil
    }

    /// A stream that was met: its name, or nil for one of another kind.
    subscript(number: StreamNumber) -> StreamID?? { names[number] }
}
