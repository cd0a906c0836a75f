internal import CairnCore
internal import CairnDomains

/// What two definitions mean the same by.
///
/// All that a fold asks a definition about an event is what its stage and its type mean, so events
/// of words that mean the same lead from one state to one state.
struct DefinitionAgreement: Sendable {
    private let isWhole: Bool
    private let isOpenInBoth: Bool
    /// The words for stages by which they mean different things.
    private let stages: Set<ExactText>
    /// The same of event types.
    private let types: Set<ExactText>

    init(_ old: PipelineDefinition, _ new: PipelineDefinition) {
        isOpenInBoth = old.isOpen == new.isOpen
        func apart<Meaning: Equatable>(
            _ before: [ExactText: Meaning],
            _ after: [ExactText: Meaning]
        ) -> Set<ExactText> {
            Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
        }
        stages = apart(StageMeaning.all(in: old), StageMeaning.all(in: new))
        types = apart(TypeMeaning.all(in: old), TypeMeaning.all(in: new))
        isWhole = isOpenInBoth && stages.isEmpty && types.isEmpty
    }

    /// Whether both definitions take an event into equal states in the same way; false says
    /// nothing.
    func covers(_ event: RequestEvent) -> Bool {
        guard case .row(let row) = event else { return false }
        if isWhole { return true }
        return isOpenInBoth && !stages.contains(ExactText(row.stage))
            && !types.contains(ExactText(row.eventType))
    }
}

/// What a fold asks of a stage, by the bytes of its words.
private struct StageMeaning: Equatable {
    let name: ExactText
    let follows: [ExactText]

    /// What each word for a stage means; of one that means several, the first does.
    static func all(in definition: PipelineDefinition) -> [ExactText: StageMeaning] {
        let words = definition.stages.flatMap { stage in
            let meaning = StageMeaning(
                name: ExactText(stage.name),
                follows: stage.follows.map { ExactText($0) }
            )
            return ([stage.name] + stage.aliases).map { (ExactText($0), meaning) }
        }
        return Dictionary(words, uniquingKeysWith: { first, _ in first })
    }
}

/// What a fold asks of an event type.
private struct TypeMeaning: Equatable {
    let status: PipelineStatus
    let startedBy: ExactText?
    let isTerminal: Bool
    let mayComeAnytime: Bool
    /// Whether another type names it as its start.
    let begins: Bool

    static func all(in definition: PipelineDefinition) -> [ExactText: TypeMeaning] {
        let starts = Set(definition.eventTypes.compactMap(\.startedBy).map { ExactText($0) })
        let types = definition.eventTypes.map { type in
            let name = ExactText(type.name)
            let meaning = TypeMeaning(
                status: type.status,
                startedBy: type.startedBy.map { ExactText($0) },
                isTerminal: type.isTerminal,
                mayComeAnytime: type.mayComeAnytime,
                begins: starts.contains(name)
            )
            return (name, meaning)
        }
        return Dictionary(types, uniquingKeysWith: { first, _ in first })
    }
}
