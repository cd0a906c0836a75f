import CBaselines
import Cairn

/// The five queries of seed 002 through what an embedder calls.
struct CairnQuestions {
    let questions: Questions

    /// By what an answer is found.
    enum Way {
        /// The tables that a running service keeps, everything in memory.
        case tables
        /// The same from opening the journal on, nothing of whose files is in memory.
        case cold
        /// Going through all events.
        case pass
    }

    /// What a service holds on to between questions.
    private struct Sight {
        let journal: LMDBJournal
        let requests: RequestBoard
        let summary: SummaryBoard

        init(_ directory: String) throws {
            journal = try LMDBJournal(path: directory)
            requests = RequestBoard(journal)
            summary = SummaryBoard(journal)
        }
    }

    private enum Answer {
        case timeline([Timeline.Entry])
        case stuck([StuckRow])
        case retries([RetryRow])
        case stats([StatsRow])
        case summary(HourlyStats)
        case slowest([SlowestRow])
    }

    func ask(
        _ kind: Questions.Kind,
        _ way: Way,
        askCount: Int,
        in directory: String
    ) async throws -> Outcome {
        let requests = kind == .timeline ? questions.sampledRequests.map(Questions.requestID) : []
        let count = kind == .timeline ? requests.count : askCount
        // Of very many questions only so many are asked of a store that is cold.
        let coldCount = way == .cold ? min(askCount, count) : 0
        var latencies: [UInt64] = []
        var hash: UInt64 = 0
        let clock = ContinuousClock()
        var sight = try Sight(directory)
        defer { sight.journal.close() }
        if way != .pass {
            try await sight.requests.catchUp()
            try await sight.summary.catchUp()
        }
        for turn in 0..<count {
            if turn < coldCount {
                sight.journal.close()
                let code = cb_forget_files(directory)
                guard code == 0 else {
                    throw BenchmarkError.baseline(call: "cb_forget_files", code: code)
                }
            }
            let began = clock.now
            if turn < coldCount { sight = try Sight(directory) }
            let answer = try await answer(
                kind,
                way,
                kind == .timeline ? requests[turn] : "",
                sight
            )
            let took = clock.now - began
            if way != .cold || turn < coldCount {
                latencies.append(UInt64(took / .nanoseconds(1)))
            }
            hash = Questions.hash(Self.cells(answer), after: hash)
        }
        return Outcome(eventCount: count, latenciesNanoseconds: latencies, hash: hash)
    }

    private func answer(
        _ kind: Questions.Kind,
        _ way: Way,
        _ request: String,
        _ sight: Sight
    ) async throws -> Answer {
        let (tenant, now) = (questions.tenant, questions.now)
        let view = way == .pass ? PipelineView(sight.journal) : sight.requests.view()
        switch kind {
        case .timeline: return .timeline(try await view.timeline(of: request).entries)
        case .stuck: return .stuck(try await view.stuck(tenant: tenant, now: now))
        case .due: return .retries(try await view.retries(tenant: tenant, now: now))
        case .dueOpen:
            return .retries(try await view.retries(tenant: tenant, now: now, openOnly: true))
        case .stats where way != .pass:
            let query = SummaryQuery(tenant: tenant, since: questions.dayBefore)
            return .summary(HourlyStats(try await sight.summary.rows(query)))
        case .stats:
            return .stats(try await view.stats(tenant: tenant, since: questions.dayBefore))
        case .slowest:
            return .slowest(try await view.slowest(tenant: tenant, since: questions.weekBefore))
        }
    }

    private static func cells(_ answer: Answer) -> [[String]] {
        switch answer {
        case .timeline(let entries): entries.map(cells)
        case .stuck(let rows): rows.map(cells)
        case .retries(let rows): rows.map(cells)
        case .stats(let rows): rows.map(cells)
        case .summary(let sums): sums.rows
        case .slowest(let rows): rows.map(cells)
        }
    }

    private static func cells(_ entry: Timeline.Entry) -> [String] {
        let event = entry.row.event
        return [
            "\(entry.row.sequenceNumber)", event.stage, event.eventType, event.status.word,
            event.durationMilliseconds.map { "\($0)" } ?? "", event.errorCode ?? "",
            event.createdAt.postgresText,
        ]
    }

    private static func cells(_ row: StuckRow) -> [String] {
        [row.requestID, row.stage, row.eventType, row.status.word, row.createdAt.postgresText]
    }

    private static func cells(_ row: RetryRow) -> [String] {
        [
            row.requestID, row.tenant, row.stage, row.eventType, row.errorCode ?? "",
            row.errorMessage ?? "", "\(row.attempt)", row.nextRetryAt.postgresText,
        ]
    }

    private static func cells(_ row: StatsRow) -> [String] {
        [
            row.eventType, row.status.word, "\(row.eventCount)",
            row.averageDurationMilliseconds?.postgresText ?? "",
            row.durationMillisecondsMax.map { "\($0)" } ?? "",
        ]
    }

    private static func cells(_ row: SlowestRow) -> [String] {
        [
            row.stage, row.eventType, "\(row.occurrences)",
            row.averageMilliseconds.postgresText ?? "", "\(row.millisecondsMax)",
            row.percentile95Milliseconds.postgresText,
        ]
    }
}

/// What the sums of single hours and stages come to for a type and status.
private struct HourlyStats {
    private struct Totals {
        var eventCount: Int64 = 0
        var sum: Int128 = 0
        var durationCount: Int64 = 0
        var longest: Int64?
    }

    private var groups: [[String]: Totals] = [:]

    init(_ rows: [SummaryRow]) {
        for row in rows {
            var totals = groups[[row.eventType, row.status.word]] ?? Totals()
            totals.eventCount += row.eventCount
            if let mean = row.averageDurationMilliseconds {
                totals.sum += mean.sum
                totals.durationCount += mean.count
            }
            if let longest = row.durationMillisecondsMax {
                totals.longest = max(totals.longest ?? longest, longest)
            }
            groups[[row.eventType, row.status.word]] = totals
        }
    }

    var rows: [[String]] {
        groups.sorted { left, right in
            left.value.eventCount != right.value.eventCount
                ? left.value.eventCount > right.value.eventCount
                : left.key.lexicographicallyPrecedes(right.key)
        }.map { group, totals in
            let mean = ExactMean(sum: totals.sum, count: totals.durationCount)
            return group + [
                "\(totals.eventCount)", mean.postgresText ?? "",
                totals.longest.map { "\($0)" } ?? "",
            ]
        }
    }
}
