/// What must hold of a number, such as `> 10`.
public struct CountCondition: Hashable, Sendable {
    private let comparison: ComparisonOperator
    private let bound: UInt64

    /// At least one.
    public static let any = CountCondition(.greaterOrEqual, 1)

    private init(_ comparison: ComparisonOperator, _ bound: UInt64) {
        (self.comparison, self.bound) = (comparison, bound)
    }

    /// Reads a condition; nil for a text that is not a comparison with a whole number.
    public init?(_ text: String) {
        let sign = text.prefix { "=!<>".contains($0) }
        let number = text.dropFirst(sign.count).drop { $0 == " " }
        guard let comparison = ComparisonOperator(rawValue: String(sign)),
            let bound = UInt64(number), number.allSatisfy(\.isASCII), number.first != "+"
        else { return nil }
        self.init(comparison, bound)
    }

    /// Whether it holds of a number.
    public func holds(of count: Int) -> Bool {
        PredicateOrder(UInt64(clamping: count), bound).satisfies(comparison)
    }
}
