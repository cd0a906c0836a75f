/// Thrown by a step that has to know what a case does before it can go on.
struct Undecided: Error {
    let candidate: [Choice]
}

/// What became of a candidate.
struct ShrinkAnswer: Sendable {
    /// What the case did; nil where it was too plain to run it.
    let record: CaseRecord?
    /// Whether it became the new target.
    let isAccepted: Bool
}

/// One step of a pass: tries some candidates, each of which may depend on what became of those
/// before.
///
/// A step is a function of its target and of the answers so far. It is run from its start
/// whenever one more answer is known, so that passes read as plain loops and can still be run by
/// something that waits for each case. Candidates are made only when they are needed.
struct ShrinkStep {
    private(set) var target: CaseRecord
    private let answers: [ShrinkAnswer]
    private var answeredCount = 0

    init(target: CaseRecord, answers: [ShrinkAnswer]) {
        self.target = target
        self.answers = answers
    }

    /// Tries a candidate, made from the target's choices.
    mutating func attempt(
        _ edit: (inout [Choice]) -> Void
    ) throws(Undecided) -> ShrinkAnswer {
        guard answeredCount < answers.count else {
            var choices = target.choices
            edit(&choices)
            throw Undecided(candidate: choices)
        }
        let answer = answers[answeredCount]
        answeredCount += 1
        if answer.isAccepted, let record = answer.record { target = record }
        return answer
    }

    /// Tries a candidate and says whether it became the target.
    mutating func consider(_ edit: (inout [Choice]) -> Void) throws(Undecided) -> Bool {
        try attempt(edit).isAccepted
    }
}

/// Finds a large number up to which a condition holds, in about twice its binary digits.
///
/// The condition is taken to hold for 0. Where it holds up to a number and not beyond, that number
/// is found.
func findLargest(
    _ holds: (UInt64) throws(Undecided) -> Bool
) throws(Undecided) -> UInt64 {
    // Small answers are by far the most frequent.
    for number in UInt64(1)...4 where try !holds(number) { return number - 1 }
    var low: UInt64 = 4
    var high: UInt64 = 5
    while try holds(high) {
        low = high
        let (double, overflow) = high.multipliedReportingOverflow(by: 2)
        guard !overflow else { return low }
        high = double
    }
    while low + 1 < high {
        let middle = low + (high - low) / 2
        if try holds(middle) { low = middle } else { high = middle }
    }
    return low
}
