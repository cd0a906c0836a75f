import CBaselines
import Cairn

/// The five queries of seed 002, asked of a fleet of requests by one of its tenants.
///
/// A row of an answer is its cells as PostgreSQL prints them; what both sides must give is found
/// here by going through the events.
struct Questions {
    enum Kind: String, CaseIterable {
        case timeline
        case stuck
        /// All failures whose time has come, long made good or not, as the seed asks.
        case due
        /// Those of them that a request still waits on.
        case dueOpen = "due-open"
        case stats
        case slowest

        /// The question of a row.
        init?(row: String) {
            guard row.hasPrefix("query-") else { return nil }
            self.init(rawValue: String(row.dropFirst(6)))
        }
    }

    let fleet: Fleet
    /// The tenant whose requests are abandoned, so that some of them are stuck.
    let tenant = "tenant-7"
    /// Half a minute less than the seed's quarter of an hour after the last event: what has rested
    /// for half a minute by then is stuck.
    let now: Timestamp
    /// The full hour a day before, and a week before.
    let dayBefore: Timestamp
    let weekBefore: Timestamp

    init(_ fleet: Fleet) {
        self.fleet = fleet
        let hour: Int64 = 3_600_000_000_000
        let now = Int64(fleet.events.count) * Fleet.spacing + 870_000_000_000
        self.now = Timestamp(nanoseconds: now)
        dayBefore = Timestamp(nanoseconds: (now / hour - 24) * hour)
        weekBefore = Timestamp(nanoseconds: (now / hour - 168) * hour)
    }

    static func requestID(_ number: UInt32) -> String { "PAGW-20251225-\(number)-ABC" }

    /// Requests whose timelines are asked for, drawn by their events.
    var sampledRequests: [UInt32] {
        fleet.moments(count: min(500, fleet.requestCount)).map {
            fleet.events[Int($0) - 1].request
        }
    }

    func hash(_ kind: Kind, askCount: Int) -> UInt64 {
        if kind == .timeline {
            var rows: [UInt32: [[String]]] = [:]
            for request in sampledRequests { rows[request] = [] }
            for (index, event) in fleet.events.enumerated() where rows[event.request] != nil {
                rows[event.request]?.append(timelineRow(event, at: index))
            }
            return sampledRequests.reduce(0) { Self.hash(rows[$1] ?? [], after: $0) }
        }
        let rows = rows(kind)
        return (0..<askCount).reduce(0) { hash, _ in Self.hash(rows, after: hash) }
    }

    private func rows(_ kind: Kind) -> [[String]] {
        switch kind {
        case .timeline: []
        case .stuck: stuckRows
        case .due: dueRows { _ in true }
        case .dueOpen:
            dueRows { index in latest[Int(fleet.events[index].request)] == index }
        case .stats: statsRows
        case .slowest: slowestRows
        }
    }

    static func hash(_ rows: [[String]], after hash: UInt64) -> UInt64 {
        rows.reduce(hash) { hash, cells in
            cb_row_end_hash(
                cells.reduce(hash) { cb_cell_hash($0, $1, UInt64($1.utf8.count)) }
            )
        }
    }

    private func timelineRow(_ event: Fleet.Event, at index: Int) -> [String] {
        let row = CairnMoments.event(event, at: index)
        return [
            "\(event.step + 1)", row.stage, row.eventType, row.status.word,
            row.durationMilliseconds.map { "\($0)" } ?? "", row.errorCode ?? "",
            row.createdAt.postgresText,
        ]
    }

    /// Where the last event of each request stands.
    private var latest: [Int] {
        var latest = [Int](repeating: 0, count: fleet.requestCount)
        for (index, event) in fleet.events.enumerated() { latest[Int(event.request)] = index }
        return latest
    }

    private func events() -> [(index: Int, event: Fleet.Event, step: Fleet.Step)] {
        fleet.events.enumerated().compactMap { index, event in
            guard CairnMoments.tenant(of: event.request) == tenant else { return nil }
            return (index, event, Fleet.steps[Int(event.step)])
        }
    }
}

extension Questions {
    private var stuckRows: [[String]] {
        let latest = latest
        let border = now.adding(.seconds(-900))
        return events().compactMap { index, event, step in
            let createdAt = Timestamp(nanoseconds: Int64(index) * Fleet.spacing)
            guard latest[Int(event.request)] == index, step.status != 2, createdAt < border else {
                return nil
            }
            let row = CairnMoments.event(event, at: index)
            return [
                Self.requestID(event.request), step.stage, step.eventType, row.status.word,
                createdAt.postgresText,
            ]
        }
    }

    private func dueRows(_ isWanted: (Int) -> Bool) -> [[String]] {
        // Failures are due in the order they came, each as long after it.
        events().filter { $0.step.status == 3 && isWanted($0.index) }.prefix(100)
            .map { index, event, step in
                let row = CairnMoments.event(event, at: index)
                return [
                    Self.requestID(event.request), tenant, step.stage, step.eventType,
                    row.errorCode ?? "", row.errorMessage ?? "", "\(step.attempt)",
                    row.nextRetryAt?.postgresText ?? "",
                ]
            }
    }

    private var statsRows: [[String]] {
        var groups: [[String]: [Int64?]] = [:]
        for (index, event, step) in events() {
            let row = CairnMoments.event(event, at: index)
            guard row.createdAt >= dayBefore else { continue }
            groups[[step.eventType, row.status.word], default: []].append(row.durationMilliseconds)
        }
        return groups.sorted { left, right in
            left.value.count != right.value.count
                ? left.value.count > right.value.count
                : left.key.lexicographicallyPrecedes(right.key)
        }.map { group, values in
            let durations = values.compactMap { $0 }
            return group + [
                "\(values.count)", durations.mean.postgresText ?? "",
                durations.max().map { "\($0)" } ?? "",
            ]
        }
    }

    private var slowestRows: [[String]] {
        var groups: [[String]: [Int64]] = [:]
        for (index, event, step) in events() where step.status == 2 {
            let row = CairnMoments.event(event, at: index)
            guard row.createdAt >= weekBefore, let duration = row.durationMilliseconds else {
                continue
            }
            groups[[step.stage, step.eventType], default: []].append(duration)
        }
        return groups.sorted { left, right in
            let (leftMean, rightMean) = (left.value.mean, right.value.mean)
            return leftMean != rightMean
                ? leftMean > rightMean : left.key.lexicographicallyPrecedes(right.key)
        }.prefix(20).map { group, values in
            let rank = 0.95 * Double(values.count - 1)
            let sorted = values.sorted()
            let low = Double(sorted[Int(rank)])
            let high = Double(sorted[Int(rank.rounded(.up))])
            let percentile = low + (rank - rank.rounded(.down)) * (high - low)
            return group + [
                "\(values.count)", values.mean.postgresText ?? "", "\(sorted[sorted.count - 1])",
                percentile.postgresText,
            ]
        }
    }
}

extension [Int64] {
    fileprivate var mean: ExactMean {
        ExactMean(sum: reduce(0) { $0 + Int128($1) }, count: Int64(count))
    }
}

extension Double {
    /// As PostgreSQL prints numbers of ordinary size.
    var postgresText: String {
        let text = description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

extension Timestamp {
    /// As PostgreSQL prints it in UTC, without zeros at the end.
    var postgresText: String {
        var text = rfc3339
        text.removeLast()
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text.replacing("T", with: " ") + "+00"
    }
}
