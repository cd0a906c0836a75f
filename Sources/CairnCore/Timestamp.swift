/// An instant: whole nanoseconds since 1970-01-01T00:00:00Z, in 64 bits.
///
/// Reaches from the year 1677 to 2262. Leap seconds do not exist in it, as in POSIX.
public struct Timestamp: Hashable, Comparable, Sendable {
    public let nanoseconds: Int64

    public static let unixEpoch = Timestamp(nanoseconds: 0)
    public static let distantPast = Timestamp(nanoseconds: .min)
    public static let distantFuture = Timestamp(nanoseconds: .max)

    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    @inlinable
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The instant later by a span; stays at the ends of the range instead of overflowing.
    @inlinable
    public func adding(_ span: TimeSpan) -> Timestamp {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(span.nanoseconds)
        if overflow { return span.nanoseconds < 0 ? .distantPast : .distantFuture }
        return Timestamp(nanoseconds: sum)
    }

    /// The span from another instant to this one; stays at the ends of the range.
    @inlinable
    public func since(_ other: Timestamp) -> TimeSpan {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(other.nanoseconds)
        if overflow { return TimeSpan(nanoseconds: nanoseconds < 0 ? .min : .max) }
        return TimeSpan(nanoseconds: difference)
    }
}

/// A span of time in whole nanoseconds, possibly negative, in 64 bits (292 years).
public struct TimeSpan: Hashable, Comparable, Sendable {
    public let nanoseconds: Int64

    public static let zero = TimeSpan(nanoseconds: 0)

    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// A span of whole milliseconds; stays at the ends of the range.
    @inlinable
    public static func milliseconds(_ count: Int64) -> TimeSpan {
        saturating(count, times: 1_000_000)
    }

    /// A span of whole seconds; stays at the ends of the range.
    @inlinable
    public static func seconds(_ count: Int64) -> TimeSpan {
        saturating(count, times: 1_000_000_000)
    }

    @inlinable
    static func saturating(_ count: Int64, times unit: Int64) -> TimeSpan {
        let (product, overflow) = count.multipliedReportingOverflow(by: unit)
        return TimeSpan(nanoseconds: overflow ? (count < 0 ? .min : .max) : product)
    }

    @inlinable
    public static func < (left: TimeSpan, right: TimeSpan) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The same span backwards.
    @inlinable
    public var negated: TimeSpan {
        TimeSpan(nanoseconds: nanoseconds == .min ? .max : -nanoseconds)
    }
}
