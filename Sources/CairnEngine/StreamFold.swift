public import CairnCore
public import CairnJournal

/// A stream's state, and the last event that is in it.
///
/// Streams never change what they hold, so a fold that was kept is never wrong, only old. What
/// a turn made of it is to be kept only once the turn has returned: a batch that starts again or
/// fails leaves a fold of events that no journal holds.
public struct Folded<State: Hashable & Sendable>: Hashable, Sendable {
    public var state: State
    /// The sequence of the last event taken; zero before the first.
    public var sequence: SequenceNumber

    @inlinable
    public init(state: State, sequence: SequenceNumber = .zero) {
        self.state = state
        self.sequence = sequence
    }
}

/// One stream under the rules of its machine: how its state is read, and how a turn goes.
///
/// A turn has one order: fold what came since, decide, append, evolve. Its effects are the
/// caller's, once the turn has returned and what it appended is durable.
public struct StreamFold<Rules: StoredMachine>: Sendable {
    public typealias State = Rules.State
    public typealias Failure = EngineError<Rules.Rejection>

    public let machine: Rules
    public let stream: StreamID

    @inlinable
    public init(_ machine: Rules, of stream: StreamID) {
        self.machine = machine
        self.stream = stream
    }

    /// The state before the first event.
    @inlinable
    public var start: Folded<State> { Folded(state: machine.initial) }

    /// The state as the journal holds it, up to a position.
    ///
    /// - Parameters:
    ///   - journal: Where the stream is.
    ///   - known: An earlier state of the same stream to go on from.
    ///   - bound: The last position to see; nil for all. An earlier state beyond it stays as it is.
    /// - Returns: The state after the last event up to the bound.
    /// - Throws: ``EngineError``.
    @inlinable
    public func folded(
        in journal: any Journal,
        from known: Folded<State>? = nil,
        upTo bound: Position? = nil
    ) async throws(Failure) -> Folded<State> {
        var folded = known ?? start
        var failure: Failure?
        do throws(JournalError) {
            try await journal.forEachEvent(of: stream, from: folded.sequence.next, upTo: bound) {
                header,
                frame in Self.take(machine, header, frame, into: &folded, &failure)
            }
        } catch {
            throw .journal(error)
        }
        if let failure { throw failure }
        return folded
    }

    /// The states of many streams, in one view of the journal.
    ///
    /// - Parameters:
    ///   - machine: The machine of them all.
    ///   - streams: The streams, in the order of the answer; a thousand at a time are enough.
    ///   - journal: Where they are.
    /// - Returns: The state of each after its last event.
    /// - Throws: ``EngineError``.
    @inlinable
    public static func folded(
        _ machine: Rules,
        of streams: [StreamID],
        in journal: any Journal
    ) async throws(Failure) -> [Folded<State>] {
        var folded = [Folded<State>](
            repeating: Folded(state: machine.initial),
            count: streams.count
        )
        var failure: Failure?
        do throws(JournalError) {
            try await journal.forEachEvent(ofEach: streams) { index, header, frame in
                if failure == nil {
                    _ = take(machine, header, frame, into: &folded[index], &failure)
                }
            }
        } catch {
            throw .journal(error)
        }
        if let failure { throw failure }
        return folded
    }

    /// Takes in what the writer's open batch and the journal hold beyond a state.
    @inlinable
    public func catchUp(
        _ folded: inout Folded<State>,
        in scope: any TurnScope
    ) throws(Failure) {
        var failure: Failure?
        do throws(JournalError) {
            if try scope.lastSequence(of: stream) == folded.sequence { return }
            try scope.forEachEvent(of: stream, from: folded.sequence.next) { header, frame in
                Self.take(machine, header, frame, into: &folded, &failure)
            }
        } catch {
            throw .journal(error)
        }
        if let failure { throw failure }
    }

    /// Decides a command in the open batch and appends what it leads to.
    ///
    /// - Parameters:
    ///   - command: What is asked for.
    ///   - folded: The stream's state, perhaps an old one; afterwards the one after the turn.
    ///   - scope: The open batch.
    ///   - seed: The turn's chance.
    ///   - fence: The number of the lease that the command is given under; 0 for none.
    /// - Returns: The events that were appended; those whose id was known are not among them.
    /// - Throws: ``EngineError``.
    @inlinable
    public func turn(
        _ command: Rules.Command,
        on folded: inout Folded<State>,
        in scope: any TurnScope,
        seed: UInt64 = 0,
        fence: UInt64 = 0
    ) throws(Failure) -> [Rules.Event] {
        try catchUp(&folded, in: scope)
        return try decide(command, on: &folded, in: scope, seed: seed, fence: fence)
    }

    /// A turn on a state that has caught up in the same batch, and to which nothing was appended
    /// since but by this fold.
    @inlinable
    package func decide(
        _ command: Rules.Command,
        on folded: inout Folded<State>,
        in scope: any TurnScope,
        seed: UInt64 = 0,
        fence: UInt64 = 0
    ) throws(Failure) -> [Rules.Event] {
        let context = TurnContext(
            now: scope.now,
            clockNow: scope.clockNow,
            seed: seed,
            fence: fence
        )
        let events: [Rules.Event]
        do throws(Rules.Rejection) {
            events = try machine.decide(command, in: folded.state, context: context)
        } catch {
            throw .refused(error)
        }
        return try append(events, to: &folded, in: scope)
    }

    @inlinable
    func append(
        _ events: [Rules.Event],
        to folded: inout Folded<State>,
        in scope: any TurnScope
    ) throws(Failure) -> [Rules.Event] {
        guard !events.isEmpty else { return [] }
        var stored: [NewEvent] = []
        stored.reserveCapacity(events.count)
        do throws(LimitError) {
            for event in events { stored.append(try machine.newEvent(event)) }
        } catch {
            throw .journal(.limit(error))
        }
        let receipts: [Receipt]
        do throws(JournalError) {
            receipts = try scope.append(stored, to: stream, expecting: .any)
        } catch {
            throw .journal(error)
        }
        var appended: [Rules.Event] = []
        for (event, receipt) in zip(events, receipts) where !receipt.isDuplicate {
            machine.evolve(&folded.state, by: event)
            folded.sequence = receipt.sequence
            appended.append(event)
        }
        return appended
    }

    @inlinable
    static func take(
        _ machine: Rules,
        _ header: EventHeader,
        _ frame: RawSpan,
        into folded: inout Folded<State>,
        _ failure: inout Failure?
    ) -> PageFlow {
        do throws(EventCodecError) {
            if let event = try machine.event(header, frame: frame) {
                machine.evolve(&folded.state, by: event)
            } else {
                machine.passOver(&folded.state)
            }
            folded.sequence = header.sequence
            return .proceed
        } catch {
            failure = .unreadable(position: header.position, error: error)
            return .stop
        }
    }
}
