/// Cases that came to something new, and how to go on from there.
///
/// A case is a list of choices, so the beginning of one leads to the same place again, and random
/// choices after it go on from there. Where a bug needs many right steps one after another, chance
/// has to find one more at a time instead of all of them at once. What commands led to is known to
/// the cases while they run, which turn to what the search knows least; see ``TurnMap``.
struct SearchGuide: Sendable {
    /// A way to a place.
    private struct Way {
        let hash: Int
        /// The choices of the shortest case that came there, of which the first few lead there.
        var choices: [Choice]
        var choiceCount: Int
        /// Where the steps of that case end.
        var ends: [Int]
        /// How often cases came there.
        var visitCount = 1
    }

    private var random: SeededGenerator
    private var ways: [Way] = []
    /// Where the way to a place stands; only ever asked, because its order differs between runs.
    private var known: [Int: Int] = [:]
    /// The way that makes room for the next one.
    private var oldest = 0
    private var caseCount = 0
    /// What turns led to, for cases that are steered.
    private let map = TurnMap()

    /// Bounds what is kept: the latest places, where there is no end of them.
    private static let wayCountMax = 2_048
    /// How many cases come from chance alone before any goes on from another.
    private static let freeCaseCount = 10

    init(seed: UInt64) {
        // Its draws disturb no other.
        random = SeededGenerator(seed: ~seed)
    }

    /// Takes what a case came to.
    mutating func take(_ record: CaseRecord) {
        guard !record.places.isEmpty else { return }
        let ends = record.places.map(\.choiceCount)
        for place in record.places {
            guard let index = known[place.hash] else {
                add(
                    Way(
                        hash: place.hash,
                        choices: record.choices,
                        choiceCount: place.choiceCount,
                        ends: ends
                    )
                )
                continue
            }
            ways[index].visitCount += 1
            guard place.choiceCount < ways[index].choiceCount else { continue }
            ways[index].choices = record.choices
            ways[index].choiceCount = place.choiceCount
            ways[index].ends = ends
        }
    }

    private mutating func add(_ way: Way) {
        guard ways.count >= Self.wayCountMax else {
            known[way.hash] = ways.count
            return ways.append(way)
        }
        known[ways[oldest].hash] = nil
        known[way.hash] = oldest
        ways[oldest] = way
        oldest = (oldest + 1) % ways.count
    }

    /// Prepares the next case, unless chance alone makes it.
    mutating func lead(_ plan: inout CasePlan, isFirst: Bool) {
        plan.isWatched = true
        plan.map = map
        guard !isFirst else { return }
        caseCount += 1
        guard caseCount > Self.freeCaseCount, ways.count > 1 else { return }
        // Without turns to steer there is only chance beside what is gone on from.
        let isSteered = !map.isEmpty
        guard random.isHit(isSteered ? 3 : 2, outOf: 4) else { return }
        plan.isSteered = isSteered
        // A walk from the first state meets what lies between it and the known ends.
        if isSteered, random.isHit(1, outOf: 2) { return }
        plan.choices = beginning()
    }

    /// The choices that a case begins with.
    private mutating func beginning() -> [Choice] {
        let way = rareWay()
        var choices = Array(way.choices.prefix(way.choiceCount))
        switch random.below(8) {
        case 0: vary(&choices)
        case 1: choices += stretch()
        default: break
        }
        return choices
    }

    /// Of some ways, the one to where fewest cases came.
    private mutating func rareWay() -> Way {
        var best = ways[random.below(ways.count)]
        for _ in 0..<2 {
            let other = ways[random.below(ways.count)]
            if other.visitCount < best.visitCount { best = other }
        }
        return best
    }

    /// Some steps of another case, one after another.
    private mutating func stretch() -> ArraySlice<Choice> {
        let way = ways[random.below(ways.count)]
        guard way.ends.count > 1 else { return [] }
        let first = random.below(way.ends.count - 1)
        let count = random.below(min(8, way.ends.count - 1 - first)) + 1
        return way.choices[way.ends[first]..<way.ends[first + count]]
    }

    /// Changes one choice to another of the same kind.
    private mutating func vary(_ choices: inout [Choice]) {
        guard !choices.isEmpty else { return }
        let place = random.below(choices.count)
        let old = choices[place]
        switch old.kind {
        case .bool: choices[place] = .bool(old.value == 0)
        case .integer:
            let other = random.pick(choices)
            let value =
                switch random.below(4) {
                case 0: old.value + 1
                case 1: old.value - 1
                case 2: Int128(random.below(16))
                default: other.kind == .integer ? other.value : 0
                }
            choices[place] = .integer(value)
        case .float:
            let other = random.pick(choices)
            if other.kind == .float { choices[place] = other }
        }
    }
}
