import CairnCore
import CairnDomains
import CairnIncident

/// What requests did beside their definition, worked out row by row: slow, and plainly so.
struct NaivePaths {
    struct Request {
        let id: String
        let tenant: String
        /// By `sequence_no`, and by sequence where that repeats.
        let rows: [History.Row]
        let anomalies: [[PipelineAnomaly.Kind]]
        let isTerminal: Bool
    }

    struct Found {
        let kind: String
        let row: History.Row
        let place: Int
        let at: Timestamp
        let skipped: String?
    }

    let definition: PipelineDefinition
    let query: ConformanceQuery
    let now: Timestamp
    private(set) var requests: [Request] = []

    /// Takes what the machine finds odd from the timelines.
    init(
        _ history: History,
        _ view: PipelineView,
        _ query: ConformanceQuery,
        now: Timestamp
    ) async throws {
        definition = view.definition
        self.query = query
        self.now = now
        var seen: [String] = []
        for row in history.rows where !seen.contains(row.requestID) { seen.append(row.requestID) }
        for id in seen {
            let rows = history.rows.filter { $0.requestID == id }
            guard query.tenant == nil || rows[0].event.tenant == query.tenant,
                rows.contains(where: { isAsked($0.event.createdAt) })
            else { continue }
            let timeline = try await view.timeline(of: id)
            if let predicate = query.predicate {
                let row = RequestRow(requestID: id, state: timeline.state, now: now)
                guard predicate.matches(row) else { continue }
            }
            requests.append(
                Request(
                    id: id,
                    tenant: rows[0].event.tenant,
                    rows: rows.sorted { ($0.number, $0.sequence) < ($1.number, $1.sequence) },
                    anomalies: timeline.entries.map(\.anomalies),
                    isTerminal: timeline.state.isTerminal
                )
            )
        }
    }

    func isAsked(_ time: Timestamp) -> Bool {
        (query.since.map { time >= $0 } ?? true) && (query.until.map { time < $0 } ?? true)
    }

    func type(_ row: History.Row) -> PipelineDefinition.EventType? {
        definition.eventTypes.first { $0.name == row.event.eventType }
    }

    func stage(_ row: History.Row) -> String { definition.stageName(of: row.event.stage) }

    private func status(_ row: History.Row) -> String {
        let word = row.event.status.word
        let known = ["STARTED", "COMPLETED", "FAILED", "SKIPPED", "RETRY_SCHEDULED"]
        return known.contains(word) ? word : type(row)?.status.word ?? "?"
    }

    /// Whether a stage can be reached by declared steps that avoid another one.
    private func isReachable(_ goal: String, avoiding avoided: String?) -> Bool {
        var reached = definition.stages.filter { $0.follows.isEmpty }.map(\.name)
            .filter { $0 != avoided }
        while true {
            let more = definition.stages.filter { stage in
                stage.name != avoided && !reached.contains(stage.name)
                    && stage.follows.contains { reached.contains($0) }
            }
            if more.isEmpty { return reached.contains(goal) }
            reached += more.map(\.name)
        }
    }

    /// Whether the definition knows a name of the request and says how requests end.
    func shouldEnd(_ request: Request) -> Bool {
        definition.eventTypes.contains(where: \.isTerminal)
            && request.rows.contains { row in
                type(row) != nil || definition.stages.contains { $0.name == stage(row) }
            }
    }

    func departures(of request: Request) -> [Found] {
        let rows = request.rows
        var found: [Found] = []
        for (place, row) in rows.enumerated() {
            for kind in request.anomalies[place] {
                found.append(
                    Found(
                        kind: kind.name,
                        row: row,
                        place: place,
                        at: row.event.createdAt,
                        skipped: nil
                    )
                )
            }
        }
        let seen = rows.map(stage)
        for (place, row) in rows.enumerated() where type(row)?.mayComeAnytime != true {
            for other in definition.stages.map(\.name)
            where !seen.contains(other) && isReachable(stage(row), avoiding: nil)
                && !isReachable(stage(row), avoiding: other)
                && !found.contains(where: { $0.skipped == other })
            {
                found.append(
                    Found(
                        kind: "skipped_stage",
                        row: row,
                        place: place,
                        at: row.event.createdAt,
                        skipped: other
                    )
                )
            }
        }
        for (place, row) in rows.enumerated() {
            guard let deadline = definition.deadline(of: row.event.stage) else { continue }
            let isLast = place == rows.count - 1
            let rests =
                status(row) == "STARTED"
                || status(row) == "FAILED" && (!isLast || row.event.isRetryable)
            let end = isLast ? now : rows[place + 1].event.createdAt
            guard rests, end.since(row.event.createdAt) > deadline else { continue }
            let at = row.event.createdAt.adding(deadline)
            found.append(
                Found(kind: "deadline_overrun", row: row, place: place, at: at, skipped: nil)
            )
        }
        if let row = rows.last, !request.isTerminal, shouldEnd(request) {
            let rest = definition.deadline(of: row.event.stage) ?? .seconds(900)
            let stopped =
                ["COMPLETED", "SKIPPED"].contains(status(row))
                || status(row) == "FAILED" && !row.event.isRetryable
            if stopped, now.since(row.event.createdAt) > rest {
                let at = row.event.createdAt.adding(rest)
                found.append(
                    Found(
                        kind: "no_terminal_event",
                        row: row,
                        place: rows.count - 1,
                        at: at,
                        skipped: nil
                    )
                )
            }
        }
        return found.filter { isAsked($0.at) }
    }

    static let ofRows: Set<String> = [
        "late_row", "duplicate_number", "clock_inversion", "unknown_status", "tenant_mismatch",
        "status_contradiction",
    ]

    /// The names of a request's visits, with the places of their first and last rows.
    func visits(
        of request: Request,
        by level: PathLevel,
        folded: Bool
    ) -> [(name: String, first: Int, last: Int)] {
        var visits: [(name: String, first: Int, last: Int)] = []
        for (place, row) in request.rows.enumerated() {
            let name = level == .stage ? stage(row) : row.event.eventType
            if folded, visits.last?.name == name {
                visits[visits.count - 1].last = place
            } else {
                visits.append((name, place, place))
            }
        }
        return visits
    }

    static func percentile(_ fraction: Double, _ values: [Int64]) -> Double {
        let sorted = values.sorted()
        let place = fraction * Double(sorted.count - 1)
        let lower = Double(sorted[Int(place)])
        let upper = Double(sorted[min(Int(place) + 1, sorted.count - 1)])
        return (lower + (place - Double(Int(place))) * (upper - lower)).rounded()
    }
}
