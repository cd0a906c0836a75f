public import CairnCore

/// How long to wait before a failed stage is tried again, and how often.
///
/// Whole numbers throughout, so that every machine chooses the same instant (law 2).
public struct RetryPolicy: Hashable, Sendable {
    /// Most tries of one stage, the first one included.
    public var attemptCountMax: Int64
    /// The wait after the first try.
    public var initialDelay: TimeSpan
    /// By how much each wait is longer than the one before, in thousandths.
    public var multiplierThousandths: Int64
    /// The longest wait.
    public var delayMax: TimeSpan
    /// The share of a wait that chance may take off, in thousandths.
    public var jitterThousandths: Int64

    /// Most tries that a policy may allow.
    public static let attemptCountLimit: Int64 = 1_000

    /// Five tries, waiting 30 seconds, 1, 2 and 4 minutes, each shortened by up to a fifth.
    public static let standard = RetryPolicy(
        attemptCountMax: 5,
        initialDelay: .seconds(30),
        multiplierThousandths: 2_000,
        delayMax: .seconds(900),
        jitterThousandths: 200
    )

    public init(
        attemptCountMax: Int64,
        initialDelay: TimeSpan,
        multiplierThousandths: Int64,
        delayMax: TimeSpan,
        jitterThousandths: Int64
    ) {
        self.attemptCountMax = attemptCountMax
        self.initialDelay = initialDelay
        self.multiplierThousandths = multiplierThousandths
        self.delayMax = delayMax
        self.jitterThousandths = jitterThousandths
    }

    /// The wait after a try, without jitter: it grows from try to try, up to ``delayMax``.
    ///
    /// - Complexity: Linear in the tries, of which at most ``attemptCountLimit`` are counted.
    public func delay(afterAttempt attempt: Int64) -> TimeSpan {
        let cap = max(delayMax.nanoseconds, 0)
        var delay = min(max(initialDelay.nanoseconds, 0), cap)
        let growth = max(multiplierThousandths, 1_000)
        var rest = min(attempt, Self.attemptCountLimit)
        while rest > 1, delay < cap, growth > 1_000 {
            delay = min(Self.scale(delay, byThousandths: growth), cap)
            rest -= 1
        }
        return TimeSpan(nanoseconds: delay)
    }

    /// The wait after a try, shortened by chance, so that what failed together does not come
    /// back together.
    ///
    /// - Parameters:
    ///   - attempt: The number of the try that failed.
    ///   - seed: Where the chance comes from: the turn's seed.
    /// - Returns: A wait between the full one and the full one less the jitter's share.
    public func delay(afterAttempt attempt: Int64, seed: UInt64) -> TimeSpan {
        let full = delay(afterAttempt: attempt)
        let share = min(max(jitterThousandths, 0), 1_000)
        let widest = Self.scale(full.nanoseconds, byThousandths: share)
        // The high half of the product is a number below `widest + 1`, spread evenly.
        let chosen = Self.mix(seed).multipliedFullWidth(by: UInt64(widest) + 1).high
        return TimeSpan(nanoseconds: full.nanoseconds - Int64(chosen))
    }

    /// A product of a count that is not negative, saturating at the end of the range.
    private static func scale(_ count: Int64, byThousandths factor: Int64) -> Int64 {
        let product = UInt64(count).multipliedFullWidth(by: UInt64(factor))
        guard product.high < 1_000 else { return .max }
        return Int64(clamping: UInt64(1_000).dividingFullWidth(product).quotient)
    }

    /// Spreads a seed over all 64 bits (the last step of SplitMix64).
    private static func mix(_ seed: UInt64) -> UInt64 {
        var mixed = seed &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
