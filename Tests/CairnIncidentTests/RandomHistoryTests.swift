import CairnCore
import CairnDomains
import CairnIncident
import CairnTesting
import CairnJournal
import Testing

/// Every query beside its naive twin, on histories that a seed repeats.
struct RandomHistoryTests {
    static let seeds: Range<UInt64> = 1..<121

    /// What varies from one question to the next.
    struct Question {
        let history: History
        let view: PipelineView
        let tenant: String?
        let now: Timestamp
        let limit: Int
        let naive: NaiveQueries

        init(seed: UInt64) async throws {
            var random = SeededGenerator(seed: seed &* 31)
            let whole = History.random(seed: seed)
            let bound = UInt64.random(in: 0...UInt64(whole.rows.count + 2), using: &random)
            let journal = try await whole.journal()
            history = whole.upTo(bound)
            view = PipelineView(journal, asOf: Position(rawValue: bound))
            tenant = [nil, "anthem", "bcbs", "nobody"][Int.random(in: 0...3, using: &random)]
            now = History.time(minutes: .random(in: 0...120, using: &random))
            limit = Int.random(in: 0...12, using: &random)
            naive = NaiveQueries(history, tenant: tenant)
        }
    }

    @Test(arguments: seeds)
    func `stuck requests are those of the SQL`(seed: UInt64) async throws {
        let question = try await Question(seed: seed)
        for usesDeadlines in [false, true] {
            let rows = try await question.view.stuck(
                tenant: question.tenant,
                now: question.now,
                usesDeadlines: usesDeadlines
            )
            let expected = question.naive.stuck(now: question.now) { stage in
                guard usesDeadlines else { return .seconds(900) }
                return PipelineDefinition.priorAuthorization.deadline(of: stage) ?? .seconds(900)
            }
            let found = rows.map { row in
                "\(row.requestID) \(row.stage) \(row.eventType) \(row.status) \(row.createdAt) "
                    + row.timeStuck.secondsText
            }
            #expect(found == expected, "seed \(seed)")
        }
    }

    @Test(arguments: seeds)
    func `retries are those of the SQL, open or all`(seed: UInt64) async throws {
        let question = try await Question(seed: seed)
        for openOnly in [false, true] {
            let rows = try await question.view.retries(
                tenant: question.tenant,
                now: question.now,
                openOnly: openOnly,
                limit: question.limit
            )
            let expected = question.naive.retries(
                now: question.now,
                openOnly: openOnly,
                limit: question.limit
            )
            let found = rows.map { row in
                "\(row.requestID) \(row.sequenceNumber) \(row.position) \(row.nextRetryAt) "
                    + "\(row.attempt)"
            }
            #expect(found == expected, "seed \(seed)")
        }
    }

    @Test(arguments: seeds)
    func `totals are those of the SQL`(seed: UInt64) async throws {
        let question = try await Question(seed: seed)
        let since = question.now.adding(.seconds(-3_600))
        let stats = try await question.view.stats(tenant: question.tenant, since: since)
        let found = stats.map { row in
            let mean = row.averageDurationMilliseconds.map { "\($0.sum)/\($0.count)" } ?? "null"
            let max = row.durationMillisecondsMax.map(String.init) ?? "null"
            return "\(row.eventType) \(row.status) \(row.eventCount) \(mean) \(max)"
        }
        #expect(found == question.naive.stats(since: since), "seed \(seed)")

        let slowest = try await question.view.slowest(
            tenant: question.tenant,
            since: since,
            limit: question.limit
        )
        let foundSlowest = slowest.map { row in
            "\(row.stage) \(row.eventType) \(row.occurrences) \(row.averageMilliseconds.sum)/"
                + "\(row.averageMilliseconds.count) \(row.millisecondsMax) "
                + "\(row.percentile95Milliseconds)"
        }
        #expect(
            foundSlowest == question.naive.slowest(since: since, limit: question.limit),
            "seed \(seed)"
        )
    }

    @Test(arguments: seeds)
    func `found events are those of the SQL`(seed: UInt64) async throws {
        let question = try await Question(seed: seed)
        var query = FindQuery(tenant: question.tenant, limit: question.limit)
        func expect(_ isWanted: (PipelineEvent, String) -> Bool) async throws {
            let found = try await question.view.find(query).map(\.position.rawValue)
            let expected = question.naive.find(limit: question.limit) {
                isWanted($0.event, $0.requestID)
            }
            #expect(found == expected, "seed \(seed), \(query)")
        }
        try await expect { _, _ in true }
        query.status = "FAILURE"
        query.since = question.now.adding(.seconds(-3_600))
        query.until = question.now
        try await expect { event, _ in
            event.status == .failed && event.createdAt < question.now
                && event.createdAt >= question.now.adding(.seconds(-3_600))
        }
        query = FindQuery(tenant: question.tenant, limit: question.limit)
        query.predicate = try Predicate("metadata.diagnosisCount > 10 and error_code != E1")
        try await expect { event, _ in
            let json = event.metadata.flatMap { try? JSONValue.parse($0) }
            guard case .number(let count) = json?["diagnosisCount"], let code = event.errorCode
            else { return false }
            return (Int(count) ?? 0) > 10 && code != "E1"
        }
        query.predicate = try Predicate("pagw_id in (PAGW-a, PAGW-Z) or attempt == 3 and retryable")
        query.stage = "PARSER"
        try await expect { event, id in
            event.stage == "PARSER"
                && (["PAGW-a", "PAGW-Z"].contains(id) || event.attempt == 3 && event.isRetryable)
        }
    }

    @Test(arguments: seeds)
    func `listed requests have the states that the machine folds`(seed: UInt64) async throws {
        let question = try await Question(seed: seed)
        let machine = PipelineMachine()
        let groups = Dictionary(grouping: question.history.rows, by: \.requestID)
        let states = groups.mapValues { machine.replay($0.map(\.event)) }
        let sorted = states.sorted { left, right in
            let times = (left.value.current?.createdAt, right.value.current?.createdAt)
            guard let leftTime = times.0, let rightTime = times.1, leftTime != rightTime else {
                return left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
            }
            return leftTime > rightTime
        }
        func expect(_ query: RequestQuery, _ isWanted: (PipelineState) -> Bool) async throws {
            let rows = try await question.view.requests(query, now: question.now)
            let expected = sorted.filter { isWanted($0.value) }.prefix(query.limit ?? .max)
            #expect(rows.map(\.requestID) == expected.map(\.key), "seed \(seed), \(query)")
            #expect(rows.map(\.state) == expected.map(\.value), "seed \(seed), \(query)")
        }
        try await expect(RequestQuery()) { _ in true }
        try await expect(RequestQuery(tenant: question.tenant, limit: question.limit)) { state in
            question.tenant == nil || state.tenant == question.tenant
        }
        try await expect(RequestQuery(status: "FAILURE")) { $0.current?.status == .failed }
        try await expect(RequestQuery(stage: "PARSER")) { $0.current?.stage == "PARSING" }
        let predicate = try Predicate<RequestRow>("attempt_max == 3 and anomalies.late_row > 0")
        try await expect(RequestQuery(predicate: predicate, limit: 2)) { state in
            state.attemptMax == 3 && state.anomalies[.lateRow] > 0
        }
    }
}
