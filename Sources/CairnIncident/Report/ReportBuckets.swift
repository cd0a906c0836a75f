internal import CairnCore
internal import CairnDomains

/// What happened in a report's requests, in equal stretches of time.
struct ReportBuckets: Sendable {
    /// Most stretches.
    static let countMax = 96

    /// In microseconds since 1970.
    let start: Int64
    let width: Int64
    let count: Int
    /// How many events were created in each.
    private(set) var events: [Int64]
    private(set) var failures: [Int64]
    /// How many requests had their first event in each.
    private(set) var begun: [Int64]
    /// How many requests were stuck at the end of each, or now where that is earlier.
    private(set) var stuck: [Int64]
    /// For each lane and each stretch, the durations of what was completed.
    private var durations: [Int64: [[Int64]]] = [:]
    private(set) var laneFailures: [Int64: [Int64]] = [:]

    private static let second: Int64 = 1_000_000
    /// Stretches that people count in, in microseconds; beyond them, doubles of the last.
    private static let widths: [Int64] =
        [1, 10, 100, 1_000, 10_000, 100_000].map { $0 }
        + [
            1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600,
            43_200, 86_400, 172_800, 604_800, 1_209_600, 2_419_200,
        ].map { $0 * second }

    /// - Parameters:
    ///   - first: The first instant, in microseconds since 1970.
    ///   - last: The last one; one before the first is as good as the first.
    init(from first: Int64, to last: Int64) {
        let last = max(first, last)
        var width = Self.widths[0]
        var next = Self.widths.dropFirst()
        while Self.count(from: first, to: last, width: width) > Self.countMax {
            width = next.popFirst() ?? width * 2
        }
        self.width = width
        start = Self.floor(first, to: width)
        count = Self.count(from: first, to: last, width: width)
        let zeros = [Int64](repeating: 0, count: count)
        events = zeros
        failures = zeros
        begun = zeros
        stuck = zeros
    }

    private static func floor(_ time: Int64, to width: Int64) -> Int64 {
        let (quotient, rest) = time.quotientAndRemainder(dividingBy: width)
        return (rest < 0 ? quotient - 1 : quotient) * width
    }

    private static func count(from first: Int64, to last: Int64, width: Int64) -> Int {
        Int((floor(last, to: width) - floor(first, to: width)) / width) + 1
    }

    /// The stretch that an instant is in.
    func index(of time: Int64) -> Int? {
        guard time >= start else { return nil }
        let index = (time - start) / width
        return index < count ? Int(index) : nil
    }

    mutating func take(_ event: ReportEvent, isFailed: Bool, isCompleted: Bool) {
        guard let index = index(of: event.createdAt) else { return }
        events[index] += 1
        if isFailed {
            failures[index] += 1
            laneFailures[event.lane, default: Array(repeating: 0, count: count)][index] += 1
        }
        if isCompleted, let duration = event.durationMilliseconds {
            durations[event.lane, default: Array(repeating: [], count: count)][index]
                .append(duration)
        }
    }

    mutating func takeBegin(at time: Int64) {
        if let index = index(of: time) { begun[index] += 1 }
    }

    /// Counts a request that was stuck for a time.
    ///
    /// - Parameters:
    ///   - since: The instant after which it counted as stuck.
    ///   - until: The first instant at which it was not any more; nil where it still is.
    ///   - now: The instant of the last look at it.
    mutating func takeStuck(since: Int64, until: Int64?, now: Int64) {
        for index in 0..<count {
            let look = min(start + (Int64(index) + 1) * width, max(now, start))
            if look > since, until.map({ look < $0 }) ?? true { stuck[index] += 1 }
        }
    }

    /// The lanes with durations.
    var lanesWithDurations: [Int64] { durations.keys.sorted() }

    /// For each stretch the duration that 95 percent of what was completed in a lane took at
    /// most, in milliseconds; nil where nothing was.
    func percentiles95(of lane: Int64) -> [Double?] {
        (durations[lane] ?? []).map { RankSelection.continuousPercentile(0.95, of: $0) }
    }

    /// The same over all stretches, with the number and the greatest of the durations.
    func total(of lane: Int64) -> (count: Int, percentile95: Double?, max: Int64?) {
        let all = (durations[lane] ?? []).flatMap { $0 }
        return (all.count, RankSelection.continuousPercentile(0.95, of: all), all.max())
    }
}
