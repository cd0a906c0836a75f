public import CairnCore
internal import CairnDomains
internal import CairnJournal

/// Which events to find.
public struct FindQuery: Sendable {
    /// Whose events; nil for all.
    public var tenant: String?
    /// Only this `event_type`.
    public var eventType: String?
    /// Only this `stage`, as the rows have it.
    public var stage: String?
    /// Only this `status`; `SUCCESS` and `FAILURE` are taken as what they mean.
    public var status: String?
    /// The first `created_at`.
    public var since: Timestamp?
    /// The first `created_at` that is too late.
    public var until: Timestamp?
    /// What else must hold of an event.
    public var predicate: Predicate<EventRow>?
    /// Most rows.
    public var limit: Int

    public init(
        tenant: String? = nil,
        eventType: String? = nil,
        stage: String? = nil,
        status: String? = nil,
        since: Timestamp? = nil,
        until: Timestamp? = nil,
        predicate: Predicate<EventRow>? = nil,
        limit: Int = 50
    ) {
        self.tenant = tenant
        self.eventType = eventType
        self.stage = stage
        self.status = status
        self.since = since
        self.until = until
        self.predicate = predicate
        self.limit = limit
    }
}

extension FindQuery {
    /// Whether an event is one of those, whatever the limit.
    public func matches(_ row: EventRow) -> Bool {
        let event = row.event
        func isSame(_ wanted: String?, _ found: String) -> Bool {
            wanted?.hasSameBytes(as: found) ?? true
        }
        guard isSame(tenant, event.tenant), isSame(eventType, event.eventType),
            isSame(stage, event.stage),
            isSame(status.map { PipelineStatus($0).word }, event.status.word)
        else { return false }
        if let since, event.createdAt < since { return false }
        if let until, event.createdAt >= until { return false }
        return predicate?.matches(row) ?? true
    }
}

extension PipelineView {
    /// Finds events, as the metadata queries of seed 002 do.
    ///
    /// Newest `created_at` first, then by `pagw_id` and `sequence_no`.
    ///
    /// - Parameter query: Which events, and how many.
    /// - Returns: The rows, whole.
    /// - Throws: ``IncidentError``.
    /// - Complexity: One pass over the journal, backwards, so that on a log that is more or less
    ///   in order few events are looked at closely. Memory for the rows, and for all that share
    ///   the oldest time among them.
    public func find(_ query: FindQuery) async throws(IncidentError) -> [EventRow] {
        guard query.limit > 0 else { return [] }
        let bound = try await bound()
        var names = StreamMap<String>()
        if query.predicate?.fields.contains(.requestID) == true {
            names = try await requestIDs(upTo: bound)
        }
        var filter = StepFilter(query)
        var newest = NewestSteps(limit: query.limit)
        try await scan(tenant: query.tenant, upTo: bound, .backwards) {
            scanned,
            frame throws(PipelineCodecError) in
            let header = scanned.header
            guard newest.mayTake(scanned.step.createdAt), filter.matches(scanned, in: frame) else {
                return .proceed
            }
            if let predicate = query.predicate {
                let event =
                    filter.needsWholeEvent
                    ? try PipelineEvent(header, frame: frame)
                    : PipelineEvent(scanned.step, in: frame.extracting(header.payloadRange))
                let name = names[header.streamNumber] ?? ""
                let row = EventRow(requestID: name, header: header, event: event)
                guard predicate.matches(row) else { return .proceed }
            }
            newest.take(scanned)
            return .proceed
        }
        let rows = try await rows(at: newest.positions())
        let sorted = rows.sorted { left, right in
            if left.event.createdAt != right.event.createdAt {
                return left.event.createdAt > right.event.createdAt
            }
            if !left.requestID.hasSameBytes(as: right.requestID) {
                return left.requestID.hasBytes(before: right.requestID)
            }
            return (left.sequenceNumber, left.position) < (right.sequenceNumber, right.position)
        }
        return Array(sorted.prefix(query.limit))
    }

    /// The ids of all requests.
    private func requestIDs(
        upTo bound: Position
    ) async throws(IncidentError) -> StreamMap<String> {
        var names = StreamMap<String>()
        // A stream that goes on after its removal is named by an event that was removed.
        try await forEachFrame(upTo: bound, withRemoved: true) { header, frame in
            if let id = header.streamID(in: frame)?.key {
                names[header.streamNumber, default: id] = id
            }
            return .proceed
        }
        return names
    }
}

/// The part of a query that needs no more of an event than its step.
private struct StepFilter {
    let query: FindQuery
    /// Whether the predicate looks at a field that a step does not have.
    let needsWholeEvent: Bool
    private var vocabulary: StepVocabulary
    private let wanted: (stage: UInt32?, eventType: UInt32?, status: UInt32?)

    private static let stepFields: Set<EventField> = [
        .requestID, .tenant, .stage, .eventType, .status, .sequenceNumber, .attempt, .isRetryable,
        .nextRetryAt, .durationMilliseconds, .startedAt, .completedAt, .createdAt, .sourceID,
        .position, .sequence, .recordedAt, .type,
    ]

    init(_ query: FindQuery) {
        self.query = query
        needsWholeEvent = query.predicate?.fields.isSubset(of: Self.stepFields) == false
        let status = query.status.map { PipelineStatus($0).word }
        var vocabulary = StepVocabulary()
        wanted = (
            query.stage.map { vocabulary.number(of: $0) },
            query.eventType.map { vocabulary.number(of: $0) },
            status.map { vocabulary.number(of: $0) }
        )
        self.vocabulary = vocabulary
    }

    mutating func matches(_ scanned: ScannedStep, in frame: RawSpan) -> Bool {
        let createdAt = scanned.step.createdAt
        if let since = query.since, createdAt < since { return false }
        if let until = query.until, createdAt >= until { return false }
        guard query.stage != nil || query.eventType != nil || query.status != nil else {
            return true
        }
        let words = vocabulary.words(of: scanned, in: frame)
        return (wanted.eventType ?? words.eventType) == words.eventType
            && (wanted.stage ?? words.stage) == words.stage
            && (wanted.status ?? words.status) == words.status
    }
}

/// The newest steps seen so far: as many as the limit, and all that are as old as the last one.
private struct NewestSteps {
    private let limit: Int
    private var steps: [(createdAt: Timestamp, position: Position)] = []
    private var threshold = Timestamp.distantPast
    private var cutCount: Int

    init(limit: Int) {
        self.limit = limit
        cutCount = limit.addingReportingOverflow(1_024).partialValue
        if cutCount < limit { cutCount = .max }
    }

    func mayTake(_ createdAt: Timestamp) -> Bool { createdAt >= threshold }

    mutating func take(_ scanned: ScannedStep) {
        steps.append((scanned.step.createdAt, scanned.header.position))
        guard steps.count >= cutCount else { return }
        cut()
        // Where many share one time, cutting again soon would find nothing to cut.
        cutCount = max(cutCount, steps.count * 2)
    }

    private mutating func cut() {
        steps.sort { $0.createdAt > $1.createdAt }
        guard steps.count > limit else { return }
        threshold = steps[limit - 1].createdAt
        steps.removeAll { $0.createdAt < threshold }
    }

    mutating func positions() -> [Position] {
        cut()
        return steps.map(\.position)
    }
}

extension EventRow {
    init(requestID: String, header: EventHeader, event: PipelineEvent) {
        self.init(
            requestID: requestID,
            position: header.position,
            sequence: header.sequence,
            recordedAt: header.recordedAt,
            event: event
        )
    }
}

extension PipelineEvent {
    /// An event with those fields that a step has; the others are absent.
    init(_ step: PipelineStep, in payload: RawSpan) {
        self.init(
            tenant: step.tenant.text(in: payload),
            stage: step.stage.text(in: payload),
            eventType: step.eventType.text(in: payload),
            status: PipelineStatus(step, in: payload),
            createdAt: step.createdAt
        )
        sequenceNumber = step.sequenceNumber
        attempt = step.attempt
        isRetryable = step.isRetryable
        durationMilliseconds = step.durationMilliseconds
        nextRetryAt = step.nextRetryAt
        startedAt = step.startedAt
        completedAt = step.completedAt
        sourceID = step.sourceID
    }
}
