public import CairnCore
internal import CairnDomains
internal import CairnJournal

/// A failed event whose time to be tried again has come.
public struct RetryRow: Hashable, Sendable {
    /// `pagw_id`.
    public let requestID: String
    /// `tenant`.
    public let tenant: String
    /// `stage`, as the event has it.
    public let stage: String
    /// `event_type`.
    public let eventType: String
    /// `error_code`.
    public let errorCode: String?
    /// `error_message`.
    public let errorMessage: String?
    /// `attempt`.
    public let attempt: Int64
    /// `next_retry_at`: the event's own, or in the list of open ones that of a later plan.
    public let nextRetryAt: Timestamp
    /// `sequence_no`.
    public let sequenceNumber: Int64
    /// Where the event stands.
    public let position: Position
}

extension PipelineView {
    /// The failed retryable events that are due: the second query of seed 002.
    ///
    /// First due first, then by `pagw_id` and `sequence_no`. The seed's query also gives
    /// failures that are long made good. The open ones are those that a request still waits on:
    /// no later event (by `sequence_no`) of the same stage was completed or skipped, none tried
    /// it again (a started try must not be doubled, and a failed one stands in the list itself),
    /// and the request did not end. A later `RETRY_SCHEDULED` of the stage that names a time
    /// replaces the failure's own, if it had one; where it follows no failure that is open, it
    /// is in the list itself.
    ///
    /// - Parameters:
    ///   - tenant: Whose events; nil for all.
    ///   - now: The instant up to which a retry is due.
    ///   - openOnly: Whether to leave out what is not open.
    ///   - limit: Most rows; the seed's 100 by default.
    /// - Returns: A row for each failure that is due.
    /// - Throws: ``IncidentError``.
    /// - Complexity: Where tables are kept, the rows and the events since; with `openOnly` the open
    ///   requests as well. Otherwise one pass over the journal; memory for each failure that is due,
    ///   or with `openOnly` for each stage of each request.
    public func retries(
        tenant: String? = nil,
        now: Timestamp,
        openOnly: Bool = false,
        limit: Int = 100
    ) async throws(IncidentError) -> [RetryRow] {
        let bound = try await bound()
        let limit = max(limit, 0)
        guard !openOnly else {
            return try await retryRows(
                of: openTries(of: tenant, at: now, upTo: bound),
                limit: limit
            )
        }
        let query = FailureQuery(tenant: tenant, now: now, bound: bound, limit: max(limit, 1))
        if let due = try await keptFailures(query) {
            return try await retryRows(of: due, limit: limit)
        }
        return try await retryRows(of: failures(query), limit: limit)
    }

    /// The failures that are due, by what is kept and the events since; nil where nothing is.
    private func keptFailures(
        _ query: FailureQuery
    ) async throws(IncidentError) -> [DueTry]? {
        guard let checkpoints else { return nil }
        let removals = try await removals(upTo: query.bound)
        guard
            let kept = try await checkpoints.failures(
                query,
                definition: definition,
                removals: removals
            )
        else { return nil }
        guard kept.position < query.bound else { return kept.due }
        return kept.due + (try await failures(query, from: kept.position.next, without: removals))
    }

    /// The failures that are due, by going through the events.
    private func failures(
        _ query: FailureQuery,
        from start: Position? = nil,
        without removals: StreamRemovals? = nil
    ) async throws(IncidentError) -> [DueTry] {
        var due: [DueTry] = []
        try await scan(
            tenant: query.tenant,
            from: start,
            upTo: query.bound,
            without: removals
        ) { scanned, _ in
            if let failure = DueTry(failure: scanned.step, at: scanned.header.position),
                failure.nextRetryAt <= query.now
            {
                due.append(failure)
            }
            return .proceed
        }
        return due
    }

    private func openTries(
        of tenant: String?,
        at now: Timestamp,
        upTo bound: Position
    ) async throws(IncidentError) -> [DueTry] {
        if let standing = try await standing(of: tenant, upTo: bound) {
            return standing.fleet.due(of: tenant, at: now)
        }
        var tries = StageTries(definition)
        try await scan(tenant: tenant, upTo: bound) { scanned, frame in
            tries.take(scanned, frame)
            return .proceed
        }
        return tries.open.due(at: now)
    }

    /// Sorts as the query does, and copies out no more events than the limit needs.
    func retryRows(
        of due: [DueTry],
        limit: Int
    ) async throws(IncidentError) -> [RetryRow] {
        let sorted = due.sorted { $0.nextRetryAt < $1.nextRetryAt }
        guard limit > 0, !sorted.isEmpty else { return [] }
        // All that are as early as the last one in the limit: names decide which of them are in.
        let last = sorted[min(limit, sorted.count) - 1].nextRetryAt
        let candidates = sorted.prefix { $0.nextRetryAt <= last }
        let times = Dictionary(
            candidates.map { ($0.position, $0.nextRetryAt) },
            uniquingKeysWith: min
        )
        var rows: [RetryRow] = []
        for row in try await self.rows(at: candidates.map(\.position)) {
            guard let nextRetryAt = times[row.position] else { continue }
            rows.append(RetryRow(row, nextRetryAt: nextRetryAt))
        }
        rows.sort { left, right in
            if left.nextRetryAt != right.nextRetryAt { return left.nextRetryAt < right.nextRetryAt }
            if !left.requestID.hasSameBytes(as: right.requestID) {
                return left.requestID.hasBytes(before: right.requestID)
            }
            return (left.sequenceNumber, left.position) < (right.sequenceNumber, right.position)
        }
        return Array(rows.prefix(limit))
    }
}

/// What the stages of requests leave to be tried again, by a definition.
struct StageTries {
    private(set) var open = OpenRetries()
    private var vocabulary = StepVocabulary()
    private var meanings: StepMeanings

    init(_ definition: PipelineDefinition) { meanings = StepMeanings(definition) }

    mutating func take(_ scanned: ScannedStep, _ frame: RawSpan) {
        let words = vocabulary.words(of: scanned, in: frame)
        open.take(
            scanned,
            stage: meanings.stage(of: words.stage, in: &vocabulary),
            isEnd: meanings.isEnd(words.eventType, in: vocabulary)
        )
    }
}

extension RetryRow {
    init(_ row: EventRow, nextRetryAt: Timestamp) {
        requestID = row.requestID
        tenant = row.event.tenant
        stage = row.event.stage
        eventType = row.event.eventType
        errorCode = row.event.errorCode
        errorMessage = row.event.errorMessage
        attempt = row.event.attempt
        self.nextRetryAt = nextRetryAt
        sequenceNumber = row.sequenceNumber
        position = row.position
    }
}
