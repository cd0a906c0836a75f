/// How long something took, over many times: exact where it is a mean.
public struct SpanTotals: Sendable {
    /// How often.
    public let count: Int
    /// The mean, in milliseconds.
    public let meanMilliseconds: ExactMean
    /// The median, in milliseconds, interpolated as `PERCENTILE_CONT` does, to the nanosecond.
    public let medianMilliseconds: Double
    /// 95 percent took at most this long, in milliseconds, interpolated as the median.
    public let percentile95Milliseconds: Double

    private static let nanosecondsPerMillisecond: Int64 = 1_000_000

    /// Sums spans up; nil for none.
    ///
    /// - Parameter nanoseconds: The spans.
    /// - Complexity: Linear.
    init?(_ nanoseconds: [Int64]) {
        guard let median = RankSelection.continuousPercentile(0.5, of: nanoseconds),
            let percentile95 = RankSelection.continuousPercentile(0.95, of: nanoseconds)
        else { return nil }
        count = nanoseconds.count
        var sum: Int128 = 0
        for value in nanoseconds { sum += Int128(value) }
        meanMilliseconds = ExactMean(
            sum: sum,
            count: Int64(nanoseconds.count) * Self.nanosecondsPerMillisecond
        )
        medianMilliseconds = median.rounded() / Double(Self.nanosecondsPerMillisecond)
        percentile95Milliseconds = percentile95.rounded() / Double(Self.nanosecondsPerMillisecond)
    }
}
