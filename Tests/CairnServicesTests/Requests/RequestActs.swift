import Cairn
import CairnTesting

/// Rows of few requests with much that is odd, and what stands between them, one event each.
struct RequestActs {
    let appends: [StreamAppend]

    private static let stages = [
        ("PARSING", "PARSE"), ("PARSER", "PARSE"), ("VALIDATION", "VAL"),
        ("API_CONNECTOR", "DOWNSTREAM"), ("SUBSCRIPTION_HANDLER", "NOTIFY"),
        ("OUTBOX_PUBLISHER", "PUBLISH"), ("Pr\u{FC}fung", "X"),
    ]

    /// Makes a history.
    ///
    /// - Parameters:
    ///   - seed: What chooses everything.
    ///   - count: How many events.
    ///   - isMixed: Whether a request may have rows of several tenants.
    /// - Throws: What making events throws.
    init(seed: UInt64, count: Int, isMixed: Bool) throws {
        var random = SeededGenerator(seed: seed)
        var appends: [StreamAppend] = []
        var numbers: [String: Int64] = [:]
        for index in 0..<count {
            // Requests come and go: few of them are at work at a time.
            let request = "R-\(index / 12 + random.below(6))"
            let stream = try PipelineEvent.streamID(request: request)
            if random.isHit(1, outOf: 25) {
                let noise = try NewEvent(
                    type: "noted",
                    occurredAt: .unixEpoch,
                    mayBeIgnored: true,
                    payload: []
                )
                let other = try StreamID("noise/\(random.below(3))")
                let target = random.isHit(1, outOf: 2) ? stream : other
                appends.append(StreamAppend([noise], to: target))
                continue
            }
            let number = numbers[request, default: 0] + 1
            numbers[request] = number
            let row = Self.row(number, index, request, isMixed: isMixed, &random)
            appends.append(StreamAppend([try row.newEvent(id: nil)], to: stream))
        }
        self.appends = appends
    }

    static func time(_ index: Int) -> Timestamp { Timestamp(nanoseconds: Int64(index) * minute) }

    private static let minute: Int64 = 60_000_000_000

    private static func row(
        _ number: Int64,
        _ index: Int,
        _ request: String,
        isMixed: Bool,
        _ random: inout SeededGenerator
    ) -> PipelineEvent {
        let (stage, prefix) = random.pick(stages)
        let words = [
            "STARTED", "COMPLETED", "COMPLETED", "COMPLETED", "FAILED", "SKIPPED",
            "RETRY_SCHEDULED", "ODD",
        ]
        let status = random.pick(words)
        let suffix = ["STARTED": "START", "COMPLETED": "OK", "FAILED": "FAIL"][status] ?? status
        var row = PipelineEvent(
            tenant: request.utf8.count % 2 == 0 ? "anthem" : "bcbs",
            stage: stage,
            eventType: random.isHit(1, outOf: 10) ? "DOWNSTREAM_TIMEOUT" : "\(prefix)_\(suffix)",
            status: PipelineStatus(status),
            createdAt: time(index - random.below(3))
        )
        if random.isHit(1, outOf: 6) {
            // Ends the request, until it goes on after all.
            (row.stage, row.eventType) = ("SUBSCRIPTION_HANDLER", "NOTIFY_OK")
            row.status = .completed
        }
        if isMixed, random.isHit(1, outOf: 40) { row.tenant = "other" }
        switch random.below(10) {
        case 0: break
        case 1: row.sequenceNumber = random.draw(-5...20)
        default: row.sequenceNumber = number
        }
        row.attempt = random.draw(1...3)
        row.isRetryable = !random.isHit(1, outOf: 5)
        if random.isHit(1, outOf: 2) {
            row.nextRetryAt = time(index + random.below(20))
        }
        if random.isHit(2, outOf: 3) { row.workerID = "pod-\(random.below(5))" }
        if random.isHit(1, outOf: 3) { row.errorCode = "E\(random.below(4))" }
        if random.isHit(1, outOf: 3) { row.metadata = Array("{\"n\":\(random.below(20))}".utf8) }
        return row
    }

    /// A journal cut behind some number of events.
    func journal(upTo count: Int? = nil) async throws -> MemoryJournal {
        let journal = MemoryJournal()
        try await journal.append(Array(appends.prefix(count ?? appends.count)))
        return journal
    }
}

extension PipelineView {
    /// What the lists say, one text for each row, whatever the moment that is asked about.
    func lists(at now: Timestamp) async throws -> [String] {
        var found: [String] = []
        for tenant in [nil, "anthem", "other"] {
            for usesDeadlines in [false, true] {
                found += try await stuck(
                    tenant: tenant,
                    now: now,
                    olderThan: .seconds(300),
                    usesDeadlines: usesDeadlines
                ).map { "stuck \(tenant ?? "") \($0)" }
            }
            for openOnly in [false, true] {
                found += try await retries(tenant: tenant, now: now, openOnly: openOnly)
                    .map { "retry \(tenant ?? "") \(openOnly) \($0)" }
            }
            found += try await retries(tenant: tenant, now: now, limit: 3)
                .map { "early \(tenant ?? "") \($0)" }
            found += try await lines(RequestQuery(tenant: tenant), now: now)
                .map { "line \(tenant ?? "") \($0)" }
        }
        let queries = [
            RequestQuery(status: "FAILURE", limit: 3), RequestQuery(stage: "PARSER"),
            RequestQuery(
                predicate: try Predicate("not terminal and anomaly_count > 1 or error_code == E1")
            ),
            RequestQuery(predicate: try Predicate("metadata.n > 10"), limit: 4),
            RequestQuery(predicate: try Predicate("stages.PARSING.status == FAILED")),
        ]
        for (index, query) in queries.enumerated() {
            found += try await lines(query, now: now).map { "line \(index) \($0)" }
        }
        return found
    }
}
