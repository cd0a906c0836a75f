/// Values that steps made and later steps use again, so that names and keys collide.
public struct Bundle<Value> {
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

extension Bundle: Sendable where Value: Sendable {}
extension Bundle: Equatable where Value: Equatable {}
extension Bundle: Hashable where Value: Hashable {}

extension Draw {
    /// Draws one of a bundle's values; the oldest is simplest.
    ///
    /// The case counts for nothing where there is none; let the rule's condition see to it.
    ///
    /// - Throws: ``CaseStop``.
    public mutating func pick<Value>(
        _ bundle: Bundle<Value>,
        _ name: String? = nil
    ) throws(CaseStop) -> Value {
        guard !bundle.isEmpty else { throw tape.end(.assumption) }
        return try value(SpanLabel("pick"), name) { draw throws(CaseStop) in
            bundle.values[try draw.place(in: bundle.count)]
        }
    }

    /// Draws one of a bundle's values, or a new one.
    ///
    /// A value that was there is simpler than a new one.
    ///
    /// - Throws: ``CaseStop``.
    public mutating func reuse<Value>(
        _ bundle: Bundle<Value>,
        or generator: Generator<Value>,
        _ name: String? = nil
    ) throws(CaseStop) -> Value {
        guard !bundle.isEmpty else { return try self(generator, name) }
        let label = SpanLabel("reuse").of(generator.label)
        return try value(label, name) { draw throws(CaseStop) in
            let isNew = try Generator<Bool>.bool(percent: 40).draw(&draw)
            if isNew { return try generator.draw(&draw) }
            return bundle.values[try draw.place(in: bundle.count)]
        }
    }

    private mutating func place(in count: Int) throws(CaseStop) -> Int {
        let domain = IntegerDomain(lower: 0, upper: Int128(count - 1), origin: 0)
        return Int(try tape.choose(.integer(domain)))
    }
}
