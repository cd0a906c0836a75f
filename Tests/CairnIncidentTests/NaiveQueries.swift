import CairnCore
import CairnDomains
import CairnIncident

/// The queries of seed 002, transliterated from their SQL: slow, and plainly the same.
struct NaiveQueries {
    let rows: [History.Row]

    init(_ history: History, tenant: String?) {
        rows = history.rows.filter { tenant == nil || $0.event.tenant == tenant }
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func isBefore(_ left: [[UInt8]], _ right: [[UInt8]]) -> Bool {
        for (left, right) in zip(left, right) where left != right {
            return left.lexicographicallyPrecedes(right)
        }
        return false
    }

    /// `SELECT DISTINCT ON (pagw_id) ... ORDER BY pagw_id, sequence_no DESC`, with its filter.
    func stuck(now: Timestamp, span: (String) -> TimeSpan) -> [String] {
        let latest = Dictionary(grouping: rows, by: \.requestID).compactMap { _, rows in
            rows.max { ($0.number, $0.position) < ($1.number, $1.position) }
        }
        return
            latest
            .filter { ["STARTED", "FAILED"].contains($0.event.status.word) }
            .filter { $0.event.createdAt < now.adding(span($0.event.stage).negated) }
            .sorted { left, right in
                left.event.createdAt == right.event.createdAt
                    ? isBefore([bytes(left.requestID)], [bytes(right.requestID)])
                    : left.event.createdAt < right.event.createdAt
            }
            .map { row in
                "\(row.requestID) \(row.event.stage) \(row.event.eventType) \(row.event.status) "
                    + "\(row.event.createdAt) \(now.since(row.event.createdAt).secondsText)"
            }
    }

    /// `WHERE status = 'FAILED' AND retryable AND next_retry_at <= NOW() ORDER BY next_retry_at`.
    func retries(now: Timestamp, openOnly: Bool, limit: Int) -> [String] {
        let all = openOnly ? openTries() : failures()
        let due = all.filter { $0.0 <= now }
        let sorted = due.sorted { left, right in
            if left.0 != right.0 { return left.0 < right.0 }
            if left.1.requestID != right.1.requestID {
                return isBefore([bytes(left.1.requestID)], [bytes(right.1.requestID)])
            }
            return (left.1.number, left.1.position) < (right.1.number, right.1.position)
        }
        return sorted.prefix(limit).map { retryAt, row in
            "\(row.requestID) \(row.number) \(row.position) \(retryAt) \(row.event.attempt)"
        }
    }

    private func failures() -> [(Timestamp, History.Row)] {
        rows.compactMap { row in
            guard row.event.status == .failed, row.event.isRetryable else { return nil }
            return row.event.nextRetryAt.map { ($0, row) }
        }
    }

    /// What each stage waits for after all rows, walked through in the order of the source.
    private func openTries() -> [(Timestamp, History.Row)] {
        let aliases = ["PARSER": "PARSING", "VALIDATOR": "VALIDATION"]
        return Dictionary(grouping: rows, by: \.requestID).values.flatMap { rows in
            var waiting: [String: (Timestamp?, History.Row)] = [:]
            for row in rows.sorted(by: { ($0.number, $0.position) < ($1.number, $1.position) }) {
                let event = row.event
                let stage = aliases[event.stage] ?? event.stage
                switch event.status.word {
                case "STARTED", "COMPLETED", "SKIPPED": waiting[stage] = nil
                case "FAILED": waiting[stage] = (event.isRetryable ? event.nextRetryAt : nil, row)
                case "RETRY_SCHEDULED":
                    guard let nextRetryAt = event.nextRetryAt else { break }
                    let failure = waiting[stage].map(\.1)
                    let shown = failure?.event.status == .failed ? failure : nil
                    waiting[stage] = (nextRetryAt, shown ?? row)
                default: break
                }
                if event.eventType == "NOTIFY_OK" { waiting = [:] }
            }
            return waiting.values.compactMap { time, row in time.map { ($0, row) } }
        }
    }

    /// `GROUP BY event_type, status ORDER BY event_count DESC`.
    func stats(since: Timestamp) -> [String] {
        let recent = rows.filter { $0.event.createdAt >= since }
        let groups = Dictionary(grouping: recent) {
            [bytes($0.event.eventType), bytes($0.event.status.word)]
        }
        let sorted = groups.sorted { left, right in
            left.value.count == right.value.count
                ? isBefore(left.key, right.key) : left.value.count > right.value.count
        }
        return sorted.map { key, rows in
            let durations = rows.compactMap(\.event.durationMilliseconds)
            let words = key.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
            let sum = durations.reduce(0, +)
            let mean = durations.isEmpty ? "null" : "\(sum)/\(durations.count)"
            return "\(words) \(rows.count) \(mean) \(durations.max().map(String.init) ?? "null")"
        }
    }

    /// `PERCENTILE_CONT(0.95)`, `GROUP BY stage, event_type ORDER BY avg_ms DESC`.
    func slowest(since: Timestamp, limit: Int) -> [String] {
        let completed = rows.filter {
            $0.event.status == .completed && $0.event.createdAt >= since
                && $0.event.durationMilliseconds != nil
        }
        let groups = Dictionary(grouping: completed) {
            [bytes($0.event.stage), bytes($0.event.eventType)]
        }.mapValues { $0.compactMap(\.event.durationMilliseconds).sorted() }
        let sorted = groups.sorted { left, right in
            // Means are compared as fractions; the sums here are small.
            let (leftSum, rightSum) = (left.value.reduce(0, +), right.value.reduce(0, +))
            let products = (leftSum * Int64(right.value.count), rightSum * Int64(left.value.count))
            return products.0 == products.1
                ? isBefore(left.key, right.key) : products.0 > products.1
        }
        return sorted.prefix(limit).map { key, durations in
            let words = key.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
            let place = 0.95 * Double(durations.count - 1)
            let lower = Double(durations[Int(place)])
            let upper = Double(durations[min(Int(place) + 1, durations.count - 1)])
            let percentile = lower + (place - Double(Int(place))) * (upper - lower)
            let sum = durations.reduce(0, +)
            let max = durations.max() ?? 0
            return "\(words) \(durations.count) \(sum)/\(durations.count) \(max) \(percentile)"
        }
    }

    /// `ORDER BY created_at DESC LIMIT n` over what a filter leaves.
    func find(limit: Int, _ isWanted: (History.Row) -> Bool) -> [UInt64] {
        let sorted = rows.filter(isWanted).sorted { left, right in
            if left.event.createdAt != right.event.createdAt {
                return left.event.createdAt > right.event.createdAt
            }
            if left.requestID != right.requestID {
                return isBefore([bytes(left.requestID)], [bytes(right.requestID)])
            }
            return (left.number, left.position) < (right.number, right.position)
        }
        return sorted.prefix(limit).map(\.position)
    }
}
