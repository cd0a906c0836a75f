/// What may be chosen at one place, and which of it is simplest.
enum ChoiceDomain: Hashable, Sendable {
    case integer(IntegerDomain)
    case float(FloatDomain)

    var kind: Choice.Kind {
        switch self {
        case .integer(let domain): domain.kind
        case .float: .float
        }
    }

    var simplest: Int128 {
        switch self {
        case .integer(let domain): domain.origin
        case .float(let domain): domain.simplest
        }
    }

    /// Whether there is nothing to choose.
    var isForced: Bool {
        switch self {
        case .integer(let domain): domain.lower == domain.upper
        case .float(let domain): domain.isForced
        }
    }

    func contains(_ value: Int128) -> Bool {
        switch self {
        case .integer(let domain): domain.contains(value)
        case .float(let domain): domain.contains(FloatCode.double(of: value))
        }
    }

    /// A suggestion, where it may be followed: one that lies outside would always become an end of
    /// the range.
    func fitting(_ suggestion: Int128?) -> Int128? {
        suggestion.flatMap { contains($0) ? $0 : nil }
    }

    /// The value that a choice stands for here, where it may have been made for another place.
    func admitting(_ choice: Choice) -> Int128 {
        guard choice.kind == kind else { return simplest }
        switch self {
        case .integer(let domain):
            return min(max(choice.value, domain.lower), domain.upper)
        case .float(let domain):
            let value = FloatCode.double(of: choice.value)
            return domain.contains(value) ? FloatCode.value(of: value) : domain.nearest(to: value)
        }
    }

    /// The first few values, the simplest one first, and whether there are no others.
    func simplestValues(countMax: Int) -> (values: [Int128], isAll: Bool) {
        var values = [simplest]
        switch self {
        case .integer(let domain):
            let count = domain.upper - domain.lower + 1
            var distance: Int128 = 1
            while values.count < countMax, values.count < count {
                let next = [domain.origin + distance, domain.origin - distance]
                values += next.filter(domain.contains).prefix(countMax - values.count)
                distance += 1
            }
            return (values, values.count == count)
        case .float:
            let small = (0...countMax).flatMap { [Double($0), -Double($0)] }
                .map { FloatCode.value(of: $0) }
                .filter { contains($0) && $0 != simplest }
            values += small.prefix(countMax - 1)
            return (values, isForced)
        }
    }

    /// A number that orders values from the simplest up.
    func rank(_ value: Int128) -> UInt128 {
        switch self {
        case .integer(let domain):
            (value - domain.origin).magnitude << 1 | (value < domain.origin ? 1 : 0)
        case .float: FloatCode.rank(value)
        }
    }
}

/// Whole numbers in a closed range, the simplest of which may stand anywhere in it.
///
/// The range holds at most 2^64 numbers, each at least `Int64.min` and at most `UInt64.max`.
struct IntegerDomain: Hashable, Sendable {
    let kind: Choice.Kind
    let lower: Int128
    let upper: Int128
    /// What numbers shrink towards.
    let origin: Int128

    init(kind: Choice.Kind = .integer, lower: Int128, upper: Int128, origin: Int128) {
        self.kind = kind
        self.lower = lower
        self.upper = upper
        self.origin = min(max(origin, lower), upper)
    }

    static let bool = IntegerDomain(kind: .bool, lower: 0, upper: 1, origin: 0)

    /// A choice that only counts, so that deleting what stands around it leaves a valid list.
    static func forced(_ value: Bool) -> IntegerDomain {
        let number: Int128 = value ? 1 : 0
        return IntegerDomain(kind: .bool, lower: number, upper: number, origin: number)
    }

    func contains(_ value: Int128) -> Bool {
        lower <= value && value <= upper
    }
}

/// Numbers in binary floating point between two bounds, and perhaps those that are not finite.
struct FloatDomain: Hashable, Sendable {
    let lower: Double
    let upper: Double
    /// Whether infinities and NaN may be chosen as well.
    let hasSpecials: Bool

    init(_ range: ClosedRange<Double>, hasSpecials: Bool = false) {
        lower = range.lowerBound
        // Two zeros of different signs are equal, so the range may have them in any order.
        upper = range.lowerBound == range.upperBound ? range.lowerBound : range.upperBound
        self.hasSpecials = hasSpecials
    }

    var isForced: Bool {
        lower.bitPattern == upper.bitPattern && !hasSpecials
    }

    /// Whether a number may be chosen; minus zero lies below zero.
    func contains(_ value: Double) -> Bool {
        guard value.isFinite else { return hasSpecials }
        return lower.isTotallyOrdered(belowOrEqualTo: value)
            && value.isTotallyOrdered(belowOrEqualTo: upper)
    }

    var simplest: Int128 {
        if contains(0) { return FloatCode.value(of: 0) }
        let isNegative = upper.sign == .minus
        let magnitude = FloatCode.simplest(
            from: isNegative ? -upper : lower,
            through: isNegative ? -lower : upper
        )
        return FloatCode.value(of: isNegative ? -magnitude : magnitude)
    }

    func nearest(to value: Double) -> Int128 {
        guard value.isFinite else { return simplest }
        if contains(value) { return FloatCode.value(of: value) }
        return FloatCode.value(of: lower.isTotallyOrdered(belowOrEqualTo: value) ? upper : lower)
    }
}
