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

    /// Lets two numbers change places wherever they stand, as for names that only have to differ.
    ///
    /// No number can be made simpler on its own where all simpler ones are taken.
    static let exchangeValues = ShrinkPass(
        name: "exchange values",
        positionCount: { disordered(in: $0).count },
        run: { step, position throws(Undecided) in
            let target = step.target
            let pairs = disordered(in: target)
            guard position < pairs.count else { return }
            let (first, second) = pairs[position]
            _ = try step.consider { choices in
                for place in first { choices[place] = target.choices[second[0]] }
                for place in second { choices[place] = target.choices[first[0]] }
            }
        }
    )

    /// The places of two numbers of one domain each, the one that comes first being less simple.
    private static func disordered(in record: CaseRecord) -> [([Int], [Int])] {
        var places: [ChoiceNode: [Int]] = [:]
        var firsts: [Int] = []
        for (place, node) in record.nodes.enumerated()
        where node.choice.kind == .integer && !node.domain.isForced {
            if places[node] == nil { firsts.append(place) }
            places[node, default: []].append(place)
        }
        var pairs: [([Int], [Int])] = []
        for (order, second) in firsts.enumerated() {
            for first in firsts[..<order] where pairs.count < pairCountMax {
                let (left, right) = (record.nodes[first], record.nodes[second])
                guard left.domain == right.domain, left.rank > right.rank,
                    let lefts = places[left], let rights = places[right]
                else { continue }
                pairs.append((lefts, rights))
            }
        }
        return pairs
    }

    /// Bounds what is spent on a case of many numbers.
    private static let pairCountMax = 100

    private static func duplicates(in record: CaseRecord) -> [[Int]] {
        var groups: [Choice: [Int]] = [:]
        for (place, node) in record.nodes.enumerated() where !node.isTrivial {
            groups[node.choice, default: []].append(place)
        }
        return groups.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
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
