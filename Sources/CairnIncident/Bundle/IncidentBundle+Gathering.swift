internal import CairnCore
internal import CairnDomains
internal import CairnJournal

extension IncidentBundle {
    /// Finds what is to go into a bundle; nothing is written.
    ///
    /// With an item goes its entry in the list of its customer's interactions. An item that a job
    /// began goes without the job, unless that is named, too.
    ///
    /// - Parameters:
    ///   - selection: What is to go in.
    ///   - requests: The journal as requests are read, and up to which position.
    ///   - items: The same journal as items are read, up to the same position.
    ///   - options: What of the original is kept.
    /// - Throws: ``BundleError``.
    /// - Complexity: The events of what is selected, and for jobs the journal from the first
    ///   event of each. 8 bytes of memory for each event, and some for each text in them.
    public init(
        of selection: BundleSelection,
        in requests: PipelineView,
        _ items: ItemView,
        _ options: BundleOptions
    ) async throws(BundleError) {
        let journal = requests.journal
        let bound: Position
        let removals: StreamRemovals
        do throws(IncidentError) {
            bound = try await requests.bound()
            // A removal is meant for copies as well, also for those of the time before it.
            removals = try await StreamRemovals(of: journal, kind: PipelineEvent.streamKind)
        } catch {
            throw .incident(error)
        }
        var gathering = BundleGathering(
            view: items,
            bound: bound,
            removals: removals,
            disguise: BundleDisguise(requests.definition, options),
            keepsNames: options.keepsPayloads
        )
        for request in selection.requests { try await gathering.addRequest(request) }
        for job in selection.jobs { try await gathering.addJob(job) }
        for item in selection.items { try await gathering.addItem(item) }
        try await gathering.addLinks()
        try await gathering.countSystemEvents()
        let content = BundleContent(
            options: options,
            removals: removals,
            parts: gathering.parts
        )
        let pages = BundlePages(of: gathering.positions, in: journal)
        gathering.counts.events = pages.positions.count
        self.init(
            content,
            pages,
            gathering.disguise,
            counts: gathering.counts,
            liveWorkers: gathering.liveWorkers,
            beginsAt: gathering.disguise.time(gathering.firstRecordedAt)
        )
    }
}

/// What was found so far.
private struct BundleGathering {
    let view: ItemView
    let bound: Position
    let removals: StreamRemovals
    var disguise: BundleDisguise
    let keepsNames: Bool
    var parts: [StreamNumber: BundleContent.Part] = [:]
    var positions: [Position] = []
    var counts = IncidentBundle.Counts()
    var liveWorkers: [WorkerNumber] = []
    var firstRecordedAt = Timestamp.distantFuture
    private var known: Set<StreamID> = []
    private var items: Set<StreamID> = []
    private var customers: [String] = []

    init(
        view: ItemView,
        bound: Position,
        removals: StreamRemovals,
        disguise: BundleDisguise,
        keepsNames: Bool
    ) {
        self.view = view
        self.bound = bound
        self.removals = removals
        self.disguise = disguise
        self.keepsNames = keepsNames
    }

    mutating func addRequest(_ id: String) async throws(BundleError) {
        guard let stream = try? PipelineEvent.streamID(request: id) else {
            throw .incident(.unknownRequest(id))
        }
        guard known.insert(stream).inserted else { return }
        var (rowCount, seenCount) = (0, 0)
        let removals = removals
        try await add(stream) { header, frame in
            if PipelineGate.hasRowType(header, frame: frame), !header.flags.contains(.isErased) {
                rowCount += 1
                if !removals.cover(header) { seenCount += 1 }
            }
            return true
        }
        guard rowCount > 0 else { throw .incident(.unknownRequest(id)) }
        guard seenCount > 0 else { throw .removed(request: id) }
        counts.requests += 1
        counts.leftOut.leases += try await eventCount { () throws(LimitError) in
            try RetryLeaseMachine.stream(request: id)
        }
    }

    mutating func addJob(_ name: String) async throws(BundleError) {
        let stream: StreamID
        do throws(LimitError) { stream = try JobMachine.stream(of: name) } catch {
            throw .incident(.limit(error))
        }
        guard known.insert(stream).inserted else { return }
        var job = FoldedJob()
        try await reading { () async throws(IncidentError) in
            try await view.forEachFrame(of: stream, upTo: bound) {
                header,
                frame throws(EventCodecError) in
                try job.take(header, frame: frame)
                return .proceed
            }
        }
        // Long names may share a stream.
        guard job.position > .zero, job.state.name?.hasSameBytes(as: name) ?? true else {
            throw .unknownJob(name)
        }
        try await add(stream)
        counts.jobs += 1
        let isWanted = ItemQuery(job: name).requestFilter
        let machine = ItemMachine()
        var found: [StreamID] = []
        try await reading { () async throws(IncidentError) in
            // A job's first run is in the journal before its first item.
            try await view.forEachFrame(from: job.position, upTo: bound) {
                header,
                frame throws(EventCodecError) in
                guard let stream = header.streamID(in: frame), stream.isOfItem,
                    let request = try machine.event(header, frame: frame)?.request,
                    isWanted?(request) ?? true
                else { return .proceed }
                found.append(stream)
                return .proceed
            }
        }
        for stream in found { try await addItem(stream) }
    }

    mutating func addItem(_ stream: StreamID) async throws(BundleError) {
        guard known.insert(stream).inserted else { return }
        let (item, isAlive) = try await reading { () async throws(IncidentError) in
            let item = try await view.folded(stream, upTo: bound)
            guard let attempt = item.state.current, case .open = attempt.standing else {
                return (item, false)
            }
            // As of a moment nobody knows, and then it counts as alive.
            return (item, try await view.isAlive(attempt.worker) ?? true)
        }
        try await add(stream)
        counts.items += 1
        items.insert(stream)
        for name in item.state.providerNames where !name.reference.isEmpty {
            counts.leftOut.references += try await eventCount { () throws(LimitError) in
                try ReferenceMachine.stream(provider: name.provider, reference: name.reference)
            }
        }
        if let customer = item.state.request?.message?.customer { customers.append(customer) }
        guard isAlive, let worker = item.state.current?.worker else { return }
        let name = keepsNames ? worker : disguise.worker(worker)
        if !liveWorkers.contains(name) { liveWorkers.append(name) }
    }

    /// Adds, of the lists of customers' interactions, what leads to the items.
    mutating func addLinks() async throws(BundleError) {
        let items = items
        for customer in customers {
            guard let stream = try? CustomerStream.stream(of: customer),
                known.insert(stream).inserted
            else { continue }
            try await add(stream) { header, frame in
                let link = try? CustomerStream.interaction(header, frame: frame)
                return link.flatMap { $0 }.map { items.contains($0) } ?? false
            }
        }
    }

    mutating func countSystemEvents() async throws(BundleError) {
        counts.leftOut.systemEvents = try await eventCount(of: SystemEvent.stream)
    }

    /// How many events a stream has that is in no bundle; none where it was counted before.
    private mutating func eventCount(
        of stream: () throws(LimitError) -> StreamID
    ) async throws(BundleError) -> Int {
        let name: StreamID
        do throws(LimitError) { name = try stream() } catch { throw .incident(.limit(error)) }
        guard known.insert(name).inserted else { return 0 }
        var count: UInt64 = 0
        do throws(JournalError) {
            // Sequences have no gap.
            try await view.journal.forEachEvent(of: name, .backwards, upTo: bound) { header, _ in
                count = header.sequence.rawValue
                return .stop
            }
        } catch {
            throw .incident(.journal(error))
        }
        return Int(clamping: count)
    }

    /// Adds the events of a stream that are wanted.
    private mutating func add(
        _ stream: StreamID,
        where isWanted: (EventHeader, RawSpan) -> Bool = { _, _ in true }
    ) async throws(BundleError) {
        guard let name = keepsNames ? stream : disguise.stream(stream) else { return }
        let part = BundleContent.Part(original: stream, name: name)
        do throws(JournalError) {
            try await view.journal.forEachEvent(of: stream, upTo: bound) { header, frame in
                guard isWanted(header, frame) else { return .proceed }
                parts[header.streamNumber] = part
                positions.append(header.position)
                firstRecordedAt = min(firstRecordedAt, header.recordedAt)
                return .proceed
            }
        } catch {
            throw .incident(.journal(error))
        }
    }

    private func reading<Value>(
        _ body: () async throws(IncidentError) -> Value
    ) async throws(BundleError) -> Value {
        do throws(IncidentError) {
            return try await body()
        } catch {
            throw .incident(error)
        }
    }
}
