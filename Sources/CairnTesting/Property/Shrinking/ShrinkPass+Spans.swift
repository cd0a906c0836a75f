extension ShrinkPass {
    /// Makes everything in a span as simple as can be.
    static let simplestSpans = ShrinkPass(
        name: "simplest spans",
        positionCount: { $0.spans.count },
        run: { step, position throws(Undecided) in
            let target = step.target
            guard position < target.spans.count else { return }
            let span = target.spans[position]
            guard target.nodes[span.range].contains(where: { !$0.isTrivial }) else { return }
            let answer = try step.attempt { choices in
                for index in span.range { choices[index] = target.nodes[index].simplest }
            }
            // A simple value may be a short one; then what follows has lost its place.
            guard !answer.isAccepted, let record = answer.record,
                position < record.spans.count
            else { return }
            let shorter = record.spans[position]
            guard shorter.start == span.start, shorter.end != span.end else { return }
            _ = try step.consider { choices in
                choices.replaceSubrange(span.range, with: record.choices[shorter.range])
            }
        }
    )

    /// Puts a part of a value in the place of the whole, where both are of one kind.
    static let passToDescendant = ShrinkPass(
        name: "pass to descendant",
        positionCount: { $0.spans.count },
        run: { step, position throws(Undecided) in
            let target = step.target
            guard position < target.spans.count else { return }
            let ancestor = target.spans[position]
            for descendant in target.spans[(position + 1)...] {
                guard descendant.start < ancestor.end else { return }
                guard descendant.label == ancestor.label, descendant.count > 0,
                    descendant.count < ancestor.count, descendant.end <= ancestor.end
                else { continue }
                let isAccepted = try step.consider { choices in
                    choices.replaceSubrange(
                        ancestor.range,
                        with: target.choices[descendant.range]
                    )
                }
                if isAccepted { return }
            }
        }
    )

    /// Puts the parts of a span that are of one kind in order, the simplest first.
    ///
    /// The first place is the whole case, whose parts are steps and values; spans follow.
    static let reorderSpans = ShrinkPass(
        name: "reorder spans",
        positionCount: { $0.spans.count + 1 },
        run: { step, position throws(Undecided) in
            let target = step.target
            guard position <= target.spans.count else { return }
            let parent = position > 0 ? position - 1 : nil
            var children: [SpanLabel: [Range<Int>]] = [:]
            var labels: [SpanLabel] = []
            for span in target.spans[(parent ?? 0)...]
            where span.parent == parent && span.count > 0 {
                if children[span.label] == nil { labels.append(span.label) }
                children[span.label, default: []].append(span.range)
            }
            for label in labels {
                guard let ranges = children[label], ranges.count > 1 else { continue }
                if try reorder(ranges, in: &step) { return }
            }
        }
    )

    /// Sorts, all at once or else by swapping neighbours.
    private static func reorder(
        _ ranges: [Range<Int>],
        in step: inout ShrinkStep
    ) throws(Undecided) -> Bool {
        let target = step.target
        // Which of the two goes first decides what the case begins with; the shorter need not.
        func isSimpler(_ left: Int, _ right: Int) -> Bool {
            let (left, right) = (target.nodes[ranges[left]], target.nodes[ranges[right]])
            for (own, other) in zip(left + right, right + left) {
                guard own.choice.kind == other.choice.kind else {
                    return own.choice.kind.rawValue < other.choice.kind.rawValue
                }
                // What was decided in one place may be free in another.
                let domain = own.domain.isForced ? other.domain : own.domain
                let (ownRank, otherRank) = (
                    domain.rank(own.choice.value), domain.rank(other.choice.value)
                )
                if ownRank != otherRank { return ownRank < otherRank }
            }
            return false
        }
        func place(_ order: [Int]) throws(Undecided) -> Bool {
            try step.consider { choices in
                choices = target.choices
                for (range, source) in zip(ranges, order).reversed() {
                    choices.replaceSubrange(range, with: target.choices[ranges[source]])
                }
            }
        }
        var order = Array(ranges.indices)
        let sorted = order.sorted { left, right in
            isSimpler(left, right) || (!isSimpler(right, left) && left < right)
        }
        guard sorted != order else { return false }
        if try place(sorted) { return true }
        var isChanged = false
        for start in 1..<order.count {
            var index = start
            while index > 0, isSimpler(order[index], order[index - 1]) {
                var swapped = order
                swapped.swapAt(index, index - 1)
                guard try place(swapped) else { break }
                order = swapped
                isChanged = true
                index -= 1
            }
        }
        return isChanged
    }
}

extension ChoiceNode {
    /// The simplest choice that could have been made instead.
    var simplest: Choice { Choice(kind: choice.kind, value: domain.simplest) }
}
