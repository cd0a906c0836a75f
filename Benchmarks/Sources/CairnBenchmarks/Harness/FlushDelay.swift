import SlowFlushes

/// Flushes that take a millisecond longer, as those of network disks and of drives do that have
/// no protected cache.
enum FlushDelay {
    static let nanoseconds: UInt64 = 1_000_000

    /// Calls `body` while every flush of this process takes longer.
    static func during<Result>(_ body: () async throws -> Result) async throws -> Result {
        slow_flushes_set(UInt32(nanoseconds / 1_000))
        defer { slow_flushes_set(0) }
        return try await body()
    }
}

extension Side {
    /// The same while flushes are slow, in this process or in the server that the side writes to.
    ///
    /// An append waits for so many flushes that begin after it, so none may be quicker than they.
    func withSlowFlushes(perCommit flushCount: UInt64) -> Side {
        Side(name) { bench in
            let outcome = try await FlushDelay.during { try await run(bench) }
            guard let least = outcome.latenciesNanoseconds.min(),
                least >= flushCount * FlushDelay.nanoseconds
            else { throw BenchmarkError.quickFlush(side: name) }
            return outcome
        }
    }
}
