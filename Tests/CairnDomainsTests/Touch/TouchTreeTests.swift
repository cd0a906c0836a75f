import CairnCore
import CairnDomains
import CairnTesting
import Testing

/// The tree of one attempt, from rows in any order.
struct TouchTreeTests {
    private static let root = TouchSamples.uid(1)

    private static func row(
        _ number: UInt64,
        _ fact: TouchFact,
        at seconds: Double,
        user: String = TouchSamples.user
    ) throws -> Touch {
        try TouchSamples.touch(TouchSamples.uid(number), fact, at: seconds, user: user)
    }

    /// An attempt with two addresses: one retried and reached, one refused for good.
    private static func story() throws -> [Touch] {
        [
            try row(1, TouchSamples.attempt(), at: 10),
            try row(2, TouchSamples.reachable(root, ["a", "b"]), at: 11),
            try row(3, .sendRetry(TouchSamples.failure(root, "a")), at: 12),
            try row(4, .sendUnretryable(TouchSamples.failure(root, "b")), at: 12),
            try row(5, .sendSuccess(parent: root.name, destination: "a"), at: 13),
        ]
    }

    private static func permutations(_ rows: [Touch]) -> [[Touch]] {
        guard let first = rows.first else { return [[]] }
        return permutations(Array(rows.dropFirst())).flatMap { rest in
            (0...rest.count).map { Array(rest[..<$0]) + [first] + Array(rest[$0...]) }
        }
    }

    @Test func `a tree tells each address apart`() throws {
        let tree = TouchTree(root: Self.root.name, touches: try Self.story())
        #expect(tree.verdict == .reachable)
        #expect(tree.attempt?.uid == Self.root)
        #expect(tree.destinations.map(\.name) == ["a", "b"])
        #expect(tree.destinations.map(\.status) == [.delivered, .unretryable])
        #expect(tree.destinations.map(\.retryCount) == [1, 0])
        #expect(tree.destinations.map { $0.outcomes.count } == [2, 1])
        #expect(tree.destinations.map(\.isListed) == [true, true])
        #expect(tree.notices.map(\.uid) == [TouchSamples.uid(2)])
        #expect(tree.rows.count == 5)
        #expect(tree.anomalies == [])
    }

    @Test func `every permutation and repetition of the rows gives one tree`() throws {
        let rows = try Self.story()
        let tree = TouchTree(root: Self.root.name, touches: rows)
        let orders = Self.permutations(rows)
        #expect(orders.count == 120)
        for order in orders {
            #expect(TouchTree(root: Self.root.name, touches: order) == tree)
            #expect(TouchTree(root: Self.root.name, touches: order + order.prefix(3)) == tree)
        }
    }

    @Test func `drawn rows, also broken ones, give one tree in any order`() throws {
        var generator = SeededGenerator(seed: 61)
        for _ in 0..<400 {
            let rows = try (0..<UInt64(1 + generator.below(8))).map { number in
                let parent = TouchSamples.uid(UInt64(generator.below(9)))
                let place = generator.pick(["a", "b"])
                let failure = TouchSamples.failure(parent, place)
                let facts: [TouchFact] = [
                    TouchSamples.attempt(), .sendUnreachable(parent: parent.name),
                    .sendStale(parent: parent.name), TouchSamples.reachable(parent, [place]),
                    .sendRetry(failure), .sendAbandon(failure), .sendUnretryable(failure),
                    .sendSuccess(parent: parent.name, destination: place),
                ]
                return try Self.row(
                    number,
                    generator.pick(facts),
                    at: Double(generator.below(4)),
                    user: generator.pick(["u", "v"])
                )
            }
            let root = TouchSamples.uid(UInt64(generator.below(9))).name
            let tree = TouchTree(root: root, touches: rows)
            var shuffled = rows
            for _ in 0..<6 {
                shuffled.shuffle(using: &generator)
                #expect(TouchTree(root: root, touches: shuffled) == tree, "\(rows)")
            }
            #expect(Set(tree.rows.map(\.uid)).count == tree.rows.count)
        }
    }

    private func kinds(_ rows: [Touch], root: TouchUID = root) -> [TouchAnomaly.Kind] {
        TouchTree(root: root.name, touches: rows).anomalies.map(\.kind)
    }

    @Test func `a missing attempt is a fact`() throws {
        let rows = Array(try Self.story().dropFirst())
        let tree = TouchTree(root: Self.root.name, touches: rows)
        #expect(tree.attempt == nil)
        #expect(tree.verdict == .reachable)
        #expect(tree.anomalies.map(\.kind) == Array(repeating: .danglingParent, count: 4))
        #expect(tree.destinations.map(\.status) == [.delivered, .unretryable])
    }

    @Test func `rows of another attempt are left out`() throws {
        let other = TouchSamples.uid(20)
        let rows =
            try Self.story() + [
                try Self.row(20, TouchSamples.attempt(), at: 1),
                try Self.row(21, .sendStale(parent: other.name), at: 2),
            ]
        #expect(TouchTree(root: Self.root.name, touches: rows).rows.count == 5)
        let stale = TouchTree(root: other.name, touches: rows)
        #expect(stale.verdict == .stale && stale.rows.count == 2)
        let nothing = TouchTree(root: "utbl_none", touches: rows)
        #expect(nothing.rows == [] && nothing.attempt == nil && nothing.verdict == .attempted)
    }

    @Test func `outcomes may name the row with the addresses as their parent`() throws {
        let listing = TouchSamples.uid(2)
        let rows = [
            try Self.row(1, TouchSamples.attempt(), at: 10),
            try Self.row(2, TouchSamples.reachable(Self.root, ["a"]), at: 11),
            try Self.row(3, .sendSuccess(parent: listing.name, destination: "a"), at: 12),
        ]
        let tree = TouchTree(root: Self.root.name, touches: rows)
        #expect(tree.destinations.map(\.status) == [.delivered])
        #expect(tree.anomalies == [])
    }

    @Test func `what is odd about rows is named`() throws {
        let start = try Self.row(1, TouchSamples.attempt(), at: 10)
        let listing = try Self.row(2, TouchSamples.reachable(Self.root, ["a"]), at: 11)
        let success = TouchFact.sendSuccess(parent: Self.root.name, destination: "a")
        let retry = TouchFact.sendRetry(TouchSamples.failure(Self.root, "a"))
        let refusal = TouchFact.sendUnretryable(TouchSamples.failure(Self.root, "a"))
        let base = [start, listing]
        #expect(kinds(base + [try Self.row(3, success, at: 9)]) == [.outOfOrder])
        #expect(kinds(base + [try Self.row(3, success, at: 10.5)]) == [.outOfOrder])
        #expect(kinds(base + [try Self.row(3, success, at: 12, user: "v")]) == [.otherUser])
        let done = base + [try Self.row(3, success, at: 12)]
        #expect(kinds(done + [try Self.row(4, success, at: 13)]) == [.duplicateOutcome])
        #expect(kinds(done + [try Self.row(4, refusal, at: 13)]) == [.contradiction])
        #expect(kinds(done + [try Self.row(4, retry, at: 13)]) == [.afterOutcome])
        // Within one instant nothing is out of order: logs may know no finer steps.
        #expect(kinds(done + [try Self.row(4, retry, at: 12)]) == [])
        let elsewhere = TouchFact.sendSuccess(parent: Self.root.name, destination: "z")
        #expect(kinds(base + [try Self.row(3, elsewhere, at: 12)]) == [.unlistedDestination])
        let odd = TouchFact.sendStale(parent: TouchSamples.uid(3).name)
        #expect(kinds(done + [try Self.row(4, odd, at: 13)]) == [.contradiction, .oddParent])
        let stale = TouchFact.sendStale(parent: Self.root.name)
        let unreachable = TouchFact.sendUnreachable(parent: Self.root.name)
        #expect(
            kinds([start, try Self.row(3, stale, at: 11), try Self.row(4, stale, at: 12)])
                == [.duplicateOutcome]
        )
        #expect(
            kinds([start, try Self.row(3, stale, at: 11), try Self.row(4, unreachable, at: 12)])
                == [.contradiction]
        )
    }

    @Test func `parents in a circle end`() throws {
        let own = try Self.row(1, .sendStale(parent: Self.root.name), at: 1)
        #expect(kinds([own]).contains(.circularParent))
        let pair = [
            try Self.row(1, .sendStale(parent: TouchSamples.uid(2).name), at: 1),
            try Self.row(2, .sendStale(parent: TouchSamples.uid(1).name), at: 2),
            try Self.row(3, .sendStale(parent: TouchSamples.uid(2).name), at: 3),
        ]
        let tree = TouchTree(root: Self.root.name, touches: pair)
        #expect(tree.rows.count == 3)
        #expect(tree.attempt == nil)
        let circular = tree.anomalies.filter { $0.kind == .circularParent }.map(\.uid)
        #expect(circular == [TouchSamples.uid(1), TouchSamples.uid(2)])
    }

    @Test func `names are compared by their bytes`() throws {
        let rows = [
            try Self.row(1, TouchSamples.attempt(), at: 10),
            try Self.row(2, TouchSamples.reachable(Self.root, ["\u{E9}"]), at: 11),
            try Self.row(
                3,
                .sendSuccess(parent: Self.root.name, destination: "e\u{301}"),
                at: 12
            ),
        ]
        let tree = TouchTree(root: Self.root.name, touches: rows)
        #expect(tree.destinations.map(\.status) == [.pending, .delivered])
        #expect(tree.anomalies.map(\.kind) == [.unlistedDestination])
    }
}
