import CairnCore
import CairnDomains
import CairnTesting
import Testing

@testable import CairnIncident

/// Each way of leaving the path on a history that shows it and little else, checked by hand.
struct DepartureTests {
    private static let now = History.time(minutes: 600)

    /// What a history shows: kind, how often, `sequence_no`, since when in minutes, what was
    /// skipped.
    private func shown(
        _ history: History,
        at now: Timestamp = DepartureTests.now,
        _ definition: PipelineDefinition = .priorAuthorization
    ) async throws -> [String] {
        let view = PipelineView(try await history.journal(), definition: definition)
        let report = try await view.departures(now: now)
        return report.requests.flatMap(\.departures).map { departure in
            let minutes = departure.at.since(History.dayStart).nanoseconds / 60_000_000_000
            return "\(departure.kind.name) \(departure.eventCount) \(departure.sequenceNumber) "
                + "\(minutes) \(departure.skippedStage ?? "-")"
        }
    }

    private func history(_ events: [(String, String, PipelineStatus, Int64)]) -> History {
        var history = History()
        for (stage, type, status, minutes) in events {
            history.add("R", type, status, minutes: minutes, stage: stage)
        }
        return history
    }

    @Test func `a request on its path has not departed`() async throws {
        let history = history([
            ("ORCHESTRATION", "WORKFLOW_START", .started, 0),
            ("PARSER", "PARSE_START", .started, 0), ("PARSING", "PARSE_OK", .completed, 5),
            ("RESPONSE_BUILDER", "RESPONSE_START", .started, 6),
            ("RESPONSE_BUILDER", "RESPONSE_OK", .completed, 7),
            ("SUBSCRIPTION_HANDLER", "NOTIFY_START", .started, 8),
            ("SUBSCRIPTION_HANDLER", "NOTIFY_OK", .completed, 9),
            ("ORCHESTRATION", "WORKFLOW_COMPLETE", .completed, 10),
        ])
        #expect(try await shown(history) == [])
        let view = PipelineView(try await history.journal())
        let map = try await view.processMap(now: Self.now)
        #expect(map.edges.allSatisfy { $0.isDeclared })
    }

    @Test func `stages that every way goes through are skipped, once each`() async throws {
        let skipping = history([
            ("ORCHESTRATION", "WORKFLOW_START", .started, 0),
            ("PARSING", "PARSE_START", .started, 1), ("PARSING", "PARSE_OK", .completed, 2),
            ("CONVERSION", "CONVERT_START", .started, 3),
            ("CONVERSION", "CONVERT_OK", .completed, 4),
            ("API_CONNECTOR", "DOWNSTREAM_START", .started, 5),
        ])
        // ENRICHMENT may be left out; VALIDATION is on both ways.
        #expect(
            try await shown(skipping, at: History.time(minutes: 6)) == [
                "out_of_order_stage 1 4 3 -", "skipped_stage 1 4 3 VALIDATION",
            ]
        )
        var late = skipping
        late.add("R", "VAL_START", .started, minutes: 5, stage: "VALIDATOR")
        #expect(
            try await shown(late, at: History.time(minutes: 6)) == ["out_of_order_stage 1 4 3 -"]
        )
        var told = history([
            ("ORCHESTRATION", "WORKFLOW_START", .started, 0),
            ("PARSING", "PARSE_START", .skipped, 1),
        ])
        told.add("R", "SKIPPED", .skipped, minutes: 2, stage: "VALIDATION")
        told.add("R", "CONVERT_START", .started, minutes: 3, stage: "CONVERSION")
        #expect(try await shown(told, at: History.time(minutes: 4)) == [])
    }

    @Test func `a row that rests beyond its deadline is overdue from then on`() async throws {
        let waiting = history([("PARSING", "PARSE_START", .started, 10)])
        let skipped = ["out_of_order_stage 1 1 10 -", "skipped_stage 1 1 10 ORCHESTRATION"]
        #expect(try await shown(waiting, at: History.time(minutes: 15)) == skipped)
        let late = History.time(minutes: 15, seconds: 1)
        #expect(try await shown(waiting, at: late) == skipped + ["deadline_overrun 1 1 15 -"])
        // Until the next row, whatever that says; a row with an unknown word is one of its type.
        let slow = history([
            ("ORCHESTRATION", "WORKFLOW_START", .other("begun"), 0),
            ("PARSING", "PARSE_START", .started, 20), ("PARSING", "PARSE_OK", .completed, 26),
            ("RESPONSE_BUILDER", "RESPONSE_START", .started, 40),
        ])
        #expect(
            try await shown(slow, at: History.time(minutes: 41)) == ["deadline_overrun 2 1 15 -"]
        )
    }

    @Test func `a request that stopped without an end has left its path`() async throws {
        let begin: [(String, String, PipelineStatus, Int64)] = [
            ("ORCHESTRATION", "WORKFLOW_START", .started, 0),
            ("PARSING", "PARSE_START", .started, 1),
        ]
        let stopped = history(begin + [("PARSING", "PARSE_OK", .completed, 2)])
        #expect(try await shown(stopped, at: History.time(minutes: 7)) == [])
        #expect(try await shown(stopped) == ["no_terminal_event 1 3 7 -"])
        var failed = history(begin)
        failed.add("R", "PARSE_FAIL", .failed, minutes: 2) { $0.isRetryable = false }
        #expect(try await shown(failed) == ["no_terminal_event 1 3 7 -"])
        var retried = history(begin)
        retried.add("R", "PARSE_FAIL", .failed, minutes: 2)
        #expect(try await shown(retried) == ["deadline_overrun 1 3 7 -"])
        // A definition that names no end asks for none.
        let endless = PipelineDefinition(name: "endless", stages: [.init("PARSING")])
        #expect(try await shown(stopped, at: Self.now, endless) == [])
    }

    @Test func `what is odd about rows only is counted, and departs where it is named`()
        async throws
    {
        var history = History()
        history.add("R", "X", .completed, minutes: 2) { $0.sequenceNumber = 2 }
        history.add("R", "Y", .other("odd"), minutes: 1) { $0.sequenceNumber = 1 }
        let open = PipelineDefinition(name: "open")
        let view = PipelineView(try await history.journal(), definition: open)
        let report = try await view.departures(now: Self.now)
        #expect(report.departingCount == 0 && report.requests.isEmpty)
        #expect(report.totals.map(\.kind.name) == ["late_row", "unknown_status"])
        #expect(report.totals.map(\.share) == [1, 1])
        let named = try await view.departures(kinds: [.anomaly(.lateRow)], now: Self.now)
        #expect(named.departingCount == 1)
        #expect(named.requests.first?.departures.map(\.kind) == [.anomaly(.lateRow)])
        #expect(named.requests.first?.departures.first?.position == Position(rawValue: 2))
    }

    @Test func `names of kinds are unique and in the order of their numbers`() {
        let kinds = DepartureKind.allCases
        #expect(Set(kinds.map(\.name)).count == kinds.count)
        #expect(kinds.map(\.number) == Array(0..<kinds.count))
    }

    @Test(arguments: UInt64(1)...60)
    func `the gates of a node are those without which it cannot be reached`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...9, using: &random)
        let before = (0..<count).map { _ in
            (0..<count).filter { _ in .random(in: 0..<count, using: &random) < 2 }
        }
        func reached(without avoided: Int?) -> Set<Int> {
            var reached = Set((0..<count).filter { before[$0].isEmpty && $0 != avoided })
            for _ in 0..<count {
                for node in 0..<count where node != avoided {
                    if before[node].contains(where: reached.contains) { reached.insert(node) }
                }
            }
            return reached
        }
        let tree = DominatorTree(predecessors: before)
        let all = reached(without: nil)
        for node in 0..<count {
            var gates: Set<Int> = []
            var next = tree.parents[node]
            while let gate = next {
                #expect(gates.insert(gate).inserted)
                next = tree.parents[gate]
            }
            let expected = (0..<count).filter { other in
                other != node && all.contains(node) && !reached(without: other).contains(node)
            }
            #expect(gates == Set(expected), "seed \(seed), node \(node) of \(before)")
        }
    }
}
