import CairnCore
import CairnIncident
import CairnJournal
import CairnTesting
import Testing

/// Bisection over a machine of somebody's own, beside a scan that folds it by hand.
struct MachineBisectTests {
    private static let predicates = [
        "attemptCount > 1", "failureCount >= 2", "isOpen == true", "not isOpen == true",
        "hasEnded == true and failureCount > 0", "exists lastCents", "lastCents == 3",
        "anomalies.late > 0", "anomalies.regression >= 1 or eventCount > 6", "codes contains 2",
        "centsByAttempt.1 > 3", "attemptMax != 4",
    ]
    /// They stay true of a stream, and of as many streams as they hold of.
    private static let lasting = [
        "failureCount >= 2", "eventCount > 3", "exists lastCents", "anomalies.late > 0",
        "attemptMax > 2", "codes contains 2",
    ]

    private typealias Query = BisectionQuery<DocumentRecord>

    /// Whether the answer is given after each event, from before the first one on.
    private static func answers(
        _ story: KioskStory,
        _ predicate: Predicate<DocumentRecord>,
        of chosen: StreamID?,
        _ count: CountCondition
    ) async throws -> [Bool] {
        let machine = Kiosk()
        var states: [StreamID: Kiosk.State] = [:]
        var answers = [count.holds(of: 0)]
        let last = try await story.journal.head().lastPosition.rawValue
        for number in 1...last {
            let found = try await story.journal.record(at: Position(rawValue: number))
            let record = try #require(found)
            let stream = record.stream
            if stream.kind == machine.streamKind, chosen.map({ $0 == stream }) ?? true {
                var state = states[stream] ?? machine.initial
                let value = record.payload.first ?? 0
                switch record.type {
                case "opened": machine.evolve(&state, by: .opened)
                case "tried": machine.evolve(&state, by: .tried(number: value))
                case "failed": machine.evolve(&state, by: .failed(code: value))
                case "paid": machine.evolve(&state, by: .paid(cents: value))
                case "closed": machine.evolve(&state, by: .closed)
                default: machine.passOver(&state)
                }
                states[stream] = state
            }
            let matching = states.values.count {
                predicate.matches(DocumentRecord(machine.document(of: $0)))
            }
            answers.append(count.holds(of: matching))
        }
        return answers
    }

    /// The positions from which on the answer is the wanted one, and was not.
    private static func turns(_ answers: [Bool], to wanted: Bool, from start: Int) -> [UInt64] {
        (start..<answers.count)
            .filter { answers[$0] == wanted && answers[$0 - 1] != wanted }.map(UInt64.init)
    }

    @Test(arguments: 1..<UInt64(61))
    func `it is the first of a linear scan, and the last`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed &* 31)
        let story = try await KioskStory(seed: seed)
        let view = MachineView(story.journal, Kiosk())
        let counts = ["> 0", "> 1", "== 2", "< 2", "<= 1"]
        for text in Self.predicates.shuffled(using: &random).prefix(4) {
            let isOfAll = Bool.random(using: &random)
            let stream = isOfAll ? nil : story.streams.randomElement(using: &random)
            let condition = stream == nil ? counts.randomElement(using: &random) ?? "" : "> 0"
            let count = try #require(CountCondition(condition))
            let predicate = try Predicate<DocumentRecord>(text)
            let answers = try await Self.answers(story, predicate, of: stream, count)
            let start = Int.random(in: 1...max(1, (answers.count - 1) / 2), using: &random)
            var query = Query(predicate, of: stream, count: count, now: .unixEpoch)
            query.wanted = .random(using: &random)
            query.start = Position(rawValue: UInt64(start))
            let turns = Self.turns(answers, to: query.wanted, from: start)
            let first = try await view.bisect(query)
            let told = Comment("seed \(seed): \(text), \(condition), \(query)")
            #expect(first.finding?.step.position.rawValue == turns.first, told)
            #expect(first.heldBefore == answers[start - 1], told)
            query.isLast = true
            let last = try await view.bisect(query)
            #expect(last.finding?.step.position.rawValue == turns.last, told)
            #expect(last.heldAfter == answers.last, told)
        }
    }

    @Test(arguments: 1..<UInt64(61))
    func `what lasts is the same by halving`(seed: UInt64) async throws {
        let story = try await KioskStory(seed: seed)
        let view = MachineView(story.journal, Kiosk())
        for text in Self.lasting {
            let predicate = try Predicate<DocumentRecord>(text)
            let streams = [StreamID?.none] + story.streams.prefix(2).map { $0 }
            for stream in streams {
                let answers = try await Self.answers(story, predicate, of: stream, .any)
                let query = Query(predicate, of: stream, isLasting: true, now: .unixEpoch)
                let found = try await view.bisect(query)
                let turns = Self.turns(answers, to: true, from: 1)
                #expect(turns.count <= 1)
                #expect(
                    found.finding?.step.position.rawValue == turns.first,
                    "seed \(seed): \(text)"
                )
            }
        }
    }
}
