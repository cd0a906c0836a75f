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
    /// `next_retry_at`.
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
    /// and the request did not end.
    ///
    /// - Parameters:
    ///   - tenant: Whose events; nil for all.
    ///   - now: The instant up to which a retry is due.
    ///   - openOnly: Whether to leave out what is not open.
    ///   - limit: Most rows; the seed's 100 by default.
    /// - Returns: A row for each failure that is due.
    /// - Throws: ``IncidentError``.
    /// - Complexity: One pass over the journal; memory for each failure that is due, and with
    ///   `openOnly` for each stage of each request.
    public func retries(
        tenant: String? = nil,
        now: Timestamp,
        openOnly: Bool = false,
        limit: Int = 100
    ) async throws(IncidentError) -> [RetryRow] {
        var vocabulary = StepVocabulary()
        var stages = StageNumbers(definition)
        var closed = ClosingEvents()
        var due: [DueStep] = []
        try await scan(tenant: tenant, upTo: try await bound()) { scanned, frame in
            let step = scanned.step
            let retryAt = step.status == .failed && step.isRetryable ? step.nextRetryAt : nil
            guard openOnly || retryAt != nil else { return .proceed }
            let words = vocabulary.words(of: scanned, in: frame)
            let stage = openOnly ? stages.number(of: words.stage, in: vocabulary.stages) : 0
            if openOnly {
                let isEnd = stages.isTerminal(words.eventType, in: vocabulary.eventTypes)
                closed.add(scanned, stage: stage, isEnd: isEnd)
            }
            if let retryAt, retryAt <= now {
                due.append(DueStep(scanned, stage: stage, nextRetryAt: retryAt))
            }
            return .proceed
        }
        if openOnly { due.removeAll { closed.isClosed($0) } }
        return try await rows(of: due, limit: max(limit, 0))
    }

    /// Sorts as the query does, and copies out no more events than the limit needs.
    private func rows(
        of due: [DueStep],
        limit: Int
    ) async throws(IncidentError) -> [RetryRow] {
        let sorted = due.sorted { $0.nextRetryAt < $1.nextRetryAt }
        guard limit > 0, !sorted.isEmpty else { return [] }
        // All that are as early as the last one in the limit: names decide which of them are in.
        let last = sorted[min(limit, sorted.count) - 1].nextRetryAt
        let candidates = sorted.prefix { $0.nextRetryAt <= last }
        var rows: [RetryRow] = []
        for row in try await self.rows(at: candidates.map(\.position)) {
            guard let nextRetryAt = row.event.nextRetryAt else { continue }
            rows.append(RetryRow(row, nextRetryAt: nextRetryAt))
        }
        rows.sort { left, right in
            if left.nextRetryAt != right.nextRetryAt { return left.nextRetryAt < right.nextRetryAt }
            if left.requestID != right.requestID {
                return left.requestID.precedesByBytes(right.requestID)
            }
            return (left.sequenceNumber, left.position) < (right.sequenceNumber, right.position)
        }
        return Array(rows.prefix(limit))
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
