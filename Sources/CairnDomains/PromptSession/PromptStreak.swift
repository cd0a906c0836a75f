public import CairnCore

/// The days on which a user joined, and the runs of days that follow each other.
///
/// A day is what it is in the time zone that the caller states: the offset from UTC may differ
/// from instant to instant, as it does where clocks change.
public struct PromptStreak: Hashable, Sendable {
    /// The days in their order, each once, counted from 1970-01-01 as 0.
    public let days: [Int64]

    /// Finds the days.
    ///
    /// - Parameters:
    ///   - joins: The instants of joining, in any order.
    ///   - offset: How many seconds the zone is ahead of UTC at an instant.
    public init(joins: some Sequence<Timestamp>, secondsAheadOfUTC offset: (Timestamp) -> Int64) {
        var days: Set<Int64> = []
        for instant in joins { days.insert(Self.day(of: instant, offset)) }
        self.days = days.sorted()
    }

    /// The day of an instant, counted from 1970-01-01 as 0.
    public static func day(
        of instant: Timestamp,
        _ offset: (Timestamp) -> Int64
    ) -> Int64 {
        let local = instant.adding(.seconds(offset(instant))).nanoseconds
        let (quotient, remainder) = local.quotientAndRemainder(dividingBy: 86_400_000_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// How many days the longest run has; 0 without any.
    public var longest: Int { runs.max() ?? 0 }

    /// How many days the run has that goes on today.
    ///
    /// It ends today or, because today is not over, yesterday. Days after today are passed over.
    public func current(today: Int64) -> Int {
        var expected = today
        var count = 0
        for day in days.reversed() where day <= today {
            if count == 0, day == today - 1 { expected = day }
            guard day == expected else { break }
            count += 1
            expected -= 1
        }
        return count
    }

    private var runs: [Int] {
        var runs: [Int] = []
        var last: Int64?
        for day in days {
            if let last, day == last + 1 { runs[runs.count - 1] += 1 } else { runs.append(1) }
            last = day
        }
        return runs
    }
}
