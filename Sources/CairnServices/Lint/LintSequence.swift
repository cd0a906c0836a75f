internal import CairnCore

/// Numbers of a table that should have no gaps, and instants that should not go back with them, in
/// whichever direction the rows are listed.
struct LintSequence {
    /// A row, as far as it is compared with its neighbours.
    private struct Row {
        let id: Int64
        let createdAt: Timestamp?
    }

    private var last: Row?
    private var ids: ClosedRange<Int64>?
    private var count = 0
    private var rises = false
    private var falls = false
    /// Neighbours with something between them, and the first of those.
    private var gapCount = 0
    private var gaps: [(mark: LintMark, lower: Int64, upper: Int64)] = []

    /// Takes the next row of a table.
    ///
    /// - Parameters:
    ///   - id: Its number; nil where it has none, or one that came before.
    ///   - createdAt: Its instant; nil where that cannot be read.
    ///   - mark: Where it stands.
    ///   - notes: What is found.
    mutating func take(
        _ id: Int64?,
        _ createdAt: Timestamp?,
        _ mark: LintMark,
        _ notes: inout LintNotes
    ) {
        guard let id else { return }
        let row = Row(id: id, createdAt: createdAt)
        defer { last = row }
        let range = ids ?? id...id
        ids = min(range.lowerBound, id)...max(range.upperBound, id)
        count += 1
        guard let last else { return }
        let isRise = id > last.id
        if isRise { rises = true } else { falls = true }
        let lower = isRise ? last : row
        let upper = isRise ? row : last
        if Self.isApart(lower.id, upper.id) {
            gapCount += 1
            if gaps.count < LintFinding.exampleCountMax { gaps.append((mark, lower.id, upper.id)) }
        }
        if let late = lower.createdAt, let early = upper.createdAt, early < late {
            notes.add(
                .clockInversion,
                mark,
                "id \(upper.id) was created at \(early), before id \(lower.id)"
            )
        }
    }

    /// Notes the gaps: each where the rows are listed in one direction, else all of them at once,
    /// because what is missing between two rows may stand elsewhere.
    func finish(_ notes: inout LintNotes) {
        guard let ids, let first = gaps.first, let last = gaps.last else { return }
        guard rises, falls else {
            for gap in gaps {
                notes.add(.sequenceGap, gap.mark, "id \(gap.upper) follows \(gap.lower)")
            }
            guard gapCount > gaps.count else { return }
            return notes.add(.sequenceGap, last.mark, count: gapCount - gaps.count, "")
        }
        let missing = Self.missingCount(in: ids, count)
        guard missing > 0 else { return }
        notes.add(
            .sequenceGap,
            first.mark,
            Self.missing(missing, "id", in: ids)
        )
    }
}

extension LintSequence {
    /// Whether there are numbers between two.
    static func isApart(_ first: Int64, _ second: Int64) -> Bool {
        let (step, overflow) = max(first, second).subtractingReportingOverflow(min(first, second))
        return overflow || step > 1
    }

    /// What is missing, in words.
    static func missing(_ count: Int, _ name: String, in range: ClosedRange<Int64>) -> String {
        "\(count) \(name)\(count == 1 ? "" : "s") between \(range.lowerBound) and "
            + "\(range.upperBound) \(count == 1 ? "is" : "are") missing"
    }

    /// How many numbers of a range are missing where so many different ones are there.
    static func missingCount(in numbers: ClosedRange<Int64>?, _ count: Int) -> Int {
        guard let numbers else { return 0 }
        let (span, overflow) = numbers.upperBound.subtractingReportingOverflow(numbers.lowerBound)
        guard !overflow else { return .max }
        // The numbers that are there are one more than the steps between them.
        return max(Int(clamping: span) - (count - 1), 0)
    }
}
