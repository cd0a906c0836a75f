import CairnTesting
import Testing

/// All that rules can do beside a model, to a depth.
struct RuleExplorationTests {
    /// A shelf of at most two books, which nobody can copy.
    private final class Shelf {
        private(set) var books: [Int] = []
        private let bookCountMax: Int

        init(bookCountMax: Int) {
            self.bookCountMax = bookCountMax
        }

        func put(_ book: Int) {
            if books.count < bookCountMax, !books.contains(book) { books.append(book) }
        }

        func take(_ book: Int) { books.removeAll { $0 == book } }
    }

    private struct Run {
        let shelf: Shelf
        var model: [Int] = []

        init(bookCountMax: Int = 2) {
            shelf = Shelf(bookCountMax: bookCountMax)
        }
    }

    private static let rules: [Rule<Run>] = [
        Rule("put") { run, draw in
            let book = try draw(.int(in: 1...3), "book")
            if run.model.count < 2, !run.model.contains(book) { run.model.append(book) }
            run.shelf.put(book)
            try draw.expect(run.shelf.books, equals: run.model)
        },
        Rule("take", when: { !$0.model.isEmpty }) { run, draw in
            let place = try draw(.int(in: 0...1), "place")
            try draw.assume(place < run.model.count)
            run.shelf.take(run.model.remove(at: place))
            try draw.expect(run.shelf.books, equals: run.model)
        },
    ]

    @Test func `every state and every step is counted`() throws {
        let all = try explore(
            "a shelf is a list",
            startingWith: Run(),
            rules: Self.rules,
            seenAs: { $0.model },
            depthMax: 10
        )
        // None, each of three books, and two of them in either order.
        #expect(all.stateCount == 1 + 3 + 6)
        #expect(all.depth == 2 && all.isComplete)
        // 3 to one book; of each 2 to another and one back; of each pair two ways back.
        #expect(all.transitionCount == 3 + 3 * 3 + 6 * 2)
        // A book that is there, or for which there is no room.
        #expect(all.unchangedCount == 3 * 1 + 6 * 3)
        // The second place of one book.
        #expect(all.refusedCount == 3)
        #expect(
            all.description == """
                all states: 10, up to 2 commands away; turns: 24 transitions, 21 without a \
                change, 3 refused
                """
        )
    }

    @Test func `what bounds an exploration is told`() throws {
        func look(depthMax: Int = 10, _ valueCountMax: Int = 3, _ stateCountMax: Int = 100) throws
            -> Exploration
        {
            try explore(
                "a shelf is a list",
                startingWith: Run(),
                rules: Self.rules,
                seenAs: { $0.model },
                depthMax: depthMax,
                valueCountMax: valueCountMax,
                stateCountMax: stateCountMax
            )
        }
        let near = try look(depthMax: 1)
        #expect(near.stateCount == 4 && near.depth == 1 && !near.isComplete)
        let few = try look(2)
        // Of three books only two are ever put.
        #expect(few.stateCount == 1 + 2 + 2 && !few.isComplete)
        let small = try look(3, 5)
        #expect(small.stateCount == 5 && !small.isComplete)
        let short = try explore(
            "a shelf is a list",
            startingWith: Run(),
            rules: Self.rules,
            seenAs: { $0.model },
            depthMax: 10,
            runCountMax: 20
        )
        #expect(!short.isComplete)
        let none = try look(depthMax: 0)
        #expect(none.stateCount == 1 && !none.isComplete)
    }

    @Test func `a shortest way to what is wrong is reported, and its token repeats it`() throws {
        func look() throws {
            try explore(
                "a shelf is a list",
                startingWith: Run(bookCountMax: 1),
                rules: Self.rules,
                seenAs: { $0.model },
                depthMax: 4
            )
        }
        let error = #expect(throws: PropertyError.self) { try look() }
        guard case .falsified(let report) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let failure = report.failures[0]
        #expect(failure.steps == ["put", "put"])
        #expect(failure.values.map(\.text) == ["1", "2"])
        // The token is one of a check of these rules, and of the exploration as a known case.
        let repeated = #expect(throws: PropertyError.self) {
            try check(
                "a shelf is a list",
                startingWith: Run(bookCountMax: 1),
                rules: Self.rules,
                replaying: [failure.token],
                settings: PropertySettings(caseCountMax: 0)
            )
        }
        #expect(repeated != nil)
        let known = Regression("a shelf is a list", token: failure.token)
        #expect(throws: PropertyError.self) { try known.run { try look() } }
        let mended = Regression("a shelf is a list", token: failure.token)
        try mended.run {
            try explore(
                "a shelf is a list",
                startingWith: Run(),
                rules: Self.rules,
                seenAs: { $0.model },
                depthMax: 4
            )
        }
    }

    @Test func `an invariant is looked at in every state, the first one as well`() {
        let add = Rule<Int>("add") { number, draw in number += try draw(.int(in: 0...2), "by") }
        let small = Invariant<Int>("it is below 7") { $0 < 7 }
        func error(startingWith start: Int) -> PropertyError? {
            #expect(throws: PropertyError.self) {
                try explore(
                    "sums are small",
                    startingWith: start,
                    rules: [add],
                    invariants: [small],
                    seenAs: { $0 },
                    depthMax: 5
                )
            }
        }
        guard case .falsified(let report) = error(startingWith: 0),
            case .falsified(let first) = error(startingWith: 9)
        else {
            Issue.record("it holds")
            return
        }
        #expect(report.failures[0].values.map(\.text) == ["1", "2", "2", "2"])
        #expect(first.failures[0].steps.isEmpty)
    }

    @Test func `of numbers without an end the simplest are tried`() throws {
        let add = Rule<[Double]>("add") { numbers, draw in
            numbers.append(try draw(.double()))
        }
        var seen: Set<Double> = []
        let few = try explore(
            "numbers",
            startingWith: [],
            rules: [add],
            seenAs: { numbers in
                seen.formUnion(numbers)
                return numbers
            },
            depthMax: 2,
            valueCountMax: 5
        )
        // The fifth of them is minus zero, which is equal to zero.
        #expect(seen == [0, 1, -1, 2])
        #expect(few.stateCount == 1 + 4 + 16 && !few.isComplete)
    }

    @Test func `rules that wait are gone through alike`() async throws {
        actor Counter {
            private(set) var count = 0
            func add(_ number: Int) { count = min(count + number, 5) }
        }
        let add = AsyncRule<Counter>("add") { counter, draw in
            await counter.add(try draw(.int(in: 0...2), "by"))
        }
        let all = try await explore(
            "it counts",
            startingWith: Counter(),
            rules: [add],
            seenAs: { await $0.count },
            depthMax: 9
        )
        #expect(all.stateCount == 6 && all.depth == 3 && all.isComplete)
        let look = AsyncRule<Counter>("look") { counter, draw in
            try draw.expect(await counter.count < 4)
        }
        let error = await #expect(throws: PropertyError.self) {
            try await explore(
                "it counts",
                startingWith: Counter(),
                rules: [add, look],
                seenAs: { await $0.count },
                depthMax: 9
            )
        }
        guard case .falsified(let report) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(report.failures[0].steps == ["add", "add", "look"])
    }

    @Test func `what fails only once is told`() {
        final class Once {
            var isOver = false
        }
        let once = Once()
        let look = Rule<Once>("look") { once, _ in
            defer { once.isOver = true }
            if !once.isOver { throw Broken() }
        }
        let error = #expect(throws: PropertyError.self) {
            try explore(
                "it holds",
                startingWith: once,
                rules: [look],
                seenAs: { $0.isOver },
                depthMax: 3
            )
        }
        guard case .notRepeatable(let found) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found.first.contains("Broken") && found.second == "it passed")
    }
}
