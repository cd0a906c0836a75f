extension ShrinkPass {
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

    /// Deletes a span and adds a number of it to the nearest of its kind, as for waits of which
    /// only the sum matters.
    static let joinSpans = ShrinkPass(
        name: "join spans",
        positionCount: { $0.spans.count },
        run: { step, position throws(Undecided) in
            let target = step.target
            guard position < target.spans.count, target.spans[position].count > 0 else { return }
            let range = target.spans[position].range
            let makers = target.makers
            for place in range where target.nodes[place].isAddend {
                let behind = target.nodes.indices[range.upperBound...]
                    .first { makers[$0] == makers[place] }
                let before = target.nodes.indices[..<range.lowerBound]
                    .last { makers[$0] == makers[place] }
                for other in [behind, before].compactMap({ $0 }) {
                    let sum = target.choices[other].value + target.choices[place].value
                    guard target.nodes[other].domain.contains(sum) else { continue }
                    let isAccepted = try step.consider { choices in
                        choices[other] = .integer(sum)
                        choices.removeSubrange(range)
                    }
                    if isAccepted { return }
                }
            }
        }
    )

    /// The places of two numbers of one kind each, the one that comes first being less simple.
    private static func disordered(in record: CaseRecord) -> [([Int], [Int])] {
        let makers = record.makers
        var places: [ChoiceMaker: [Choice: [Int]]] = [:]
        var firsts: [Int] = []
        for (place, node) in record.nodes.enumerated()
        where node.choice.kind == .integer && !node.domain.isForced {
            let known = places[makers[place]]?[node.choice]
            if known == nil { firsts.append(place) }
            places[makers[place], default: [:]][node.choice] = (known ?? []) + [place]
        }
        var pairs: [([Int], [Int])] = []
        for (order, second) in firsts.prefix(nameCountMax).enumerated() {
            for first in firsts[..<order] where pairs.count < pairCountMax {
                let (left, right) = (record.nodes[first], record.nodes[second])
                guard makers[first] == makers[second], left.rank > right.rank,
                    let lefts = places[makers[first]]?[left.choice],
                    let rights = places[makers[second]]?[right.choice]
                else { continue }
                pairs.append((lefts, rights))
            }
        }
        return pairs
    }

    /// Bound what is spent on a case of many numbers.
    private static let nameCountMax = 64
    private static let pairCountMax = 100
}

/// What made a choice: numbers of one kind may stand for the same thing.
struct ChoiceMaker: Hashable, Sendable {
    let domain: ChoiceDomain
    /// The innermost span; none for what belongs to no generator.
    let label: SpanLabel?
}

extension CaseRecord {
    /// What made each choice.
    var makers: [ChoiceMaker] {
        var labels = [SpanLabel?](repeating: nil, count: nodes.count)
        // Inner spans come after those in which they lie.
        for span in spans {
            for place in span.range { labels[place] = span.label }
        }
        return zip(nodes, labels).map { ChoiceMaker(domain: $0.domain, label: $1) }
    }
}

extension ChoiceNode {
    fileprivate var isAddend: Bool { choice.kind == .integer && choice.value != 0 }
}
