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
    let marks: [String: Bool]
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
        marks: [String: Bool] = [:],
        error: (any Error)? = nil
    ) {
        self.status = status
        self.choices = choices
        self.nodes = nodes
        self.spans = spans
        self.values = values
        self.steps = steps
        self.notes = notes
        self.marks = marks
        self.error = error
    }

    var origin: FailureOrigin? {
        if case .failed(let origin) = status { origin } else { nil }
    }

    var isDiscarded: Bool {
        if case .discarded = status { true } else { false }
    }

    /// Whether two runs of the same choices did the same.
    func isRepeated(by other: CaseRecord) -> Bool {
        status == other.status && choices == other.choices
    }
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
}
