public import CairnCore
internal import CairnDomains
internal import CairnJournal

/// Which streams of a machine to hold against its path.
///
/// The whole history of a stream is read in any case.
public struct StreamPathQuery<Standing: FieldResolver>: Sendable {
    /// Only streams with an event that happened then or later; of departures, those since then.
    public var since: Timestamp?
    /// Only streams with an event that happened before; of departures, those before.
    public var until: Timestamp?
    /// What must hold of a stream's state.
    public var predicate: Predicate<Standing>?

    public init(
        since: Timestamp? = nil,
        until: Timestamp? = nil,
        predicate: Predicate<Standing>? = nil
    ) {
        self.since = since
        self.until = until
        self.predicate = predicate
    }

    /// The time that is asked about.
    var span: IncidentSpan { IncidentSpan(from: since, until: until) }
}

extension MachineView {
    /// Which streams left the path that the machine declares: where, since when, how often.
    ///
    /// A stream departs by an event whose name the path does not have (`unknown_event_type`), and
    /// by one that the path does not have after the event before it (`undeclared_step`). The list
    /// has the stream with the latest departure first, then by key. In the rows a stream's key
    /// stands as the request's id, and the name of an event as its type.
    ///
    /// - Parameters:
    ///   - query: Which streams.
    ///   - limit: Most streams in the list.
    ///   - now: The instant that ages count from, of which a predicate may ask.
    /// - Returns: The counts and the list; nil where the machine declares no path.
    /// - Throws: ``IncidentError``.
    /// - Complexity: One pass over the journal; memory of 56 bytes for each event, and for the
    ///   state of each stream.
    public func departures(
        _ query: StreamPathQuery<Rules.Standing> = StreamPathQuery(),
        limit: Int = 50,
        now: Timestamp
    ) async throws(IncidentError) -> DepartureReport? {
        guard machine.declaredPath != nil else { return nil }
        let paths = try await paths(query, now: now)
        var tally = DepartureTally(kinds: nil, words: paths.words, span: query.span)
        for path in paths.all { tally.take(path) }
        return try await tally.report(limit) { paths.keys[$0] }
    }

    /// The ways that the machine's streams really go, by the names of their events.
    ///
    /// They are ordered as those of requests are.
    ///
    /// - Parameters:
    ///   - query: Which streams.
    ///   - foldsRepeats: Whether events in a row under one name count as one.
    ///   - limit: Most variants.
    ///   - now: The instant that ages count from, of which a predicate may ask.
    /// - Returns: The variants, with a key as the example of each.
    /// - Throws: ``IncidentError``.
    /// - Complexity: As ``departures(_:limit:now:)``.
    public func variants(
        _ query: StreamPathQuery<Rules.Standing> = StreamPathQuery(),
        foldsRepeats: Bool = false,
        limit: Int = 20,
        now: Timestamp
    ) async throws(IncidentError) -> VariantReport {
        let paths = try await paths(query, now: now)
        var tally = VariantTally(level: .type, foldsRepeats: foldsRepeats)
        for path in paths.all { tally.take(path) }
        return try await tally.report(limit, words: paths.words) { paths.keys[$0] }
    }

    /// What follows what in the machine's streams, how often and after how long.
    ///
    /// An edge is undeclared where the event that it leads to departs from the declared path.
    ///
    /// - Parameters:
    ///   - query: Which streams.
    ///   - foldsRepeats: Whether events in a row under one name count as one visit.
    ///   - now: The instant that ages count from, of which a predicate may ask.
    /// - Returns: The map, with all its edges.
    /// - Throws: ``IncidentError``.
    /// - Complexity: As ``departures(_:limit:now:)``.
    public func processMap(
        _ query: StreamPathQuery<Rules.Standing> = StreamPathQuery(),
        foldsRepeats: Bool = false,
        now: Timestamp
    ) async throws(IncidentError) -> ProcessMap {
        let paths = try await paths(query, now: now)
        var builder = ProcessMapBuilder(foldsRepeats: foldsRepeats)
        for path in paths.all { builder.take(path, by: .type) }
        return builder.map(of: MapRules(machine.streamKind, machine.declaredPath), paths.words)
    }

    /// Gathers the ways of all streams in one pass, in the order in which they began.
    private func paths(
        _ query: StreamPathQuery<Rules.Standing>,
        now: Timestamp
    ) async throws(IncidentError) -> StreamPaths {
        var names = StreamNames(of: machine.streamKind)
        var streams = StreamMap<GatheredStream<Rules.State>>()
        var vocabulary = StepVocabulary()
        let none = vocabulary.number(of: "")
        try await forEachStep(from: .first, upTo: try await bound(), naming: &names) {
            id,
            number,
            step in
            let word = step.event.map { vocabulary.number(of: machine.name(of: $0)) }
            streams[number, default: GatheredStream(id, machine.initial)]
                .take(step, self, word: word, none: none)
            return .proceed
        }
        let words = (0..<UInt32(vocabulary.count)).map { vocabulary.text($0) }
        let span = query.span
        var paths = StreamPaths(words: words)
        for stream in streams.values {
            guard stream.steps.contains(where: { span.covers($0.createdAt) }) else { continue }
            if let predicate = query.predicate {
                let standing = machine.standing(stream.state, of: stream.id, now: now)
                guard predicate.matches(standing) else { continue }
            }
            paths.add(stream.id.key, stream.steps, along: machine.declaredPath, tenant: none)
        }
        return paths
    }
}

/// The ways of a machine's streams.
private struct StreamPaths {
    let words: [String]
    private(set) var keys: [String] = []
    private(set) var all: [RequestPath] = []

    init(words: [String]) { self.words = words }

    mutating func add(
        _ key: String,
        _ steps: [PathStep],
        along path: EventPath?,
        tenant: UInt32
    ) {
        let judged = JudgedPath(steps, along: path, words: words)
        all.append(RequestPath(index: keys.count, path: judged, tenant: tenant))
        keys.append(key)
    }
}

/// One stream as it is met, event by event.
private struct GatheredStream<State: Hashable & Sendable> {
    let id: StreamID
    private(set) var state: State
    private(set) var steps: [PathStep] = []

    init(_ id: StreamID, _ initial: State) {
        self.id = id
        state = initial
    }

    mutating func take<Rules: InspectableMachine>(
        _ step: MachineStep<Rules.Event>,
        _ view: MachineView<Rules>,
        word: UInt32?,
        none: UInt32
    ) where Rules.State == State {
        view.take(step, into: &state)
        guard view.machine.isSeen(state) else {
            steps = []
            return
        }
        guard let event = step.event, let word else { return }
        let row = view.machine.reportRow(of: event, occurredAt: step.occurredAt)
        steps.append(
            PathStep(
                order: EventOrder(
                    number: Int64(clamping: step.sequence.rawValue),
                    position: step.position
                ),
                createdAt: row.happenedAt ?? step.recordedAt,
                attempt: row.attempt,
                tenant: none,
                stage: none,
                eventType: word,
                previous: 0,
                status: row.status?.code ?? .other,
                isRetryable: row.isRetryable,
                isNumbered: false
            )
        )
    }
}
