import CBaselines

/// Holds a run back while the disk is much slower than it was before.
///
/// Virtual disks have phases of seconds in which every flush takes milliseconds; a side that meets
/// one is measured at a fraction of its speed. Waiting is bounded, and runs that began on a busy
/// disk anyway are counted, so that the reader knows to repeat them.
final class QuietDisk {
    private(set) var runCount = 0
    private(set) var busyRunCount = 0
    private let directory: String
    private let attemptCountMax: Int
    private var leastMedianNanoseconds = UInt64.max

    /// Probes the disk of `directory`, with up to `attemptCountMax` seconds of waiting for a run.
    ///
    /// With 0 it never probes, for runs whose figures nobody reads.
    init(directory: String, attemptCountMax: Int) {
        self.directory = directory
        self.attemptCountMax = attemptCountMax
    }

    /// Returns when flushes are at most three times as slow as the quickest seen, or too late.
    func wait() async throws {
        runCount += 1
        guard attemptCountMax > 0 else { return }
        for _ in 0..<attemptCountMax {
            if try probeIsQuiet() { return }
            try await Task.sleep(for: .seconds(1))
        }
        if try !probeIsQuiet() { busyRunCount += 1 }
    }

    private func probeIsQuiet() throws -> Bool {
        var latencies = [UInt64](repeating: 0, count: 20)
        _ = try Outcome(cb_flush_latencies(directory, UInt64(latencies.count), &latencies))
        let median = latencies.quantile(0.5)
        leastMedianNanoseconds = min(leastMedianNanoseconds, median)
        return median / 3 <= leastMedianNanoseconds
    }
}
