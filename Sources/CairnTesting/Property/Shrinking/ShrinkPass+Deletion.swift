extension ShrinkPass {
    /// Deletes all that filters rejected, at once.
    static let removeDiscarded = ShrinkPass(
        name: "remove discarded",
        positionCount: { $0.spans.contains { $0.isDiscarded && $0.count > 0 } ? 1 : 0 },
        run: { step, _ throws(Undecided) in
            let discarded = outermost(step.target.spans.filter { $0.isDiscarded })
            _ = try step.consider { choices in
                for range in discarded.reversed() { choices.removeSubrange(range) }
            }
        }
    )

    /// Deletes a span; where that works, as many of those that follow as possible.
    static let deleteSpans = ShrinkPass(
        name: "delete spans",
        positionCount: { $0.spans.count },
        run: { step, position throws(Undecided) in
            let target = step.target
            guard position < target.spans.count else { return }
            let span = target.spans[position]
            guard span.count > 0 else { return }
            guard try step.consider({ $0.removeSubrange(span.range) }) else { return }
            // Siblings of one kind, in order; the first is the one deleted.
            let siblings = target.spans[position...].filter {
                $0.parent == span.parent && $0.label == span.label
            }
            _ = try findLargest { count throws(Undecided) in
                guard count < UInt64(siblings.count) else { return false }
                let end = siblings[Int(count)].end
                return try step.consider { choices in
                    choices = target.choices
                    choices.removeSubrange(span.start..<end)
                }
            }
        }
    )

    /// Deletes an element and lowers the numbers that may count the elements behind it.
    ///
    /// Where values are named by their place among those before, nothing can be deleted on its
    /// own: every name behind it would mean something else.
    static let deleteReferred = ShrinkPass(
        name: "delete referred",
        positionCount: { $0.spans.count },
        run: { step, position throws(Undecided) in
            let target = step.target
            guard position < target.spans.count else { return }
            let span = target.spans[position]
            let siblings = target.spans.filter {
                $0.parent == span.parent && $0.label == span.label
            }
            guard span.count > 0, siblings.count > 1,
                let ordinal = siblings.firstIndex(where: { $0.start == span.start })
            else { return }
            let referring = target.nodes.indices.filter { index in
                let node = target.nodes[index]
                return node.choice.kind == .integer && node.choice.value > Int128(ordinal)
                    && node.domain.contains(node.choice.value - 1) && !span.range.contains(index)
            }
            guard !referring.isEmpty else { return }
            _ = try step.consider { choices in
                for index in referring {
                    choices[index] = .integer(choices[index].value - 1)
                }
                choices.removeSubrange(span.range)
            }
        }
    )

    /// Deletes a span and, where less is drawn then than there is, something behind it as well.
    ///
    /// An element may have a choice elsewhere, such as its place in an order.
    static let deleteWithRest = ShrinkPass(
        name: "delete with rest",
        positionCount: { $0.spans.count },
        run: { step, position throws(Undecided) in
            let target = step.target
            guard position < target.spans.count, target.spans[position].count > 0 else { return }
            let range = target.spans[position].range
            let answer = try step.attempt { $0.removeSubrange(range) }
            guard let record = answer.record, !record.isDiscarded, !answer.isAccepted else {
                return
            }
            let restCount = target.nodes.count - range.count - record.nodes.count
            guard restCount > 0 else { return }
            let rest = target.spans[position...].filter {
                $0.start >= range.upperBound && $0.count == restCount
            }
            for span in rest.prefix(restAttemptCountMax) {
                let isAccepted = try step.consider { choices in
                    choices.removeSubrange(span.range)
                    choices.removeSubrange(range)
                }
                if isAccepted { return }
            }
        }
    )

    private static let restAttemptCountMax = 8

    /// Deletes some choices in a row; where that works, as many more on both sides as possible.
    static func deleteChoices(_ count: Int) -> ShrinkPass {
        ShrinkPass(
            name: "delete \(count)",
            positionCount: { max(0, $0.choices.count - count + 1) },
            run: { step, position throws(Undecided) in
                let target = step.target
                let total = target.choices.count
                guard position + count <= total else { return }
                func delete(_ range: Range<Int>) throws(Undecided) -> Bool {
                    try step.consider { choices in
                        choices = target.choices
                        choices.removeSubrange(range)
                    }
                }
                guard try delete(position..<position + count) else { return }
                let leftCount = try findLargest { more throws(Undecided) in
                    guard more <= UInt64(position / count) else { return false }
                    return try delete(position - Int(more) * count..<position + count)
                }
                let start = position - Int(leftCount) * count
                _ = try findLargest { more throws(Undecided) in
                    guard more <= UInt64((total - position) / count - 1) else { return false }
                    return try delete(start..<position + count + Int(more) * count)
                }
            }
        )
    }

    /// The ranges of spans that lie in none of the others.
    private static func outermost(_ spans: [ChoiceSpan]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for span in spans where span.count > 0 {
            if let last = ranges.last, span.end <= last.upperBound { continue }
            ranges.append(span.range)
        }
        return ranges
    }
}
