internal import CairnCore
internal import CairnDomains

/// What a new definition does to a request in flight that nobody can have meant.
public struct PipelineBreak: Hashable, Sendable {
    /// What is gone.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The request is in a stage that the new definition does not know.
        case stage = "stage_gone"
        /// The request's latest event is of a type that the new definition does not know.
        case eventType = "event_type_gone"
        /// The request has a row under another word for a stage, which is not one any more.
        case alias = "alias_gone"
        /// The request had ended, and has not by the new definition.
        case end = "end_gone"
    }

    public let kind: Kind
    /// The word of the old definition; of an end the types that are none any more, or the type of
    /// the request's latest event where there are no such types.
    public let word: String

    /// What breaks for a request, by where it stands after the same rows.
    ///
    /// - Parameters:
    ///   - old: Its state by the old definition.
    ///   - new: Its state by the new definition.
    ///   - rules: Both definitions.
    /// - Returns: What breaks, each once.
    static func all(
        _ old: PipelineState,
        _ new: PipelineState,
        by rules: DefinitionPair
    ) -> [PipelineBreak] {
        var breaks: [PipelineBreak] = []
        if let current = new.current {
            if rules.lacksStage(named: current.stage) {
                breaks.append(PipelineBreak(kind: .stage, word: current.stage))
            }
            if rules.lacksEventType(current.eventType) {
                breaks.append(PipelineBreak(kind: .eventType, word: current.eventType))
            }
        }
        for stage in new.stages where rules.lacksAlias(stage.name) {
            breaks.append(PipelineBreak(kind: .alias, word: stage.name))
        }
        if old.isTerminal, !new.isTerminal, let current = old.current {
            let word = rules.endsGone.isEmpty ? current.eventType : rules.endsGone
            breaks.append(PipelineBreak(kind: .end, word: word))
        }
        return breaks
    }
}

/// Two definitions, made ready for looking up what the new one lacks.
struct DefinitionPair: Sendable {
    let old: PipelineDefinition
    let new: PipelineDefinition
    private let stagesGone: Set<ExactText>
    private let aliasesGone: Set<ExactText>
    private let typesGone: Set<ExactText>
    /// The types that end a request by the old definition alone.
    let endsGone: String

    init(_ old: PipelineDefinition, _ new: PipelineDefinition) {
        (self.old, self.new) = (old, new)
        func words(_ definition: PipelineDefinition) -> Set<ExactText> {
            Set(definition.stages.flatMap { [$0.name] + $0.aliases }.map { ExactText($0) })
        }
        stagesGone = Set(old.stages.map { ExactText($0.name) }).subtracting(words(new))
        aliasesGone = Set(old.stages.flatMap(\.aliases).map { ExactText($0) })
            .subtracting(words(new))
        typesGone = Set(old.eventTypes.map { ExactText($0.name) })
            .subtracting(new.eventTypes.map { ExactText($0.name) })
        let ends = old.eventTypes.filter { type in
            type.isTerminal && new.eventType(named: type.name)?.isTerminal != true
        }
        endsGone = ends.map(\.name).joined(separator: ", ")
    }

    func lacksStage(named name: String) -> Bool { stagesGone.contains(ExactText(name)) }

    func lacksAlias(_ word: String) -> Bool { aliasesGone.contains(ExactText(word)) }

    func lacksEventType(_ name: String) -> Bool { typesGone.contains(ExactText(name)) }
}
