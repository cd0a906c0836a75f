internal import CairnCore
internal import CairnDomains

/// What is said of a request in flight by one definition and not by another.
public struct PipelineAnswer: Hashable, Sendable {
    /// What is asked.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Whether it has ended.
        case end = "ended"
        /// Whether it is stuck by the deadlines of stages, and why.
        case stuck
        /// Whether a failure of its is due to be tried again.
        case retry = "retry_due"
        /// Whether the stage that failed may be tried again.
        case retryAllowed = "retry_allowed"
        /// The stages in which it has not been and that may come next.
        case nextStages = "next_stages"
    }

    /// What is answered.
    public let kind: Kind
    /// The answer by the old definition; of stages those that only it allows.
    public let before: String
    /// The answer by the new definition; of stages those that only it allows.
    public let after: String

    /// What the last states of a request say differently.
    static func all(
        _ old: PipelineState,
        _ new: PipelineState,
        by rules: DefinitionPair
    ) -> [PipelineAnswer] {
        var answers: [PipelineAnswer] = []
        func add(_ kind: Kind, _ before: String, _ after: String) {
            guard !before.hasSameBytes(as: after) else { return }
            answers.append(PipelineAnswer(kind: kind, before: before, after: after))
        }
        add(.end, old.isTerminal ? "yes" : "no", new.isTerminal ? "yes" : "no")
        add(
            .retryAllowed,
            retryAllowed(in: old, by: rules.old),
            retryAllowed(in: new, by: rules.new)
        )
        let (before, after) = (nextStages(in: old, rules.old), nextStages(in: new, rules.new))
        add(.nextStages, before.without(after), after.without(before))
        return answers
    }

    private static func retryAllowed(
        in state: PipelineState,
        by definition: PipelineDefinition
    ) -> String {
        guard let current = state.current, current.status == .failed,
            let stage = state[stage: current.stage], stage.isRetryable
        else { return "no" }
        let policy = definition.retryPolicy(ofStage: stage.name)
        return stage.attempt < policy.attemptCountMax ? "yes" : "no"
    }

    private static func nextStages(
        in state: PipelineState,
        _ definition: PipelineDefinition
    ) -> StageNames {
        StageNames(
            definition.stages.filter { stage in
                state[stage: stage.name] == nil
                    && (stage.follows.isEmpty
                        || stage.follows.contains { state[stage: $0] != nil })
            }.map(\.name)
        )
    }
}

/// Names of stages in the order of their definition.
private struct StageNames {
    let names: [String]

    init(_ names: [String]) {
        self.names = names
    }

    /// Those that another list does not have; "none" for none.
    func without(_ others: StageNames) -> String {
        let only = names.filter { name in !others.names.contains { $0.hasSameBytes(as: name) } }
        return only.isEmpty ? "none" : only.joined(separator: ", ")
    }
}
