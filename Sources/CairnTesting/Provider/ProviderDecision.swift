/// Everything that chance decides about one request.
struct ProviderDecision: Hashable {
    enum Rejection: Hashable {
        case soft, hard
    }

    let isRequestLost: Bool
    let isReplyLost: Bool
    let rejection: Rejection?
    /// The words of the callbacks in their order, a repeated one once more at the end.
    let callbacks: [PlannedCallback]
    let isCallbackEarly: Bool
    /// What references are made of.
    let referenceNumber: UInt64

    init(_ behaviour: ProviderBehaviour, key: String, requestNumber: Int) {
        var draws = SeededGenerator(
            seed: Self.hash(behaviour.seed, key: key, requestNumber: requestNumber)
        )
        // Every draw is made whatever the others say: changing one share leaves the rest alone.
        referenceNumber = draws.next()
        isRequestLost = draws.isHit(behaviour.lostRequestThousandths, outOf: 1000)
        isReplyLost = draws.isHit(behaviour.lostReplyThousandths, outOf: 1000)
        let rejected = draws.below(1000)
        let hasCallbacks = draws.isHit(behaviour.callbackThousandths, outOf: 1000)
        isCallbackEarly = draws.isHit(behaviour.earlyCallbackThousandths, outOf: 1000)
        let words = Self.words(draws.below(100))
        let (soft, hard) =
            (behaviour.softRejectionThousandths, behaviour.hardRejectionThousandths)
        rejection = rejected < hard ? .hard : rejected < hard + soft ? .soft : nil

        var planned = words.enumerated().map { PlannedCallback(ordinal: $0 + 1, word: $1) }
        planned += planned.filter { _ in
            draws.isHit(behaviour.repeatedCallbackThousandths, outOf: 1000)
        }
        callbacks = hasCallbacks ? planned : []
    }

    private static func words(_ percent: Int) -> [String] {
        switch percent {
        case ..<40: ["sent", "delivered"]
        case ..<70: ["sent", "delivered", "opened"]
        case ..<80: ["deferred", "sent", "delivered"]
        case ..<90: ["sent", "deferred"]
        default: ["sent", "bounced"]
        }
    }

    /// FNV-1a; the generator that takes it mixes it further.
    private static func hash(_ seed: UInt64, key: String, requestNumber: Int) -> UInt64 {
        var mixer = SeededGenerator(seed: seed)
        var hash = 0xCBF2_9CE4_8422_2325 ^ mixer.next()
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for shift in stride(from: 0, to: 64, by: 8) {
            let byte = UInt64(truncatingIfNeeded: requestNumber) >> UInt64(shift) & 0xFF
            hash = (hash ^ byte) &* 0x100_0000_01B3
        }
        return hash
    }
}

/// A callback that will go out, with its place among those of its delivery.
struct PlannedCallback: Hashable {
    let ordinal: Int
    let word: String
}
