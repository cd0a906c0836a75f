/// Participants of one prompt: everyone likes and answers at times that a seed draws.
struct Crowd: Sendable {
    struct Act: Sendable {
        let session: Int
        let milliseconds: Int64
        /// Nil for a like, or the answer.
        let rating: Int64?
    }

    let acts: [Act]
    /// Acts of one session, the joining not counted.
    static let actsPerSession = 100
    private static let lengthMilliseconds: UInt64 = 600_000

    init(count: Int, seed: UInt64) {
        var state = seed | 1
        func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
        var acts: [Act] = []
        acts.reserveCapacity(count)
        for index in 0..<count {
            // Within a session times go forwards, as they are lived.
            let step = Self.lengthMilliseconds / UInt64(Self.actsPerSession)
            let within = UInt64(index % Self.actsPerSession) * step + next() % step
            let draw = next()
            acts.append(
                Act(
                    session: index / Self.actsPerSession,
                    milliseconds: Int64(within),
                    rating: draw % 3 == 0 ? Int64(draw >> 32) & 3 : nil
                )
            )
        }
        self.acts = acts
    }

    /// Moments to ask for, spread over the prompt.
    func moments(count: Int) -> [Int64] {
        (0..<count).map { index in
            let spread = UInt64(index &* 2_654_435_761) & 0xFFFF_FFFF
            return Int64((spread &* Self.lengthMilliseconds) >> 32)
        }
    }

    /// What holds at a moment, counted from the acts themselves.
    func hash(at milliseconds: Int64) -> UInt64 {
        var likes: UInt64 = 0
        var ratings: [Int: Int64] = [:]
        for act in acts where act.milliseconds <= milliseconds {
            if let rating = act.rating { ratings[act.session] = rating } else { likes += 1 }
        }
        var counts = [UInt64](repeating: 0, count: 4)
        for rating in ratings.values { counts[Int(rating)] += 1 }
        return Self.hash(likes: likes, ratings: counts)
    }

    static func hash(likes: UInt64, ratings: [UInt64]) -> UInt64 {
        ratings.reduce(likes) { ($0 &* 1_000_003) &+ $1 }
    }
}
