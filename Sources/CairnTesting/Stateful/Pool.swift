/// Values that steps made and later steps use again, so that names and keys collide.
public struct Pool<Value> {
    /// In the order in which they were added.
    public private(set) var values: [Value] = []

    public init() {}

    public var isEmpty: Bool { values.isEmpty }
    public var count: Int { values.count }

    /// Keeps a value for later steps.
    public mutating func add(_ value: Value) {
        values.append(value)
    }

    /// Forgets every value that satisfies a condition.
    public mutating func removeAll(where isRemoved: (Value) -> Bool) {
        values.removeAll(where: isRemoved)
    }
}

extension Pool: Sendable where Value: Sendable {}
extension Pool: Equatable where Value: Equatable {}
extension Pool: Hashable where Value: Hashable {}

extension Draw {
    /// Draws one of a pool's values; the oldest is simplest.
    ///
    /// The case counts for nothing where there is none; let the rule's condition see to it.
    ///
    /// - Throws: ``CaseStop``.
    public mutating func pick<Value>(
        _ pool: Pool<Value>,
        _ name: String? = nil
    ) throws(CaseStop) -> Value {
        guard !pool.isEmpty else { throw tape.end(.assumption) }
        return try value(SpanLabel("pick"), name) { draw throws(CaseStop) in
            pool.values[try draw.place(in: pool.count)]
        }
    }

    /// Draws one of a pool's values, or a new one.
    ///
    /// A value that was there is simpler than a new one.
    ///
    /// - Throws: ``CaseStop``.
    public mutating func reuse<Value>(
        _ pool: Pool<Value>,
        or generator: Generator<Value>,
        _ name: String? = nil
    ) throws(CaseStop) -> Value {
        let label = SpanLabel("reuse").of(generator.label)
        return try value(label, name) { draw throws(CaseStop) in
            // Asked for, though decided, so that a step looks alike whether or not it comes first.
            let isNew =
                pool.isEmpty
                ? try draw.tape.choose(.integer(.forced(true))) != 0
                : try Generator<Bool>.bool(percent: 40).draw(&draw)
            if isNew { return try generator.draw(&draw) }
            return pool.values[try draw.place(in: pool.count)]
        }
    }

    private mutating func place(in count: Int) throws(CaseStop) -> Int {
        let domain = IntegerDomain(lower: 0, upper: Int128(count - 1), origin: 0)
        return Int(try tape.choose(.integer(domain)))
    }
}
