internal import CairnCore

/// A definition made ready for looking words up: what the machine and the fleet's fold share.
struct PipelineRules: Sendable {
    let definition: PipelineDefinition
    private let stageIndices: [ExactText: Int]
    private let typeIndices: [ExactText: Int]
    /// For each event type of the definition, whether another one names it as its start.
    private let beginsSomething: [Bool]

    init(_ definition: PipelineDefinition) {
        self.definition = definition
        let words = definition.stages.enumerated().flatMap { index, stage in
            ([stage.name] + stage.aliases).map { (ExactText($0), index) }
        }
        stageIndices = Dictionary(words, uniquingKeysWith: { first, _ in first })
        typeIndices = Dictionary(
            definition.eventTypes.enumerated().map { (ExactText($1.name), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let starts = Set(definition.eventTypes.compactMap(\.startedBy).map(ExactText.init))
        beginsSomething = definition.eventTypes.map { starts.contains(ExactText($0.name)) }
    }

    /// The stage that a word names; nil if the definition does not list it.
    func stage(of word: String) -> PipelineDefinition.Stage? {
        stageIndices[ExactText(word)].map { definition.stages[$0] }
    }

    /// The event type that a word names; nil if the definition does not list it.
    func eventType(of word: String) -> PipelineDefinition.EventType? {
        typeIndices[ExactText(word)].map { definition.eventTypes[$0] }
    }

    /// Whether an event type begins something that another one ends.
    func beginsSomething(_ word: String) -> Bool {
        typeIndices[ExactText(word)].map { beginsSomething[$0] } ?? false
    }

    /// What is odd about an event that comes to a request in a state.
    func anomalies(
        of event: PipelineEvent,
        in state: PipelineState
    ) -> PipelineAnomaly.Kinds {
        var kinds = PipelineAnomaly.Kinds()
        let stage = stage(of: event.stage)
        let type = eventType(of: event.eventType)
        if let tenant = state.tenant, !tenant.hasSameBytes(as: event.tenant) {
            kinds.insert(.tenantMismatch)
        }
        if event.status.code == .other { kinds.insert(.unknownStatus) }
        if !definition.isOpen, stage == nil { kinds.insert(.unknownStage) }
        if !definition.isOpen, type == nil { kinds.insert(.unknownEventType) }
        if let type, Self.contradict(type.status.code, event.status.code) {
            kinds.insert(.statusContradiction)
        }
        let order = PipelineOrder(number: event.sequenceNumber, place: state.eventCount &+ 1)
        let isDuplicate =
            event.sequenceNumber != nil && event.sequenceNumber == state.lastSequenceNumber
        if isDuplicate { kinds.insert(.duplicateNumber) }
        let isLate = state.current.map { order < $0.order } ?? false
        if isLate, !isDuplicate { kinds.insert(.lateRow) }
        // What follows compares an event with the one before it, which these do not come after.
        if isLate || isDuplicate { return kinds }
        if let current = state.current, event.createdAt < current.createdAt {
            kinds.insert(.clockInversion)
        }
        let known = state[stage: stage?.name ?? event.stage]
        if let known, event.attempt < known.attempt { kinds.insert(.attemptRegression) }
        if let start = type?.startedBy, event.status.code.endsWork,
            state.start(start)?.open == nil
        {
            kinds.insert(.missingStart)
        }
        guard type?.mayComeAnytime != true else { return kinds }
        if known == nil, let stage, !stage.follows.isEmpty,
            !stage.follows.contains(where: { state[stage: $0] != nil })
        {
            kinds.insert(.outOfOrderStage)
        }
        if state.isTerminal, type?.isTerminal != true {
            let ends = event.status.code.endsWork || event.status.code == .skipped
            kinds.insert(ends ? .afterTerminal : .reopened)
        }
        return kinds
    }

    /// Whether two statuses cannot both be meant; a skip or a planned retry fits any type.
    static func contradict(
        _ implied: PipelineStatus.Code,
        _ found: PipelineStatus.Code
    ) -> Bool {
        implied != found && implied.isPlain && found.isPlain
    }
}

extension PipelineStatus.Code {
    /// Whether it says started, completed or failed.
    fileprivate var isPlain: Bool { self == .started || endsWork }

    /// Whether something that had started is over.
    var endsWork: Bool { self == .completed || self == .failed }
}
