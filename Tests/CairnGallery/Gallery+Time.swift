import CairnTesting

/// A bucket of one token, to which one comes every second.
private struct TokenBucket: Sendable {
    let hasBug: Bool
    /// In thousandths of a token.
    var model = 1_000
    private var now = 0
    private var (tokenCount, refilledAt) = (1, 0)

    init(hasBug: Bool) { self.hasBug = hasBug }

    mutating func wait(_ milliseconds: Int) {
        model = min(1_000, model + milliseconds)
        now += milliseconds
    }

    mutating func take() -> Bool {
        tokenCount = min(1, tokenCount + (now - refilledAt) / 1_000)
        // The bug: the part of a second that is left over is lost even where there is room for it.
        if hasBug || tokenCount == 1 { refilledAt = now }
        guard tokenCount > 0 else { return false }
        tokenCount -= 1
        return true
    }
}

/// No more than two requests within a second.
private struct Limiter: Sendable {
    let hasBug: Bool
    var now = 0
    private(set) var accepted: [Int] = []

    init(hasBug: Bool) { self.hasBug = hasBug }

    mutating func request() {
        // The bug: seconds are those of the clock, and two of them meet.
        let recent = accepted.filter { hasBug ? $0 / 1_000 == now / 1_000 : $0 > now - 1_000 }
        if recent.count < 2 { accepted.append(now) }
    }

    var isKept: Bool { zip(accepted, accepted.dropFirst(2)).allSatisfy { $1 - $0 >= 1_000 } }
}

/// A session that ends when it was idle for a minute, by a clock that can be set back.
private struct IdleTimer: Sendable {
    let hasBug: Bool
    private var touchedAt: UInt32 = 0

    init(hasBug: Bool) { self.hasBug = hasBug }

    mutating func touch(at now: UInt32) { touchedAt = now }

    func isOver(at now: UInt32) -> Bool {
        // The bug: a clock that was set back has gone nearly all the way round.
        hasBug ? now &- touchedAt >= 60 : now >= touchedAt && now - touchedAt >= 60
    }
}

extension GallerySubject {
    static let time = [tokenBucket, limiter, idleTimer, backoff, duration]

    private static let tokenBucket = GallerySubject(
        "token bucket that loses parts of a second",
        minimal: ["take()", "wait(1)", "take()", "wait(999)", "take()"],
        reason: """
            The bucket has to be empty; a refused take after less than a second loses what there \
            is, and the rest of the second makes a token due. The first wait may be the least.
            """,
        startingWith: { TokenBucket(hasBug: $0) },
        rules: [
            Rule("take") { bucket, draw in
                let isDue = bucket.model >= 1_000
                if isDue { bucket.model -= 1_000 }
                try draw.expect(bucket.take(), equals: isDue)
            },
            Rule("wait") { bucket, draw in bucket.wait(try draw(.int(in: 1...5_000))) },
        ]
    )

    private static let limiter = GallerySubject(
        "rate limit that doubles where two windows meet",
        minimal: ["wait(1)", "request()", "request()", "wait(999)", "request()"],
        reason: """
            Three requests, of which the last is in the next window and less than a second after \
            the first: so the first is not at 0, and the last at 1000.
            """,
        startingWith: { Limiter(hasBug: $0) },
        rules: [
            Rule("request") { limiter, _ in limiter.request() },
            Rule("wait") { limiter, draw in limiter.now += try draw(.int(in: 1...2_000)) },
        ],
        invariants: [Invariant("no more than two in a second") { $0.isKept }]
    )

    private static let idleTimer = GallerySubject(
        "timer that ends when the clock is set back",
        minimal: ["touch(at: 1)", "look(at: 0)"],
        reason: "It is touched and then looked at one second earlier.",
        startingWith: { (timer: IdleTimer(hasBug: $0), touchedAt: UInt32(0)) },
        rules: [
            Rule("touch") { idle, draw in
                idle.touchedAt = try draw(.integer(in: 0...100_000), "at")
                idle.timer.touch(at: idle.touchedAt)
            },
            Rule("look") { idle, draw in
                let now: UInt32 = try draw(.integer(in: 0...100_000), "at")
                let isOver = Int(now) - Int(idle.touchedAt) >= 60
                try draw.expect(idle.timer.isOver(at: now), equals: isOver)
            },
        ]
    )

    private static let backoff = GallerySubject(
        "delay that doubles until it overflows",
        minimal: ["attempt: 23"],
        reason: """
            1000 ms doubled 22 times are 4194304000, which fits into 32 bits, and 23 times do not: \
            what is left of them, 4093640704, is less.
            """
    ) { hasBug, draw in
        func delay(_ attempt: Int) -> UInt64 {
            // The bug: a shift drops what does not fit.
            hasBug ? UInt64(UInt32(1_000) << UInt32(attempt)) : UInt64(1_000) << min(attempt, 40)
        }
        let attempt = try draw(.int(in: 1...100), "attempt")
        try draw.expect(delay(attempt) >= delay(attempt - 1))
    }

    private static let duration = GallerySubject(
        "duration in milliseconds of 32 bits",
        minimal: ["start: 0", "end: 2147483648"],
        reason: "The least number that 31 bits and a sign do not hold, from 0 on."
    ) { hasBug, draw in
        let start = try draw(.int(in: 0...10_000_000_000), "start")
        let end = try draw(.int(in: start...20_000_000_000), "end")
        // The bug: 24.8 days are taken to be enough.
        let duration = hasBug ? Int(Int32(truncatingIfNeeded: end - start)) : end - start
        try draw.expect(start + duration, equals: end)
    }
}
