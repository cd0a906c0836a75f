public import CairnCore
internal import CairnDomains

/// What happened to some requests, as one page shows it: a value that holds all that the page
/// says, and knows nothing of the journal it is from.
///
/// The streams of a machine are shown as requests are, each of its events as a row.
///
/// Times are whole microseconds, the earlier one for an instant between two.
public struct Report: Sendable {
    public var requestCount: Int { requests.count }
    public var eventCount: Int { events.count }
    /// The first and the last `created_at`; nil where there is no event.
    public private(set) var createdAt: ClosedRange<Timestamp>?

    let query: ReportQuery
    let definition: PipelineDefinition
    let bound: Position
    let now: Timestamp
    var words = ReportWords()
    /// The words of the stages, those of the definition first and then as they were seen.
    private(set) var lanes: [Int64] = []
    /// How many of the lanes are stages of the definition.
    private(set) var definedLaneCount = 0
    private(set) var requests: [ReportRequest] = []
    /// The events of one request after those of another, each as they were recorded.
    private(set) var events: [ReportEvent] = []
    /// In the order of the requests.
    private(set) var spans: [ReportSpan] = []
    private(set) var changes = ReportChanges()
    private(set) var metadata = ReportMetadata()
    private(set) var buckets: ReportBuckets
    private(set) var failures = ReportFailures()

    /// What streams of a machine have besides; nil for requests of a pipeline.
    let streams: ReportStreams?
    let anomalyNames: [String]
    let requestSlots: [ReportSlot]
    private(set) var members = ReportMembers()

    private let machine: PipelineMachine
    private var laneNumbers: [Int64: Int64] = [:]

    /// Makes a report of the events of each request, in the order in which they were recorded;
    /// no request is without events.
    init(
        _ histories: [[EventRow]],
        of query: ReportQuery,
        stuck: [StuckRow],
        definition: PipelineDefinition,
        upTo bound: Position,
        now: Timestamp,
        streams: ReportStreams? = nil
    ) {
        self.query = query
        self.streams = streams
        let kinds = PipelineAnomaly.Kind.allCases.map(\.name)
        let own = streams.map { $0.path == nil ? [] : ReportStreams.departures.map(\.name) }
        anomalyNames = own ?? kinds
        requestSlots = own.map(ReportSlot.of) ?? ReportSlot.ofRequest
        self.definition = definition
        self.bound = bound
        self.now = now
        machine = PipelineMachine(definition)
        let first = histories.lazy.joined().map(\.event.createdAt).min()
        let last = histories.lazy.joined().map(\.event.createdAt).max()
        if let first, let last { createdAt = first...last }
        buckets = ReportBuckets(
            from: (query.since ?? first ?? now).microseconds,
            // The first instant that is too late is in no stretch.
            to: (query.until.map { $0.adding(TimeSpan(nanoseconds: -1)) } ?? last ?? now)
                .microseconds
        )
        addLanes(histories)
        let spans = ReportSpans(definition)
        var reasons: [ExactText: StuckRow] = [:]
        for row in stuck { reasons[ExactText(row.requestID)] = row }
        for rows in histories { add(rows, spans, stuck: reasons[ExactText(rows[0].requestID)]) }
    }

    private mutating func addLanes(_ histories: [[EventRow]]) {
        var seen: Set<Int64> = []
        var order: [Int64] = []
        for rows in histories {
            for row in rows {
                let word = words.number(of: machine.stageName(of: row.event.stage))
                if seen.insert(word).inserted { order.append(word) }
            }
        }
        let defined = definition.stages.map { words.number(of: $0.name) }
        let reached = defined.filter { seen.contains($0) }
        definedLaneCount = reached.count
        lanes = reached + order.filter { !defined.contains($0) }
        for (number, word) in lanes.enumerated() { laneNumbers[word] = Int64(number) }
    }

    private mutating func add(_ rows: [EventRow], _ spans: ReportSpans, stuck: StuckRow?) {
        let start = events.count
        let steps = streams?.steps[requests.count]
        var state = machine.initial
        var facts = streams.map { StreamFacts(isJudged: $0.path != nil) }
        let tenant = rows[0].event.tenant
        for (index, row) in rows.enumerated() {
            let step = steps?[index]
            var event = event(row, tenant: tenant, in: state, step)
            event.change = change(of: row.event, event, &state, &facts, step)
            buckets.take(
                event,
                isFailed: row.event.status == .failed,
                isCompleted: row.event.status == .completed
            )
            if row.event.status == .failed {
                failures.take(event, ofRequest: requests.count, event: events.count - start)
            }
            events.append(event)
        }
        let own = spans.spans(of: rows, lanes: events[start...].map(\.lane))
        self.spans += own
        countStuck(rows, steps)
        let first = events[start...].map(\.createdAt).min() ?? 0
        buckets.takeBegin(at: first)
        requests.append(
            ReportRequest(
                id: words.number(of: rows[0].requestID),
                tenant: words.number(of: tenant),
                eventCount: rows.count,
                spanCount: own.count,
                failureCount: rows.count { $0.event.status == .failed },
                values: state.reportValues(&words, facts),
                stuckReason: stuck.map { words.number(of: $0.reason.rawValue) },
                stuckSince: stuck?.createdAt.microseconds
            )
        )
    }

    private mutating func event(
        _ row: EventRow,
        tenant: String,
        in state: PipelineState,
        _ step: ReportStreams.Step?
    ) -> ReportEvent {
        let event = row.event
        let stage = machine.stageName(of: event.stage)
        let isSameTenant = event.tenant.hasSameBytes(as: tenant)
        return ReportEvent(
            lane: laneNumbers[words.number(of: stage)] ?? 0,
            eventType: words.number(of: event.eventType),
            status: words.number(of: event.status.word),
            attempt: event.attempt,
            isRetryable: event.isRetryable ? 1 : 0,
            createdAt: event.createdAt.microseconds,
            recordedAt: row.recordedAt.microseconds,
            nextRetryAt: event.nextRetryAt?.microseconds,
            startedAt: event.startedAt?.microseconds,
            completedAt: event.completedAt?.microseconds,
            sequenceNumber: row.sequenceNumber,
            position: Int64(clamping: row.position.rawValue),
            durationMilliseconds: event.durationMilliseconds,
            errorCode: words.number(ifAny: event.errorCode),
            errorMessage: words.number(ifAny: event.errorMessage),
            workerID: words.number(ifAny: event.workerID),
            serviceName: words.number(ifAny: event.serviceName),
            externalReference: words.number(ifAny: event.externalReference),
            givenStage: event.stage.hasSameBytes(as: stage) ? nil : words.number(of: event.stage),
            otherTenant: isSameTenant ? nil : words.number(of: event.tenant),
            metadata: event.metadata.map { metadata.number(of: $0, words: &words) },
            anomalies: step.map(\.anomalies) ?? anomalies(of: event, in: state)
        )
    }

    private func anomalies(of event: PipelineEvent, in state: PipelineState) -> Int64 {
        let kinds = machine.anomalies(of: event, in: state)
        return PipelineAnomaly.Kind.allCases.reduce(0) { bits, kind in
            kinds.contains(kind) ? bits | 1 << Int64(kind.rawValue) : bits
        }
    }

    /// Folds an event, and says what that changed: of the stages, none but the event's own.
    private mutating func change(
        of source: PipelineEvent,
        _ event: ReportEvent,
        _ state: inout PipelineState,
        _ facts: inout StreamFacts?,
        _ step: ReportStreams.Step?
    ) -> Int64 {
        let stage = machine.stageName(of: source.stage)
        let word = lanes[Int(event.lane)]
        let absent = [Int64?](repeating: nil, count: ReportSlot.ofStage.count)
        let isFirst = state.eventCount == 0
        let before = state.reportValues(&words, facts)
        let stageBefore = state[stage: stage]?.reportValues(&words) ?? absent
        machine.evolve(&state, by: source)
        if let step {
            facts?.take(step)
        }
        let after = state.reportValues(&words, facts)
        let stageAfter = state[stage: stage]?.reportValues(&words) ?? absent
        let pattern =
            ReportChanges.pattern(
                // Nothing is known before the first event, not even that something counts 0.
                from: isFirst ? before.map { _ in nil } : before,
                to: after,
                of: requestSlots,
                by: event,
                laneWord: word
            )
            + ReportChanges.pattern(
                from: stageBefore,
                to: stageAfter,
                of: ReportSlot.ofStage,
                base: ReportChanges.stageBase,
                by: event,
                laneWord: word
            )
        return changes.number(of: pattern + memberPattern(step?.changes ?? []))
    }

    private mutating func memberPattern(_ changes: [ReportStreams.MemberChange]) -> [Int64] {
        changes.flatMap { change in
            let slot = ReportChanges.memberBase + members.number(of: change.path)
            guard let value = change.value else {
                return [slot, ReportChanges.Telling.absent.rawValue, 0]
            }
            var writer = JSONWriter()
            writer.value(value)
            let word = words.number(of: writer.text)
            return [slot, ReportChanges.Telling.literal.rawValue, word]
        }
    }

    /// Counts for how long the request rested in each event for longer than it may.
    ///
    /// As of any instant, the latest of the events that were created by then decides.
    private mutating func countStuck(_ rows: [EventRow], _ steps: [ReportStreams.Step]?) {
        let times = rows.map(\.event.createdAt.microseconds)
        var latest: Int?
        for index in rows.indices.sorted(by: { (times[$0], $0) < (times[$1], $1) }) {
            if let known = latest {
                guard (rows[known].sequenceNumber, known) < (rows[index].sequenceNumber, index)
                else { continue }
                countStuck(rows[known], steps?[known], until: times[index])
            }
            latest = index
        }
        if let latest { countStuck(rows[latest], steps?[latest], until: nil) }
    }

    private mutating func countStuck(
        _ row: EventRow,
        _ step: ReportStreams.Step?,
        until: Int64?
    ) {
        if step?.hasEnded == true { return }
        guard row.event.status == .started || row.event.status == .failed else { return }
        let deadline = query.usesDeadlines ? definition.deadline(of: row.event.stage) : nil
        let since = row.event.createdAt.adding(deadline ?? query.olderThan).microseconds
        if let until, until <= since { return }
        buckets.takeStuck(since: since, until: until, now: now.microseconds)
    }
}

/// A request of a report: what its list shows.
struct ReportRequest: Sendable {
    let id: Int64
    let tenant: Int64
    let eventCount: Int
    let spanCount: Int
    let failureCount: Int
    /// The values of ``ReportSlot/ofRequest`` after all events.
    let values: [Int64?]
    /// Why it is stuck; nil where it is not.
    let stuckReason: Int64?
    /// When the event was created that it rests in.
    let stuckSince: Int64?
}
