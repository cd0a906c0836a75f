import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnTesting
import Testing

/// The event that makes a predicate true, beside one that is looked for position by position.
struct BisectTests {
    static let predicates = [
        "status == FAILED", "attempt > 2", "event_count >= 4", "not terminal",
        "anomaly_count > 0 && status == COMPLETED", "stage == PARSING and attempt == 2",
        "error_code == E1", "metadata.diagnosisCount > 10", "retryable == false",
        "stages.PARSING.failure_count > 1", "time_in_state > 60m", "pagw_id == PAGW-a",
        "stages contains VALIDATION",
    ]
    /// They stay true of a request, and of as many requests as they hold of.
    static let lasting = [
        "event_count >= 4", "anomaly_count > 1", "attempt_max > 2", "stages contains VALIDATION",
        "reopened_count > 0",
    ]

    private typealias Query = BisectionQuery<RequestRow>

    /// The turns of the answer, by folding everything anew at each position.
    private static func turns(
        _ history: RemovingHistory,
        _ query: Query,
        upTo bound: Position
    ) throws -> [Position] {
        func holds(_ position: UInt64) -> Bool {
            let rows = history.rows(at: Position(rawValue: position), seenFrom: bound)
            let count = rows.count { row in
                (query.stream.map { $0.key == row.requestID } ?? true)
                    && query.predicate.matches(row)
            }
            return query.count.holds(of: count)
        }
        var turns: [Position] = []
        guard query.start <= bound else { return [] }
        var held = holds(query.start.rawValue - 1)
        for position in query.start.rawValue...bound.rawValue {
            let holds = holds(position)
            if holds != held, holds == query.wanted {
                turns.append(Position(rawValue: position))
            }
            held = holds
        }
        return turns
    }

    @Test(arguments: 1..<UInt64(41))
    func `it is the first of a linear scan, and the last`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed &* 13)
        let history = try await RemovingHistory(seed: seed)
        let last = history.lastPosition.rawValue
        for text in Self.predicates.shuffled(using: &random).prefix(4) {
            let bound = Position(rawValue: .random(in: 1...last, using: &random))
            let view = MachineView(history.journal, RequestMachine(), asOf: bound)
            let request = history.requests.randomElement(using: &random)
            var query = Query(try Predicate(text), now: RemovingHistory.now)
            query.wanted = .random(using: &random)
            query.start = Position(rawValue: .random(in: 1...max(1, last / 2), using: &random))
            let counts = ["> 1", ">= 1", "== 2", "< 2", "!= 0", "<= 1"]
            query.count = CountCondition(counts.randomElement(using: &random) ?? "") ?? .any
            try await Self.expectTurns(of: query, in: view, history, bound)
            query.count = .any
            query.stream = try request.map { try view.stream($0) }
            guard let stream = query.stream,
                let state = try await view.state(of: stream), view.machine.isSeen(state)
            else { continue }
            try await Self.expectTurns(of: query, in: view, history, bound)
        }
    }

    private static func expectTurns(
        of query: Query,
        in view: MachineView<RequestMachine>,
        _ history: RemovingHistory,
        _ bound: Position
    ) async throws {
        var query = query
        let turns = try turns(history, query, upTo: bound)
        let first = try await view.bisect(query)
        #expect(first.finding?.step.position == turns.first, "\(query)")
        query.isLast = true
        let last = try await view.bisect(query)
        #expect(last.finding?.step.position == turns.last, "\(query)")
        // What is said to last and does not is one of the turns all the same.
        query.isLasting = true
        let some = try await view.bisect(query)
        if let found = some.finding?.step.position { #expect(turns.contains(found), "\(query)") }
        #expect(some.heldBefore == first.heldBefore && some.heldAfter == last.heldAfter)
    }

    @Test(arguments: 1..<UInt64(41))
    func `what lasts is found by halving, in few folds`(seed: UInt64) async throws {
        let history = try await RemovingHistory(seed: seed, removalPercent: 0)
        let view = MachineView(history.journal, RequestMachine())
        for text in Self.lasting {
            for count in ["> 0", "> 2"] {
                let condition = try #require(CountCondition(count))
                var query = Query(
                    try Predicate(text),
                    count: condition,
                    now: RemovingHistory.now
                )
                let scanned = try await view.bisect(query)
                query.isLasting = true
                let halved = try await view.bisect(query)
                #expect(halved.finding?.step.position == scanned.finding?.step.position)
                #expect(halved.finding?.after == scanned.finding?.after)
                let eventCount = UInt64(history.events.count)
                let halvings = UInt64.bitWidth - history.lastPosition.rawValue.leadingZeroBitCount
                #expect(halved.foldCount <= 2 * halvings + 2, "seed \(seed): \(text)")
                #expect(halved.eventCount <= 2 * Int(eventCount) + 2 * halvings)
                #expect(scanned.foldCount == 1)
            }
        }
    }

    @Test func `the finding has the states around the event`() async throws {
        var history = History()
        history.add("R-1", "PARSE_START", .started, minutes: 0)
        history.add("R-2", "PARSE_START", .started, minutes: 1)
        history.add("R-1", "PARSE_FAIL", .failed, minutes: 2) { $0.errorCode = "E1" }
        history.add("R-1", "PARSE_OK", .completed, minutes: 3)
        let view = MachineView(try await history.journal(), RequestMachine())
        let query = Query(try Predicate("status == FAILED"), now: History.time(minutes: 9))
        let found = try #require(try await view.bisect(query).finding)
        #expect(found.stream == (try view.stream("R-1")))
        #expect(found.step.position.rawValue == 3)
        #expect(found.before?.state.current?.status == .started)
        #expect(found.after?.state.current?.status == .failed)
        #expect((found.countBefore, found.countAfter) == (0, 1))
        let places = view.machine.differences(from: found.before, to: found.after)
        #expect(places.map(\.path.description).contains("error_code"))

        var first = query
        first.stream = try view.stream("R-2")
        let none = try await view.bisect(first)
        #expect(none.finding == nil)
        #expect(!none.heldBefore && !none.heldAfter)
        #expect((none.eventCount, none.askedCount) == (1, 1))
        first.stream = try view.stream("R-9")
        await #expect(throws: IncidentError.unknownStream(try view.stream("R-9"))) {
            _ = try await view.bisect(first)
        }
    }

    @Test func `conditions on counts are comparisons with a whole number`() {
        #expect(CountCondition("> 10")?.holds(of: 11) == true)
        #expect(CountCondition(">10")?.holds(of: 10) == false)
        #expect(CountCondition("<= 2")?.holds(of: 2) == true)
        for text in ["", "10", ">", "> -1", "=> 1", "> 1.5", "> one", ">> 1", "> +1", "= 1"] {
            #expect(CountCondition(text) == nil, "\(text)")
        }
    }
}
