/// The five queries of the original system, on the tables that Cairn keeps and on PostgreSQL.
extension Rows {
    /// One query, asked several times of a warm store, and of one that is opened anew and of whose
    /// files nothing is in memory.
    ///
    /// A server's own memory cannot be emptied but by a restart, so PostgreSQL has a cold side
    /// only where it is said how to restart it.
    func question(_ kind: Questions.Kind) -> Row {
        let moments = CairnMoments(fleet: Fleet(count: workload.count, seed: workload.seed))
        let questions = Questions(moments.fleet)
        let askCount = 9
        // A timeline is its stream's events; the seed's percentiles are of all durations, and no
        // table keeps those.
        let hasTables = kind != .timeline && kind != .slowest
        func cairn(_ name: String, _ way: CairnQuestions.Way) -> Side {
            Side(name) { bench in
                let store = try await bench.store(named: "moments") {
                    try await moments.fill(in: $0)
                }
                return try await CairnQuestions(questions: questions)
                    .ask(kind, way, askCount: askCount, in: store)
            }
        }
        func postgres(_ name: String, isCold: Bool) -> Side {
            Side(name) { bench in
                let peer = PostgresQuestions(questions: questions)
                let store = try await bench.store(named: "questions of postgres") {
                    try peer.load(in: $0)
                }
                return try peer.ask(kind, isCold: isCold, askCount: askCount, in: store)
            }
        }
        return Row(
            name: "query-\(kind.rawValue)",
            metric: .latency(quantile: 0.5),
            baseline: PostgresBaseline.sideName,
            expectedHash: questions.hash(kind, askCount: askCount),
            warmsUp: true,
            goals: goals(kind),
            sides: (PostgresBaseline.isThere
                ? [postgres(PostgresBaseline.sideName, isCold: false)] : [])
                + (ColdPostgres.isThere ? [postgres(Self.coldPostgres, isCold: true)] : [])
                + (hasTables ? [cairn("pass", .pass)] : [])
                + [
                    cairn(Self.cairn, hasTables || kind == .timeline ? .tables : .pass),
                    cairn(Self.coldCairn, .cold),
                ],
            notes: ColdPostgres.missing.map { ["no cold PostgreSQL: \($0)"] } ?? []
        )
    }

    private static let coldCairn = "\(cairn) cold"
    private static let coldPostgres = "\(PostgresBaseline.sideName) cold"

    private func goals(_ kind: Questions.Kind) -> [Goal] {
        switch kind {
        case .stuck, .due, .dueOpen:
            [
                Goal(Self.cairn, .ratioAtMost(0.01, of: PostgresBaseline.sideName)),
                Goal(Self.coldCairn, .ratioAtMost(0.01, of: Self.coldPostgres)),
            ]
        case .timeline: [Goal(Self.cairn, .ratioAtMost(1.0 / 3, of: PostgresBaseline.sideName))]
        case .stats, .slowest: []
        }
    }
}
