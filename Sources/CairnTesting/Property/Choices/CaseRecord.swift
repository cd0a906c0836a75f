/// What one run of a property did.
final class CaseRecord: Sendable {
    enum Status: Hashable, Sendable {
        case passed
        case discarded(CaseStop.Reason)
        case failed(FailureOrigin)
    }

    let status: Status
    let choices: [Choice]
    /// The choices with their domains; empty where the run was not recorded.
    let nodes: [ChoiceNode]
    /// In the order in which they begin.
    let spans: [ChoiceSpan]
    let values: [ValueRecord]
    /// The names of what was done, in order.
    let steps: [String]
    let notes: [String]
    /// The states that a machine went through, the first one and one for each step; nothing where
    /// there is no machine, or the run was not described.
    let states: [String]
    let marks: [String: Bool]
    /// What the case came to, in order; nothing where it was not watched.
    let places: [CasePlace]
    /// What the property threw.
    let error: (any Error)?

    init(
        status: Status,
        choices: [Choice],
        nodes: [ChoiceNode] = [],
        spans: [ChoiceSpan] = [],
        values: [ValueRecord] = [],
        steps: [String] = [],
        notes: [String] = [],
        states: [String] = [],
        marks: [String: Bool] = [:],
        places: [CasePlace] = [],
        error: (any Error)? = nil
    ) {
        self.status = status
        self.choices = choices
        self.nodes = nodes
        self.spans = spans
        self.values = values
        self.steps = steps
        self.notes = notes
        self.states = states
        self.marks = marks
        self.places = places
        self.error = error
    }

    var origin: FailureOrigin? {
        if case .failed(let origin) = status { origin } else { nil }
    }

    var isDiscarded: Bool {
        if case .discarded = status { true } else { false }
    }

    /// Whether values that can be written, and the steps, decide everything.
    ///
    /// What else is chosen has to be what is chosen where nothing is said.
    var isToldByValues: Bool {
        guard values.allSatisfy({ $0.literal != nil }) else { return false }
        var isTold = [Bool](repeating: false, count: nodes.count)
        for value in values {
            for place in value.range { isTold[place] = true }
        }
        let steps = spans.filter { $0.label == StepPlan.label && $0.parent == nil }
        if let first = steps.first {
            for place in 0..<first.start { isTold[place] = true }
        }
        for step in steps {
            for place in step.range.prefix(StepPlan.choiceCount) { isTold[place] = true }
        }
        return zip(nodes, isTold).allSatisfy { $0.isTrivial || $1 }
    }

    /// Whether two runs of the same choices did the same.
    func isRepeated(by other: CaseRecord) -> Bool {
        status == other.status && choices == other.choices
    }
}

/// Something that a case came to.
struct CasePlace: Sendable {
    /// Equal for what is equal, in one process.
    let hash: Int
    /// How many choices had been made.
    let choiceCount: Int
}

/// A value that a property drew.
struct ValueRecord: Sendable {
    let name: String?
    /// The place of the step for which it was drawn.
    let step: Int?
    let label: SpanLabel
    /// Where its choices stand.
    let range: Range<Int>
    /// Empty where the run was not described.
    let text: String
    /// The value in a source; nil where none is known to make it.
    let literal: SwiftLiteral?
}
