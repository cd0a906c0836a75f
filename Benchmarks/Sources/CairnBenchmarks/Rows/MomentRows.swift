/// Lists as of past positions, and the tables that answer them.
extension Rows {
    private var moments: CairnMoments {
        CairnMoments(fleet: Fleet(count: workload.count, seed: workload.seed))
    }

    /// The open requests, or all of them, as of a past position.
    func asOf(_ question: CairnMoments.Question) -> Row {
        let moments = moments
        let hashes = moments.expectedHashes
        func side(_ name: String, isStored: Bool) -> Side {
            Side(name) { bench in
                let store = try await bench.store(named: "moments") {
                    try await moments.fill(in: $0)
                }
                return try await moments.ask(question, isStored: isStored, in: store)
            }
        }
        let isOpen = question == .open
        return Row(
            name: isOpen ? "as-of" : "as-of-list",
            metric: .latency(quantile: 0.99),
            baseline: "pass",
            expectedHash: isOpen ? hashes.open : hashes.all,
            goals: [Goal(Self.cairn, .valueAtMost(isOpen ? 100_000 : 1_000_000))],
            sides: [
                // Going through all events up to the position.
                side("pass", isStored: false), side(Self.cairn, isStored: true),
            ]
        )
    }

    /// The requests' tables built from the first event on.
    func rebuildRequests() -> Row {
        let moments = moments
        func side(_ name: String, isStored: Bool) -> Side {
            Side(name) { bench in
                let store = try await bench.store(named: "moments") {
                    try await moments.fill(in: $0)
                }
                return try await moments.rebuild(isStored: isStored, in: store)
            }
        }
        return Row(
            name: "rebuild-requests",
            metric: .eventsPerSecond,
            baseline: "bare fold",
            expectedHash: moments.fleet.hashes(at: [UInt64(workload.count)]).all,
            goals: [Goal(Self.cairn, .ratioAtLeast(0.5, of: "bare fold"))],
            sides: [side("bare fold", isStored: false), side(Self.cairn, isStored: true)]
        )
    }
}
