/// Makes the one value that stands in some places of a case simpler.
struct Lowering {
    /// The places, which all hold the same choice.
    private let places: [Int]
    private let choice: Choice
    private let domain: ChoiceDomain
    private let nodeCount: Int

    init(step: ShrinkStep, places: [Int]) {
        self.places = places
        let node = step.target.nodes[places[0]]
        choice = node.choice
        domain = node.domain
        nodeCount = step.target.nodes.count
    }

    mutating func run(_ step: inout ShrinkStep) throws(Undecided) {
        switch domain {
        case .integer(let domain): try lowerInteger(domain, &step)
        case .float: try lowerFloat(&step)
        }
    }

    private func lowerInteger(
        _ domain: IntegerDomain,
        _ step: inout ShrinkStep
    ) throws(Undecided) {
        var distance = UInt64((choice.value - domain.origin).magnitude)
        var isBelow = choice.value < domain.origin
        if isBelow, try place(domain.origin + Int128(distance), &step) { isBelow = false }
        distance = try lowerDistance(distance, &step) { number in
            domain.origin + (isBelow ? -Int128(number) : Int128(number))
        }
        // On the other side a smaller number may do, though this one did not.
        guard domain.lower < domain.origin, domain.origin < domain.upper else { return }
        _ = try lowerDistance(distance, &step) { number in
            domain.origin + (isBelow ? Int128(number) : -Int128(number))
        }
    }

    /// Finds a smaller number for which the case still fails.
    private func lowerDistance(
        _ distance: UInt64,
        _ step: inout ShrinkStep,
        value: (UInt64) -> Int128
    ) throws(Undecided) -> UInt64 {
        var current = distance
        func lower(to number: UInt64) throws(Undecided) -> Bool {
            guard number < current else { return number == current }
            guard try place(value(number), &step) else { return false }
            current = number
            return true
        }
        for number in UInt64(0)...1 where try lower(to: number) { return current }
        // A smaller number of about the same kind: without its high digits, or its low ones.
        let start = current
        if start > 255 {
            let bitCount = UInt64(UInt64.bitWidth - start.leadingZeroBitCount)
            _ = try findLargest { count throws(Undecided) in
                guard count < bitCount else { return false }
                return try lower(to: start & ((1 << (bitCount - count)) - 1))
            }
        }
        let base = current
        _ = try findLargest { count throws(Undecided) in
            guard count < 64 else { return false }
            return try lower(to: base >> count)
        }
        for factor in [UInt64(2), 1] {
            let base = current
            _ = try findLargest { count throws(Undecided) in
                let (product, overflow) = count.multipliedReportingOverflow(by: factor)
                guard !overflow, product <= base else { return false }
                return try lower(to: base - product)
            }
        }
        return current
    }

    /// Puts a value in every place; where the case gets shorter by that, tries to keep what made
    /// it fail.
    private func place(_ value: Int128, _ step: inout ShrinkStep) throws(Undecided) -> Bool {
        let target = step.target
        // Something else was deleted on the way, so the places are no longer the same.
        guard target.nodes.count == nodeCount else { return false }
        guard places.allSatisfy({ target.nodes[$0].domain.contains(value) }) else { return false }
        let lowered = Choice(kind: choice.kind, value: value)
        let answer = try step.attempt { choices in
            for place in places { choices[place] = lowered }
        }
        if answer.isAccepted { return true }
        guard let record = answer.record, !record.isDiscarded else { return false }
        for range in superfluous(in: target, shortened: record) {
            let isAccepted = try step.consider { choices in
                for place in places { choices[place] = lowered }
                choices.removeSubrange(range)
            }
            if isAccepted { return true }
        }
        return false
    }

    /// Ranges whose deletion may make up for a case that got shorter, the longest first.
    ///
    /// A count that was lowered drops the last elements; if those mattered, earlier ones have to
    /// go instead.
    private func superfluous(in target: CaseRecord, shortened: CaseRecord) -> [Range<Int>] {
        let lostCount = target.nodes.count - shortened.nodes.count
        guard lostCount > 0, let first = places.first, let last = places.last else { return [] }
        var ranges: Set<Range<Int>> = []
        let start = last + 1
        if start + lostCount <= target.nodes.count { ranges.insert(start..<start + lostCount) }
        for (index, span) in target.spans.enumerated()
        where span.start <= first && span.end > start && index < shortened.spans.count {
            let old = target.spans.filter { $0.parent == index && $0.start >= start }
            let new = shortened.spans.filter { $0.parent == index && $0.start >= start }
            guard !new.isEmpty, new.count < old.count else { continue }
            let kept = old[old.count - new.count]
            if old[0].start < kept.start { ranges.insert(old[0].start..<kept.start) }
        }
        return ranges.sorted { left, right in
            left.count == right.count
                ? left.lowerBound < right.lowerBound : left.count > right.count
        }
    }
}

extension Lowering {
    /// Above this not every whole number is a `Double`.
    private static let wholeLimit = 9_007_199_254_740_992.0

    private func lowerFloat(_ step: inout ShrinkStep) throws(Undecided) {
        var current = FloatCode.double(of: choice.value)
        func lower(to value: Double) throws(Undecided) -> Bool {
            let code = FloatCode.value(of: value)
            let isSimpler = FloatCode.rank(code) < FloatCode.rank(FloatCode.value(of: current))
            guard isSimpler else { return value == current }
            guard try place(code, &step) else { return false }
            current = value
            return true
        }
        if current.sign == .minus { _ = try lower(to: -current) }
        if !current.isFinite {
            for value in [.infinity, -.infinity, .greatestFiniteMagnitude, 1e300, 1e15] {
                _ = try lower(to: value)
            }
        }
        guard current.isFinite else { return }
        let isNegative = current.sign == .minus
        func signed(_ value: Double) -> Double { isNegative ? -value : value }
        for value in [0.0, 1] where try lower(to: signed(value)) { return }
        // As few binary digits after the point as possible, none of them first.
        for digitCount in 0..<10 where current.magnitude < Self.wholeLimit {
            let scale = Double(1 << digitCount)
            let scaled = current.magnitude * scale
            for rule in [FloatingPointRoundingRule.down, .up] {
                _ = try lower(to: signed(scaled.rounded(rule) / scale))
            }
        }
        let whole = current.magnitude.rounded(.down)
        let fraction = current.magnitude - whole
        // Above the limit by places among all numbers, as subtracting one changes nothing there.
        _ = try lowerDistance(Self.position(whole), &step) { number in
            let value = Self.number(at: number) + fraction
            return FloatCode.value(of: signed(value))
        }
    }

    private static func position(_ whole: Double) -> UInt64 {
        guard whole > wholeLimit else { return UInt64(whole) }
        return UInt64(wholeLimit) + whole.bitPattern - wholeLimit.bitPattern
    }

    private static func number(at position: UInt64) -> Double {
        guard position > UInt64(wholeLimit) else { return Double(position) }
        return Double(bitPattern: wholeLimit.bitPattern + position - UInt64(wholeLimit))
    }
}
