import CairnTesting

/// A problem of the shrinking challenge (github.com/jlink/shrinking-challenge): a property that
/// does not hold, and the one case to which every failure of it should come down.
struct ShrinkingProblem: Sendable, CustomStringConvertible {
    let name: String
    /// The values of the minimal case as they print: what Hypothesis comes down to.
    let normalForm: [String]
    /// Cases as short as the normal form that nothing leads on from, in Hypothesis neither.
    var alternatives: [[String]] = []
    let body: @Sendable (inout Draw) throws -> Void

    var description: String { name }
}

extension ShrinkingProblem {
    static let all: [ShrinkingProblem] = [
        bound5, binaryHeap, calculator, coupling, deletion, differenceZero, differenceSmall,
        differenceOne, distinct, largeUnionList, lengthList, nestedLists, reverse,
    ]

    private static func require(_ condition: Bool) throws {
        if !condition { throw Broken() }
    }

    static let bound5 = ShrinkingProblem(
        name: "bound5",
        normalForm: ["[[], [], [], [-1], [-32768]]"]
    ) { draw in
        let bounded = Generator<[Int16]>.array(of: .integer(), count: 0...1)
            .filter { $0.reduce(0, &+) < 256 }
        let lists = try draw(.array(of: bounded, count: 5...5))
        try require(lists.joined().reduce(0, &+) < 5 * 256)
    }

    static let coupling = ShrinkingProblem(name: "coupling", normalForm: ["[1, 0]"]) { draw in
        let list = try draw(.array(of: .int(in: 0...10)))
        try draw.assume(list.allSatisfy { $0 < list.count })
        for (place, other) in list.enumerated() where place != other {
            try require(list[other] != place)
        }
    }

    static let deletion = ShrinkingProblem(
        name: "deletion",
        normalForm: ["[0, 0]", "0"]
    ) { draw in
        var list = try draw(.array(of: .int()))
        let place = try draw(.int(in: 0...10))
        try draw.assume(place < list.count)
        let value = list[place]
        if let first = list.firstIndex(of: value) { list.remove(at: first) }
        try require(!list.contains(value))
    }

    private static func difference(
        _ name: String,
        _ normalForm: [String],
        isAllowed: @escaping @Sendable (Int) -> Bool
    ) -> ShrinkingProblem {
        ShrinkingProblem(name: name, normalForm: normalForm) { draw in
            let first = try draw(.int(in: 1 ... .max))
            let second = try draw(.int(in: 1 ... .max))
            try require(first < 10 || isAllowed(abs(first - second)))
        }
    }

    static let differenceZero = difference("difference 0", ["10", "10"]) { $0 != 0 }
    static let differenceSmall = difference("difference small", ["10", "6"]) { $0 < 1 || $0 > 4 }
    static let differenceOne = difference("difference 1", ["10", "9"]) { $0 != 1 }

    static let distinct = ShrinkingProblem(name: "distinct", normalForm: ["[0, 1, -1]"]) { draw in
        let list = try draw(.array(of: .int()))
        try require(Set(list).count < 3)
    }

    static let largeUnionList = ShrinkingProblem(
        name: "large union list",
        normalForm: ["[[0, 1, -1, 2, -2]]"]
    ) { draw in
        let lists = try draw(.array(of: .array(of: .int())))
        try require(Set(lists.joined()).count < 5)
    }

    static let lengthList = ShrinkingProblem(name: "length list", normalForm: ["[900]"]) { draw in
        let list = try draw(
            Generator<Int>.int(in: 1...100).flatMap { count in
                .array(of: .int(in: 0...1_000), count: count...count)
            }
        )
        try require((list.max() ?? 0) < 900)
    }

    static let nestedLists = ShrinkingProblem(
        name: "nested lists",
        normalForm: ["[[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]"]
    ) { draw in
        let lists = try draw(.array(of: .array(of: .int())))
        try require(lists.map(\.count).reduce(0, +) <= 10)
    }

    static let reverse = ShrinkingProblem(name: "reverse", normalForm: ["[0, 1]"]) { draw in
        let list = try draw(.array(of: .int()))
        try require(list == list.reversed())
    }
}

extension ShrinkingProblem {
    /// Sums and quotients of numbers.
    private indirect enum Expression: CustomStringConvertible {
        case number(Int)
        case sum(Expression, Expression)
        case quotient(Expression, Expression)

        var description: String {
            switch self {
            case .number(let number): "\(number)"
            case .sum(let left, let right): "(\(left) + \(right))"
            case .quotient(let left, let right): "(\(left) / \(right))"
            }
        }

        var dividesByLiteralZero: Bool {
            switch self {
            case .number: false
            case .quotient(_, .number(0)): true
            case .sum(let left, let right), .quotient(let left, let right):
                left.dividesByLiteralZero || right.dividesByLiteralZero
            }
        }

        func value() throws -> Int {
            switch self {
            case .number(let number): return number
            case .sum(let left, let right): return try left.value() &+ right.value()
            case .quotient(let left, let right):
                let (divisor, dividend) = (try right.value(), try left.value())
                try require(divisor != 0)
                return dividend.dividedReportingOverflow(by: divisor).partialValue
            }
        }
    }

    static let calculator = ShrinkingProblem(
        name: "calculator",
        normalForm: ["(0 / (0 + 0))"]
    ) { draw in
        let number = Generator<Int>.int().map { Expression.number($0) }
        let expression = try draw(
            .recursive(number) { part in
                .one(
                    of: Generator<(Expression, Expression)>.tuple(part, part)
                        .map { Expression.sum($0, $1) },
                    Generator<(Expression, Expression)>.tuple(part, part)
                        .map { Expression.quotient($0, $1) }
                )
            }
        )
        try draw.assume(!expression.dividesByLiteralZero)
        _ = try expression.value()
    }

    /// A heap, each head of which is at most the heads below it.
    private indirect enum Heap: CustomStringConvertible, Sendable {
        case empty
        case node(Int, Heap, Heap)

        var description: String {
            switch self {
            case .empty: "None"
            case .node(let head, let left, let right): "(\(head), \(left), \(right))"
            }
        }

        var values: [Int] {
            switch self {
            case .empty: []
            case .node(let head, let left, let right): [head] + left.values + right.values
            }
        }

        static func merged(_ left: Heap, _ right: Heap) -> Heap {
            switch (left, right) {
            case (.empty, let heap), (let heap, .empty): return heap
            case (.node(let first, let a, let b), .node(let second, let c, let d)):
                return first <= second
                    ? .node(first, merged(b, right), a) : .node(second, merged(d, left), c)
            }
        }

        /// Forgets that the rest has to be sorted as well: the bug.
        var wronglySorted: [Int] {
            switch self {
            case .empty: []
            case .node(let head, let left, let right): [head] + Heap.merged(left, right).values
            }
        }

        static func generator(from least: Int, depth: Int) -> Generator<Heap> {
            guard depth > 0 else { return .constant(.empty) }
            return Generator { draw in
                guard try draw(.bool(percent: 35)) else { return .empty }
                let head = try draw(.int(in: least ... .max, towards: 0))
                let left = try draw(generator(from: head, depth: depth - 1))
                let right = try draw(generator(from: head, depth: depth - 1))
                return .node(head, left, right)
            }
        }
    }

    static let binaryHeap = ShrinkingProblem(
        name: "binheap",
        normalForm: ["(0, None, (0, (1, None, None), (0, None, None)))"],
        alternatives: [
            ["(0, (1, None, None), (0, (0, None, None), None))"],
            ["(0, (0, (0, None, None), None), (1, None, None))"],
        ]
    ) { draw in
        let heap = try draw(Heap.generator(from: .min, depth: 40))
        let sorted = heap.wronglySorted
        try require(sorted == sorted.sorted() && heap.values.sorted() == sorted)
    }
}
