import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnTesting
import Testing

/// Which requests an incident is about: one rule, whoever asks.
struct IncidentSpanTests {
    private static let now = History.time(minutes: 200)

    private static func listed(
        _ history: History,
        _ span: IncidentSpan
    ) async throws -> Set<String> {
        let view = PipelineView(try await history.journal())
        let rows = try await view.requests(RequestQuery(incident: span), now: now)
        return Set(rows.map(\.requestID))
    }

    /// Requests A to F: one that ended before, one stuck since before, one with an event within,
    /// one that began within, one that was silent within and went on, and one that came after.
    private static var history: History {
        var history = History()
        func add(_ id: String, _ minutes: Int64, ends: Bool = false) {
            history.add(
                id,
                ends ? "NOTIFY_OK" : "NOTIFY_START",
                ends ? .completed : .started,
                minutes: minutes,
                stage: "SUBSCRIPTION_HANDLER"
            )
        }
        add("A", 0)
        add("B", 1)
        add("C", 2)
        add("E", 3)
        add("A", 5, ends: true)
        add("C", 40, ends: true)
        add("D", 45)
        add("D", 46, ends: true)
        add("E", 80, ends: true)
        add("F", 90)
        return history
    }

    @Test func `a request belongs where it was under way at any moment`() async throws {
        func expect(_ from: Int64?, _ until: Int64?, _ ids: String) async throws {
            let span = IncidentSpan(
                from: from.map { History.time(minutes: $0) },
                until: until.map { History.time(minutes: $0) }
            )
            let found = try await Self.listed(Self.history, span)
            #expect(found.sorted().joined() == ids, "\(span)")
        }
        try await expect(30, 60, "BCDE")
        try await expect(50, 60, "BE")
        // The end is not part of it, and the beginning is.
        try await expect(5, 40, "ABCE")
        try await expect(6, 40, "BCE")
        try await expect(60, 90, "BE")
        try await expect(81, nil, "BF")
        try await expect(nil, 3, "ABC")
        try await expect(nil, 0, "")
        try await expect(nil, nil, "ABCDEF")
    }

    @Test(arguments: RandomHistoryTests.seeds)
    func `a list and a report have the same requests, those of the rule`(
        seed: UInt64
    ) async throws {
        var random = SeededGenerator(seed: seed &* 17)
        let history = History.random(seed: seed)
        let view = PipelineView(try await history.journal())
        let machine = PipelineMachine()
        for _ in 0..<3 {
            let from = Int64.random(in: 0...95, using: &random)
            let until = from + Int64.random(in: 1...20, using: &random)
            let span = IncidentSpan(
                from: chance(80, &random) ? History.time(minutes: from) : nil,
                until: chance(80, &random) ? History.time(minutes: until) : nil
            )
            let expected = Dictionary(grouping: history.rows, by: \.requestID).filter { _, rows in
                let isWithin = rows.contains { span.covers($0.event.createdAt) }
                guard let from = span.from else { return isWithin }
                let earlier = rows.map(\.event).filter { $0.createdAt < from }
                return isWithin || !earlier.isEmpty && !machine.replay(earlier).isTerminal
            }.keys.sorted()
            let query = RequestQuery(incident: span)
            let rows = try await view.requests(query, now: Self.now)
            #expect(rows.map(\.requestID).sorted() == expected, "seed \(seed), \(span)")
            let lines = try await view.lines(query, now: Self.now)
            #expect(lines.map(\.requestID) == rows.map(\.requestID), "seed \(seed), \(span)")
            guard span != IncidentSpan() else { continue }
            let report = try await view.report(
                ReportQuery(since: span.from, until: span.until),
                now: Self.now
            )
            let ids = try ReportReader(report.json).ids
            #expect(ids.sorted() == expected, "seed \(seed), \(span)")
        }
    }

    private func chance(_ percent: Int, _ random: inout SeededGenerator) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }
}
