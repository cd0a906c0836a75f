extension Generator {
    /// What one of several generators makes; the first is simplest.
    ///
    /// - Precondition: There is at least one.
    public static func one(of alternatives: [Generator]) -> Generator {
        frequency(alternatives.map { (1, $0) })
    }

    /// What one of several generators makes; the first is simplest.
    public static func one(of first: Generator, _ others: Generator...) -> Generator {
        one(of: [first] + others)
    }

    /// What one of several generators makes, each as often as its weight says.
    ///
    /// The first is simplest, whatever the weights are.
    ///
    /// - Precondition: There is at least one, and every weight is positive.
    public static func frequency(
        _ alternatives: [(weight: Int, generator: Generator)]
    ) -> Generator {
        precondition(!alternatives.isEmpty, "there is nothing to choose from")
        precondition(alternatives.allSatisfy { $0.weight > 0 }, "weights are positive")
        let generators = alternatives.map(\.generator)
        let weights = alternatives.map(\.weight)
        let total = weights.reduce(0, +)
        let isEven = weights.allSatisfy { $0 == weights[0] }
        let domain = choice(of: alternatives.count)
        let label = SpanLabel("one of").of(generators.map(\.label))
        return Generator(label: label) { draw throws(CaseStop) in
            let suggestion: Int128? = draw.tape.withRandom { random in
                guard !isEven else { return Int128(random.generator.below(weights.count)) }
                var place = 0
                var rest = random.generator.below(total)
                while rest >= weights[place] {
                    rest -= weights[place]
                    place += 1
                }
                return Int128(place)
            }
            let place = try draw.tape.choose(domain, suggestion: suggestion)
            return try generators[Int(place)].draw(&draw)
        }
    }

    /// One of some values; the first is simplest.
    ///
    /// - Precondition: There is at least one.
    public static func sampled(from values: [Value]) -> Generator where Value: Sendable {
        precondition(!values.isEmpty, "there is nothing to choose from")
        let domain = choice(of: values.count)
        return Generator(label: SpanLabel("sampled")) { draw throws(CaseStop) in
            values[Int(try draw.tape.choose(domain))]
        }
    }

    /// One of a type's cases; the first is simplest.
    public static func allCases() -> Generator where Value: CaseIterable & Sendable {
        sampled(from: Array(Value.allCases))
    }

    /// Nil, which is simplest, or a value.
    public static func optional<Wrapped>(
        _ wrapped: Generator<Wrapped>
    ) -> Generator where Value == Wrapped? {
        Generator(label: SpanLabel("optional").of(wrapped.label)) { draw throws(CaseStop) in
            let isThere = try Generator<Bool>.bool(percent: 75).draw(&draw)
            return isThere ? try wrapped.draw(&draw) : nil
        }
    }

    /// A success, which is simplest, or a failure.
    public static func result<Success, Failure>(
        _ success: Generator<Success>,
        _ failure: Generator<Failure>
    ) -> Generator where Value == Result<Success, Failure> {
        one(of: success.map { .success($0) }, failure.map { .failure($0) })
    }

    /// Several values at once, each from a generator of its own.
    public static func tuple<each Element>(
        _ element: repeat Generator<each Element>
    ) -> Generator where Value == (repeat each Element) {
        Generator(label: SpanLabel("tuple")) { draw throws(CaseStop) in
            (repeat try (each element).draw(&draw))
        }
    }

    /// Values that hold smaller ones of their own kind, to a depth.
    ///
    /// ```swift
    /// let tree = Generator<Tree>.recursive(.constant(.leaf)) { tree in
    ///     .tuple(tree, tree).map { .node($0, $1) }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - leaf: Makes values that hold none; they are simplest.
    ///   - depthMax: How deep values may be; at that depth all are leaves.
    ///   - node: Makes values out of a generator of smaller ones.
    /// - Returns: The generator.
    public static func recursive(
        _ leaf: Generator,
        depthMax: Int = 5,
        _ node: (Generator) -> Generator
    ) -> Generator {
        // Every depth has one label, so that a value may take the place of one that holds it.
        let label = SpanLabel("recursive").of(leaf.label)
        let domain = choice(of: 2)
        var level = Generator(label: label) { draw throws(CaseStop) in
            // Asked for, though decided, so that a leaf looks alike at every depth.
            _ = try draw.tape.choose(.integer(IntegerDomain(lower: 0, upper: 0, origin: 0)))
            return try leaf.draw(&draw)
        }
        for _ in 0..<max(0, depthMax) {
            let inner = node(level)
            level = Generator(label: label) { draw throws(CaseStop) in
                let suggestion: Int128? = draw.tape.withRandom { random in
                    random.generator.isHit(1, outOf: draw.tape.fullness < 64 ? 2 : 8) ? 1 : 0
                }
                let isNode = try draw.tape.choose(domain, suggestion: suggestion) != 0
                return try (isNode ? inner : leaf).draw(&draw)
            }
        }
        return level
    }

    private static func choice(of count: Int) -> ChoiceDomain {
        .integer(IntegerDomain(lower: 0, upper: Int128(count - 1), origin: 0))
    }
}
