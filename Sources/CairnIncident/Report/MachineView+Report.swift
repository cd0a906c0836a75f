public import CairnCore
internal import CairnDomains
internal import CairnJournal

/// Which streams of a machine a report is about, and when they count as stuck.
public struct StreamReportQuery<Standing: FieldResolver>: Sendable {
    /// Exactly these; empty for all that the other fields let through, which are not looked at
    /// otherwise.
    public var keys: [String]
    /// What must hold of a stream's state.
    public var predicate: Predicate<Standing>?
    /// Only streams that were under way in that time: with an event in it, or, where the machine's
    /// path says how streams end, begun before and not ended when it began; nil for all.
    public var incident: IncidentSpan?
    /// How long a stream may rest in what started or failed before it counts as stuck.
    public var olderThan: TimeSpan
    /// Most events that all of the streams may have.
    public var eventCountMax: Int

    public init(
        keys: [String] = [],
        predicate: Predicate<Standing>? = nil,
        incident: IncidentSpan? = nil,
        olderThan: TimeSpan = .seconds(900),
        eventCountMax: Int = 250_000
    ) {
        self.keys = keys
        self.predicate = predicate
        self.incident = incident
        self.olderThan = olderThan
        self.eventCountMax = eventCountMax
    }

    /// The query as the page tells it.
    var told: ReportQuery {
        ReportQuery(
            requestIDs: keys,
            predicateText: predicate?.text,
            since: incident?.from,
            until: incident?.until,
            olderThan: olderThan,
            eventCountMax: eventCountMax
        )
    }
}

extension MachineView {
    /// What happened to some streams, ready to be shown on one page.
    ///
    /// Events are drawn as `reportRow(of:occurredAt:)` says; states are told by the members of
    /// `document(of:)`.
    ///
    /// - Parameters:
    ///   - query: Which streams, with all of their events.
    ///   - now: The instant that is asked about: what rests counts as stuck as of then.
    /// - Returns: The report, which counts streams as requests; without any where none fits.
    /// - Throws: ``IncidentError``, with ``IncidentError/tooManyEvents(max:)`` where the streams
    ///   have more than ``StreamReportQuery/eventCountMax`` events, and
    ///   ``IncidentError/unknownStream(_:)`` for a key without events.
    /// - Complexity: Two passes over the journal, or a read of each stream that is named. Memory
    ///   for the state of each stream of the machine, and of about a kilobyte for each event that
    ///   the report holds; time for a document of the state at each of them.
    public func report(
        _ query: StreamReportQuery<Rules.Standing> = StreamReportQuery(),
        now: Timestamp
    ) async throws(IncidentError) -> Report {
        let bound = try await bound()
        let view = MachineView(journal, machine, asOf: bound)
        let streams =
            query.keys.isEmpty
            ? try await view.streams(of: query, upTo: bound, now: now)
            : try await view.namedStreams(of: query)
        let definition = PipelineDefinition(name: machine.streamKind.name)
        let latest = now.adding(query.olderThan.negated)
        let stuck = streams.compactMap { stream -> StuckRow? in
            guard let row = stream.rows.last, stream.steps.last?.hasEnded == false,
                row.event.status == .started || row.event.status == .failed,
                row.event.createdAt < latest
            else { return nil }
            return StuckRow(row, isWorkerSilent: false, definition: definition, now: now)
        }
        return Report(
            streams.map(\.rows),
            of: query.told,
            stuck: stuck,
            definition: definition,
            upTo: bound,
            now: now,
            streams: ReportStreams(path: machine.declaredPath, steps: streams.map(\.steps))
        )
    }

    private func namedStreams(
        of query: StreamReportQuery<Rules.Standing>
    ) async throws(IncidentError) -> [ReportedStream] {
        var streams: [ReportedStream] = []
        var known: Set<ExactText> = []
        var eventCount = 0
        for key in query.keys where known.insert(ExactText(key)).inserted {
            let stream = try stream(key)
            let steps = try await steps(of: stream)
            let reported = ReportedStream(stream, steps, of: self)
            guard !reported.rows.isEmpty else { throw .unknownStream(stream) }
            eventCount += reported.rows.count
            guard eventCount <= query.eventCountMax else {
                throw .tooManyEvents(max: query.eventCountMax)
            }
            streams.append(reported)
        }
        return streams
    }

    /// The streams that fit, the one that began first before others.
    private func streams(
        of query: StreamReportQuery<Rules.Standing>,
        upTo bound: Position,
        now: Timestamp
    ) async throws(IncidentError) -> [ReportedStream] {
        var names = StreamNames(of: machine.streamKind)
        var candidates = StreamMap<Candidate<Rules>>()
        try await forEachStep(from: .first, upTo: bound, naming: &names) { id, number, step in
            candidates[number, default: Candidate(id, of: self, in: query.incident)].take(step)
            return .proceed
        }
        var chosen = StreamMap<(id: StreamID, steps: [Step])>()
        var eventCount = 0
        for (number, candidate) in zip(candidates.numbers, candidates.values)
        where candidate.fits(query.predicate, now: now) {
            chosen[number, default: (candidate.id, [])].steps.reserveCapacity(candidate.count)
            eventCount += candidate.count
        }
        guard eventCount <= query.eventCountMax else {
            throw .tooManyEvents(max: query.eventCountMax)
        }
        guard chosen.count > 0 else { return [] }
        try await forEachStep(from: .first, upTo: bound, naming: &names) { id, number, step in
            if chosen.index(of: number) != nil {
                chosen[number, default: (id, [])].steps.append(step)
            }
            return .proceed
        }
        return chosen.values.map { ReportedStream($0.id, $0.steps, of: self) }
            .filter { !$0.rows.isEmpty }
            .sorted { left, right in
                let (one, other) = (left.rows[0], right.rows[0])
                if one.event.createdAt != other.event.createdAt {
                    return one.event.createdAt < other.event.createdAt
                }
                return one.requestID.hasBytes(before: other.requestID)
            }
    }
}

/// A stream of which it is not known yet whether a report is about it.
private struct Candidate<Rules: InspectableMachine> {
    let id: StreamID
    private let view: MachineView<Rules>
    private let span: IncidentSpan?
    private var state: Rules.State
    /// Events that a report would have.
    private(set) var count = 0
    private var isWithin = false
    /// The stream as it stood when the time that is asked about began.
    private var earlier: PathWalk

    init(_ id: StreamID, of view: MachineView<Rules>, in span: IncidentSpan?) {
        self.id = id
        self.view = view
        self.span = span
        state = view.machine.initial
        earlier = PathWalk(view.machine.declaredPath)
    }

    mutating func take(_ step: MachineStep<Rules.Event>) {
        view.take(step, into: &state)
        guard view.machine.isSeen(state) else {
            // What was removed is in no report, so none is chosen for it.
            (count, isWithin) = (0, false)
            earlier = PathWalk(view.machine.declaredPath)
            return
        }
        guard let event = step.event else { return }
        count += 1
        guard let span else { return }
        let row = view.machine.reportRow(of: event, occurredAt: step.occurredAt)
        let createdAt = row.happenedAt ?? step.recordedAt
        if span.isAfter(createdAt) {
            _ = earlier.take(view.machine.name(of: event))
        } else if span.covers(createdAt) {
            isWithin = true
        }
    }

    func fits(_ predicate: Predicate<Rules.Standing>?, now: Timestamp) -> Bool {
        guard view.machine.isSeen(state) else { return false }
        guard span == nil || isWithin || earlier.isUnderWay else { return false }
        guard let predicate else { return true }
        return predicate.matches(view.machine.standing(state, of: id, now: now))
    }
}
