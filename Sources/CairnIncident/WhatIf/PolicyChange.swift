public import CairnCore
public import CairnDomains

/// A change to the rules of a pipeline, laid over its definition and never written.
public enum PolicyChange: Hashable, Sendable {
    /// How a stage is tried again; nil for all stages.
    case retry(RetryPolicyChange, stage: String?)
    /// How long a stage may take before its request counts as stuck.
    case deadline(TimeSpan, stage: String)
    /// Whether a request ends with events of a type.
    case terminal(Bool, eventType: String)
}

/// A change to a retry policy: what is nil stays as it is.
public struct RetryPolicyChange: Hashable, Sendable {
    public var attemptCountMax: Int64?
    public var initialDelay: TimeSpan?
    public var multiplierThousandths: Int64?
    public var delayMax: TimeSpan?
    public var jitterThousandths: Int64?

    public init() {}

    func applied(to policy: RetryPolicy) -> RetryPolicy {
        RetryPolicy(
            attemptCountMax: attemptCountMax ?? policy.attemptCountMax,
            initialDelay: initialDelay ?? policy.initialDelay,
            multiplierThousandths: multiplierThousandths ?? policy.multiplierThousandths,
            delayMax: delayMax ?? policy.delayMax,
            jitterThousandths: jitterThousandths ?? policy.jitterThousandths
        )
    }
}

/// Why a change to the rules cannot be made.
public enum PolicyChangeError: Error, Hashable, Sendable {
    case unknownStage(String, near: [String])
    case unknownEventType(String, near: [String])
}

extension PolicyChangeError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownStage(let name, let near):
            "the pipeline has no stage '\(name)'" + Self.hint(near)
        case .unknownEventType(let name, let near):
            "the pipeline has no event type '\(name)'" + Self.hint(near)
        }
    }

    private static func hint(_ near: [String]) -> String {
        near.isEmpty ? "" : "; near it: " + near.joined(separator: ", ")
    }
}

extension PipelineDefinition {
    /// The definition with changed rules; later changes win.
    ///
    /// - Throws: ``PolicyChangeError`` for what the definition does not list.
    public func changed(
        by changes: [PolicyChange]
    ) throws(PolicyChangeError) -> PipelineDefinition {
        var definition = self
        for change in changes {
            switch change {
            case .retry(let change, nil):
                definition.retry = change.applied(to: definition.retry)
                for index in definition.stages.indices {
                    let own = definition.stages[index].retry
                    definition.stages[index].retry = own.map { change.applied(to: $0) }
                }
            case .retry(let change, let stage?):
                let index = try index(ofStage: stage)
                let policy = definition.stages[index].retry ?? definition.retry
                definition.stages[index].retry = change.applied(to: policy)
            case .deadline(let span, let stage):
                definition.stages[try index(ofStage: stage)].deadline = span
            case .terminal(let isTerminal, let word):
                let index = eventTypes.firstIndex { $0.name.hasSameBytes(as: word) }
                guard let index else {
                    let near = NearNames.of(word, among: eventTypes.map(\.name))
                    throw .unknownEventType(word, near: near)
                }
                definition.eventTypes[index].isTerminal = isTerminal
            }
        }
        return definition
    }

    private func index(ofStage word: String) throws(PolicyChangeError) -> Int {
        let name = stageName(of: word)
        guard let index = stages.firstIndex(where: { $0.name.hasSameBytes(as: name) }) else {
            throw .unknownStage(word, near: NearNames.of(word, among: stages.map(\.name)))
        }
        return index
    }
}
