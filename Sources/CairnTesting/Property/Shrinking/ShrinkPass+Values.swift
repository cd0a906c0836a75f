extension ShrinkPass {
    /// Makes choices of one value simpler together, as for a key that stands in two places.
    static let lowerDuplicates = ShrinkPass(
        name: "lower duplicates",
        positionCount: { duplicates(in: $0).count },
        run: { step, position throws(Undecided) in
            let groups = duplicates(in: step.target)
            guard position < groups.count else { return }
            var lowering = Lowering(step: step, places: groups[position])
            try lowering.run(&step)
        }
    )

    /// Makes each choice as simple as it can be on its own.
    static let lowerEach = ShrinkPass(
        name: "lower each",
        positionCount: { $0.nodes.count },
        run: { step, position throws(Undecided) in
            let target = step.target
            guard position < target.nodes.count, !target.nodes[position].isTrivial else { return }
            var lowering = Lowering(step: step, places: [position])
            try lowering.run(&step)
            if step.target === target { try lowerWithDeletion(&step, position) }
        }
    )

    /// Tries every small number, every one with the same first digits in base two, and a few
    /// larger ones, which may make the case shorter.
    ///
    /// Where a smaller number only does if it is, say, a multiple of eight, nothing between leads
    /// there. Only for what is nearly done, because it takes many runs.
    static let lowerToAny = ShrinkPass(
        name: "lower to any",
        positionCount: { $0.nodes.count > lowerToAnyNodeCountMax ? 0 : $0.nodes.count },
        run: { step, position throws(Undecided) in
            let target = step.target
            guard position < target.nodes.count,
                case .integer(let domain) = target.nodes[position].domain,
                domain.kind == .integer, !target.nodes[position].isTrivial
            else { return }
            let value = target.choices[position].value
            let distance = UInt64((value - domain.origin).magnitude)
            let shifted = (1..<UInt64.bitWidth).map { distance >> UInt64($0) }
            let candidates = Set((0..<min(distance, 128)) + shifted).sorted()
            for raise in 1...Int128(raiseMax) where domain.contains(value + raise) {
                if try step.consider({ $0[position] = .integer(value + raise) }) { return }
            }
            for candidate in candidates where candidate < distance {
                let lowered = domain.origin + Int128(candidate) * (value < domain.origin ? -1 : 1)
                if try step.consider({ $0[position] = .integer(lowered) }) { return }
            }
        }
    )

    private static let lowerToAnyNodeCountMax = 64
    private static let raiseMax = 4

    /// The places of equal choices, and of those among them that one generator made.
    ///
    /// A number that says which rule is used may happen to be equal to a name.
    private static func duplicates(in record: CaseRecord) -> [[Int]] {
        let makers = record.makers
        var groups: [Choice: [Int]] = [:]
        var ownGroups: [ChoiceMaker: [Choice: [Int]]] = [:]
        for (place, node) in record.nodes.enumerated() where !node.isTrivial {
            groups[node.choice, default: []].append(place)
            ownGroups[makers[place], default: [:]][node.choice, default: []].append(place)
        }
        var all = Set(groups.values)
        all.formUnion(ownGroups.values.flatMap { $0.values })
        return all.filter { $0.count > 1 }.sorted { left, right in
            left[0] == right[0] ? left.count > right.count : left[0] < right[0]
        }
    }

    /// Lowers a number by one and deletes something behind it, because the number may be a count.
    private static func lowerWithDeletion(
        _ step: inout ShrinkStep,
        _ position: Int
    ) throws(Undecided) {
        let target = step.target
        let node = target.nodes[position]
        guard case .integer(let domain) = node.domain, node.choice.kind == .integer else { return }
        let lowered = node.choice.value + (node.choice.value > domain.origin ? -1 : 1)
        let answer = try step.attempt { $0[position] = .integer(lowered) }
        guard let record = answer.record, !record.isDiscarded,
            record.nodes.count < target.nodes.count, record.nodes.count > position + 1
        else { return }
        for span in target.spans where span.start > position && span.count > 0 {
            let isAccepted = try step.consider { choices in
                choices[position] = .integer(lowered)
                choices.removeSubrange(span.range)
            }
            if isAccepted { return }
        }
    }
}
