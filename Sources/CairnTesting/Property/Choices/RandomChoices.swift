/// Makes up choices: mostly anything, often an edge, often what was there before.
struct RandomChoices: Sendable {
    var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    mutating func value(in domain: ChoiceDomain, after choices: [Choice]) -> Int128 {
        switch domain {
        case .integer(let domain): integer(in: domain, after: choices)
        case .float(let domain): float(in: domain, after: choices)
        }
    }

    private mutating func integer(in domain: IntegerDomain, after choices: [Choice]) -> Int128 {
        let width = UInt64(domain.upper - domain.lower)
        guard width > 0 else { return domain.lower }
        guard width > 7 else { return uniform(domain.lower, width) }
        switch generator.below(16) {
        case 0: return edge(of: domain)
        case 1, 2: return repetition(choices, in: domain) ?? uniform(domain.lower, width)
        case 3, 4, 5: return uniform(domain.lower, width)
        // Every number of digits is as likely as another, or small numbers would never be drawn.
        default: return width < 256 ? uniform(domain.lower, width) : anySize(domain)
        }
    }

    private mutating func uniform(_ lower: Int128, _ width: UInt64) -> Int128 {
        guard width < .max else { return lower + Int128(generator.next()) }
        return lower + Int128(generator.next().multipliedFullWidth(by: width + 1).high)
    }

    private mutating func edge(of domain: IntegerDomain) -> Int128 {
        let value: Int128 =
            switch generator.below(8) {
            case 0, 1: domain.lower
            case 2, 3: domain.upper
            case 4: domain.origin
            case 5: domain.lower + 1
            case 6: domain.upper - 1
            default: domain.origin + (domain.origin < domain.upper ? 1 : -1)
            }
        return value
    }

    /// A number that was drawn before, or its neighbour: keys collide, and limits are met.
    private mutating func repetition(
        _ choices: [Choice],
        in domain: IntegerDomain
    ) -> Int128? {
        guard !choices.isEmpty else { return nil }
        let earlier = choices[generator.below(choices.count)]
        guard earlier.kind == .integer else { return nil }
        let value = earlier.value + [0, 0, 0, 1, -1][generator.below(5)]
        return domain.contains(value) ? value : nil
    }

    private mutating func anySize(_ domain: IntegerDomain) -> Int128 {
        let above = UInt64(domain.upper - domain.origin)
        let below = UInt64(domain.origin - domain.lower)
        let isAbove = below == 0 || (above > 0 && generator.isHit(1, outOf: 2))
        let room = isAbove ? above : below
        let bitCount = generator.below(UInt64.bitWidth - room.leadingZeroBitCount + 1)
        let mask: UInt64 = bitCount >= 64 ? .max : 1 << UInt64(bitCount) - 1
        let distance = min(generator.next() & mask, room)
        return domain.origin + (isAbove ? Int128(distance) : -Int128(distance))
    }
}

extension RandomChoices {
    private mutating func float(in domain: FloatDomain, after choices: [Choice]) -> Int128 {
        if domain.hasSpecials, generator.isHit(1, outOf: 16) {
            return FloatCode.value(of: generator.pick([.infinity, -.infinity, .nan]))
        }
        if generator.isHit(1, outOf: 8), !choices.isEmpty {
            let earlier = choices[generator.below(choices.count)]
            if earlier.kind == .float {
                return ChoiceDomain.float(domain).admitting(earlier)
            }
        }
        // A few tries to hit the range, then somewhere inside it.
        for _ in 0..<4 {
            let value = anyFloat(in: domain)
            if domain.contains(value) { return FloatCode.value(of: value) }
        }
        return domain.nearest(to: inside(domain))
    }

    private mutating func anyFloat(in domain: FloatDomain) -> Double {
        let sign = generator.isHit(1, outOf: 2) ? 1.0 : -1.0
        switch generator.below(8) {
        case 0:
            return generator.pick([
                domain.lower, domain.upper, domain.lower.nextUp, domain.upper.nextDown, 0, -0.0,
                .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, .ulpOfOne,
                1.0.nextUp, 1.0.nextDown, 9_007_199_254_740_992, 9_007_199_254_740_991, 0.1,
            ])
        case 1, 2: return sign * Double(generator.below(100))
        case 3: return sign * Double(generator.below(100_000)) / 100
        case 4, 5: return inside(domain)
        default: return Double(bitPattern: generator.next())
        }
    }

    /// A number between the bounds; computed so that the range's width cannot overflow.
    private mutating func inside(_ domain: FloatDomain) -> Double {
        let part = Double(generator.next() >> 11) / 9_007_199_254_740_992
        return domain.lower * (1 - part) + domain.upper * part
    }

    /// How many elements a collection should get: mostly few, now and then none or many.
    mutating func length(from lower: Int, through upper: Int, fullness: Int) -> Int {
        guard fullness < 128 else { return lower }
        let room = upper - lower
        switch generator.below(16) {
        case 0: return lower
        case 1: return lower + min(room, generator.below(64))
        case 2, 3, 4: return lower + min(room, generator.below(20))
        default: return lower + min(room, generator.below(8))
        }
    }
}
