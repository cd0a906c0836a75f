/// Questions about prompts and the tables that answer them.
extension Rows {
    private var crowd: Crowd {
        Crowd(count: max(workload.count, Crowd.actsPerSession), seed: workload.seed)
    }

    /// What holds at a moment, over all sessions of a prompt.
    func promptTotals() -> Row {
        let crowd = crowd
        return Row(
            name: "prompt-total",
            metric: .latency(quantile: 0.5),
            baseline: "array",
            expectedHash: CairnPrompts.expectedHash(crowd),
            goals: [Goal(Self.cairn, .valueAtMost(10))],
            sides: [
                // Counting in an array in memory, which is what no database is faster at.
                Side("array") { try await CairnPrompts.counted(crowd, in: $0.rootPath) },
                Side(Self.cairn) { bench in
                    let store = try await bench.store(named: "prompts") {
                        try await CairnPrompts.fill(crowd, in: $0)
                    }
                    return try await CairnPrompts.totals(crowd, in: store)
                },
            ]
        )
    }

    /// The tables of prompts built from the first event on.
    func rebuild() -> Row {
        let crowd = crowd
        func side(_ name: String, isStored: Bool) -> Side {
            Side(name) { bench in
                let store = try await bench.store(named: "prompts, \(name)") {
                    try await CairnPrompts.fill(crowd, in: $0)
                }
                return try await CairnPrompts.rebuild(crowd, isStored: isStored, in: store)
            }
        }
        return Row(
            name: "rebuild",
            metric: .eventsPerSecond,
            baseline: "bare fold",
            expectedHash: CairnPrompts.expectedHash(crowd),
            goals: [Goal(Self.cairn, .ratioAtLeast(0.5, of: "bare fold"))],
            sides: [side("bare fold", isStored: false), side(Self.cairn, isStored: true)]
        )
    }
}
