public import CairnCore
internal import CairnJournal

extension MachineBundle where Rules: StoredMachine {
    /// Finds what is to go into a bundle; nothing is written.
    ///
    /// - Parameters:
    ///   - streams: Streams of the machine.
    ///   - view: The journal as the machine reads it.
    ///   - options: What of the original is kept.
    /// - Throws: ``BundleError``, with ``BundleError/removedStream(_:)`` where a stream was removed.
    /// - Complexity: The events of the streams, also those behind the view's end; 8 bytes of
    ///   memory for each event, and some for each word of the program in them.
    public init(
        of streams: [StreamID],
        in view: MachineView<Rules>,
        _ options: BundleOptions
    ) async throws(BundleError) {
        let machine = view.machine
        try await self.init(of: streams, in: view, options) { event throws(LimitError) in
            try machine.newEvent(event)
        }
    }
}

extension MachineBundle {
    /// Finds what is to go into a bundle that keeps everything as it is: the machine need neither
    /// read events from JSON nor write them down.
    ///
    /// - Parameters:
    ///   - streams: Streams of the machine.
    ///   - view: The journal as the machine reads it.
    /// - Throws: ``BundleError``, with ``BundleError/removedStream(_:)`` where a stream was removed.
    /// - Complexity: As with stand-ins.
    public init(
        keeping streams: [StreamID],
        in view: MachineView<Rules>
    ) async throws(BundleError) {
        var options = BundleOptions(key: [])
        options.keepsPayloads = true
        try await self.init(of: streams, in: view, options, writing: nil)
    }

    private init(
        of streams: [StreamID],
        in view: MachineView<Rules>,
        _ options: BundleOptions,
        writing: Writing?
    ) async throws(BundleError) {
        var gathering: MachineGathering<Rules>
        do throws(IncidentError) {
            gathering = MachineGathering(view, upTo: try await view.bound())
        } catch {
            throw .incident(error)
        }
        for stream in streams { try await gathering.add(stream) }
        let words = gathering.words
        let standIns = KeyedPseudonyms(options, words: words.all)
        let keepsTimes = options.keepsPayloads || options.keepsTimes
        var disguise = MachineDisguise(
            view.machine,
            words,
            options.keepsPayloads ? nil : standIns,
            shift: keepsTimes ? .zero : standIns.timeShift
        )
        var parts: [StreamNumber: Part] = [:]
        var names: Set<StreamID> = []
        for (number, found) in gathering.found {
            let name: StreamID
            do throws(LimitError) {
                name = try disguise.stream(found.stream)
            } catch {
                throw .incident(.limit(error))
            }
            guard names.insert(name).inserted else { throw .sameName(found.stream) }
            parts[number] = Part(original: found.stream, name: name, hidden: found.hidden)
        }
        let beginsAt = disguise.time(gathering.firstRecordedAt)
        self.init(
            gathering.view,
            parts,
            BundlePages(of: gathering.positions, in: view.journal),
            disguise,
            beginsAt: beginsAt,
            writing: options.keepsPayloads ? nil : writing
        )
    }
}

/// What was found so far.
private struct MachineGathering<Rules: InspectableMachine> {
    let view: MachineView<Rules>
    let bound: Position
    /// In the order in which they were named, in which they get their stand-ins.
    var found: [(number: StreamNumber, (stream: StreamID, hidden: SequenceNumber))] = []
    var positions: [Position] = []
    var words = ProgramWords()
    var firstRecordedAt = Timestamp.distantFuture
    private var known: Set<StreamID> = []

    init(_ view: MachineView<Rules>, upTo bound: Position) {
        self.view = MachineView(view.journal, view.machine, asOf: bound)
        self.bound = bound
    }

    mutating func add(_ stream: StreamID) async throws(BundleError) {
        guard known.insert(stream).inserted else { return }
        var state = view.machine.initial
        var (number, last, hidden) = (StreamNumber?.none, SequenceNumber.zero, SequenceNumber.zero)
        do throws(IncidentError) {
            // A removal is meant for copies as well, also for those of the time before it.
            try await view.forEachStep(of: stream, from: nil, upTo: nil) { streamNumber, step in
                view.take(step, into: &state)
                if !view.machine.isSeen(state) { hidden = step.sequence }
                guard step.position <= bound else { return .proceed }
                (number, last) = (streamNumber, step.sequence)
                positions.append(step.position)
                firstRecordedAt = min(firstRecordedAt, step.recordedAt)
                if let event = step.event { words.learn(from: event) }
                return .proceed
            }
        } catch {
            throw .incident(error)
        }
        guard let number else { throw .incident(.unknownStream(stream)) }
        guard last > hidden else { throw .removedStream(stream) }
        found.append((number, (stream, hidden)))
    }
}
