import CBaselines
import Cairn

/// The five queries of seed 002 through what an embedder calls.
struct CairnQuestions {
    let questions: Questions

    /// By what an answer is found.
    enum Way {
        /// The tables that a running service keeps.
        case tables
        /// Going through all events.
        case pass
    }

    func ask(
        _ kind: Questions.Kind,
        _ way: Way,
        askCount: Int,
        in directory: String
    ) async throws -> Outcome {
        let journal = try LMDBJournal(path: directory)
        defer { journal.close() }
        let board = RequestBoard(journal)
        let summary = SummaryBoard(journal)
        if way == .tables {
            try await board.catchUp()
            try await summary.catchUp()
        }
        let view = way == .tables ? board.view() : PipelineView(journal)
        let requests = kind == .timeline ? questions.sampledRequests.map(Questions.requestID) : []
        var latencies: [UInt64] = []
        var hash: UInt64 = 0
        let clock = ContinuousClock()
        func take(_ began: ContinuousClock.Instant, _ rows: () -> [[String]]) {
            latencies.append(UInt64((clock.now - began) / .nanoseconds(1)))
            hash = Questions.hash(rows(), after: hash)
        }
        for turn in 0..<(kind == .timeline ? requests.count : askCount) {
            let began = clock.now
            switch kind {
            case .timeline:
                let found = try await view.timeline(of: requests[turn])
                take(began) { found.entries.map(Self.cells) }
            case .stuck:
                let found = try await view.stuck(tenant: questions.tenant, now: questions.now)
                take(began) { found.map(Self.cells) }
            case .due, .dueOpen:
                let found = try await view.retries(
                    tenant: questions.tenant,
                    now: questions.now,
                    openOnly: kind == .dueOpen
                )
                take(began) { found.map(Self.cells) }
            case .stats where way == .tables:
                let query = SummaryQuery(tenant: questions.tenant, since: questions.dayBefore)
                let found = HourlyStats(try await summary.rows(query)).rows
                take(began) { found }
            case .stats:
                let found = try await view.stats(
                    tenant: questions.tenant,
                    since: questions.dayBefore
                )
                take(began) { found.map(Self.cells) }
            case .slowest:
                let found = try await view.slowest(
                    tenant: questions.tenant,
                    since: questions.weekBefore
                )
                take(began) { found.map(Self.cells) }
            }
        }
        return Outcome(eventCount: latencies.count, latenciesNanoseconds: latencies, hash: hash)
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
