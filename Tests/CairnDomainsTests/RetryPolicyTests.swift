import CairnCore
import CairnDomains
import CairnTesting
import Testing

struct RetryPolicyTests {
    @Test(
        arguments: [
            (1, 30), (2, 60), (3, 120), (5, 480), (6, 900), (7, 900), (Int64.max, 900), (0, 30),
            (-5, 30), (Int64.min, 30),
        ] as [(Int64, Int64)]
    )
    func `waits double up to the cap`(attempt: Int64, seconds: Int64) {
        #expect(RetryPolicy.standard.delay(afterAttempt: attempt) == .seconds(seconds))
    }

    @Test func `jitter takes off at most its share and repeats with its seed`() {
        var shortest = Int64.max
        var longest = Int64.min
        for seed in 0..<10_000 as Range<UInt64> {
            let delay = RetryPolicy.standard.delay(afterAttempt: 1, seed: seed)
            #expect(delay == RetryPolicy.standard.delay(afterAttempt: 1, seed: seed))
            shortest = min(shortest, delay.nanoseconds)
            longest = max(longest, delay.nanoseconds)
        }
        #expect((24_000_000_000...24_010_000_000).contains(shortest))
        #expect((29_990_000_000...30_000_000_000).contains(longest))
    }

    @Test func `the chosen wait never changes between versions`() {
        let delay = RetryPolicy.standard.delay(afterAttempt: 3, seed: 2_026)
        #expect(delay.nanoseconds == 99_411_498_647)
    }

    @Test func `extreme policies neither trap nor leave their bounds`() {
        var generator = SeededGenerator(seed: 5)
        let extremes: [Int64] = [.min, -1, 0, 1, 999, 1_000, 1_001, 1_000_000, .max]
        for round in 0..<5_000 {
            let policy = RetryPolicy(
                attemptCountMax: generator.pick(extremes),
                initialDelay: TimeSpan(nanoseconds: generator.pick(extremes)),
                multiplierThousandths: generator.pick(extremes),
                delayMax: TimeSpan(nanoseconds: generator.pick(extremes)),
                jitterThousandths: generator.pick(extremes)
            )
            let delay = policy.delay(
                afterAttempt: generator.pick(extremes),
                seed: generator.next()
            )
            let cap = max(policy.delayMax, .zero)
            #expect(delay >= .zero && delay <= cap, "seed 5, round \(round): \(policy)")
        }
    }
}
