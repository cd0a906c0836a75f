/// Questions about system events, the tables that answer them, and the To Log queue.
extension Rows {
    private var incidents: Incidents { Incidents(count: workload.count, seed: workload.seed) }

    /// A page of the newest system events of one kind.
    func eventsPage(_ filter: Incidents.Filter) -> Row {
        let incidents = incidents
        return Row(
            name: "events-\(filter.rawValue)",
            metric: .latency(quantile: 0.5),
            baseline: "array",
            expectedHash: CairnIncidents.expectedHash(filter, incidents),
            goals: [Goal(Self.cairn, .valueAtMost(100))],
            sides: [
                // Going through an array in memory from its end.
                Side("array") { _ in CairnIncidents.walked(filter, of: incidents) },
                Side(Self.cairn) { bench in
                    let store = try await bench.store(named: "system events") {
                        try await CairnIncidents.fill(incidents, in: $0)
                    }
                    return try await CairnIncidents.pages(filter, of: incidents, in: store)
                },
            ]
        )
    }

    /// The tables of system events built from the first event on.
    func rebuildEvents() -> Row {
        let incidents = incidents
        func side(_ name: String, isStored: Bool) -> Side {
            Side(name) { bench in
                let store = try await bench.store(named: "system events, \(name)") {
                    try await CairnIncidents.fill(incidents, in: $0)
                }
                return try await CairnIncidents.rebuild(incidents, isStored: isStored, in: store)
            }
        }
        return Row(
            name: "rebuild-events",
            metric: .eventsPerSecond,
            baseline: "bare fold",
            expectedHash: CairnIncidents.expectedHash(.level, incidents),
            goals: [Goal(Self.cairn, .ratioAtLeast(0.5, of: "bare fold"))],
            sides: [side("bare fold", isStored: false), side(Self.cairn, isStored: true)]
        )
    }

    /// The sums of requests' events built from the first event on.
    func rebuildSummary() -> Row {
        let summaries = CairnSummaries(count: workload.count)
        func side(
            _ name: String,
            _ run: @escaping (String) async throws -> Outcome
        ) -> Side {
            Side(name) { bench in
                let store = try await bench.store(named: "summaries, \(name)") {
                    try await summaries.fill(in: $0)
                }
                return try await run(store)
            }
        }
        return Row(
            name: "rebuild-summary",
            metric: .eventsPerSecond,
            baseline: "bare fold",
            expectedHash: summaries.expectedHash,
            goals: [Goal(Self.cairn, .ratioAtLeast(0.5, of: "bare fold"))],
            sides: [
                side("bare fold") { try await summaries.rebuild(isStored: false, in: $0) },
                side("dictionary") { try await summaries.addedUp(in: $0) },
                side(Self.cairn) { try await summaries.rebuild(isStored: true, in: $0) },
            ]
        )
    }

    /// What the To Log queue costs its sender while it is drained.
    func toLog(quantile: Double) -> Row {
        let count = share(5, countMin: 4_000)
        return Row(
            name: quantile == 0.5 ? "to-log" : "to-log-p99",
            metric: .latency(quantile: quantile),
            baseline: "array",
            expectedHash: UInt64(count),
            goals: quantile == 0.5 ? [Goal(Self.cairn, .valueAtMost(1))] : [],
            sides: [
                Side("array") { _ in try CairnTouches.array(count: count) },
                Side(Self.cairn) { bench in
                    try await bench.withDirectory {
                        try await CairnTouches.log(count: count, in: $0)
                    }
                },
            ]
        )
    }
}
