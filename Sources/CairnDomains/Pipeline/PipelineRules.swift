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

    /// Where the definition lists the words of an event; nil for one that it does not list.
    struct Places {
        let stage: Int?
        let type: Int?
    }

    /// Looks the words of an event up, each once.
    func places(of event: PipelineEvent) -> Places {
        Places(
            stage: stageIndices[ExactText(event.stage)],
            type: typeIndices[ExactText(event.eventType)]
        )
    }

    /// Whether the event type at a place begins something that another one ends.
    func beginsSomething(at place: Int?) -> Bool { place.map { beginsSomething[$0] } ?? false }

    /// What is odd about an event that comes to a request in a state.
    func anomalies(
        of event: PipelineEvent,
        at places: Places,
        in state: PipelineState
    ) -> PipelineAnomaly.Kinds {
        var kinds = PipelineAnomaly.Kinds()
        // Read in place: a copy of a stage or a type costs more than all that is asked of it.
        let (stage, type) = (places.stage, places.type)
        if let tenant = state.tenant, !tenant.hasSameBytes(as: event.tenant) {
            kinds.insert(.tenantMismatch)
        }
        if event.status.code == .other { kinds.insert(.unknownStatus) }
        if !definition.isOpen, stage == nil { kinds.insert(.unknownStage) }
        if !definition.isOpen, type == nil { kinds.insert(.unknownEventType) }
        if let type, Self.contradict(definition.eventTypes[type].status.code, event.status.code) {
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
        if let createdAt = state.current?.createdAt, event.createdAt < createdAt {
            kinds.insert(.clockInversion)
        }
        let known = state.knownIndex(
            ofStage: stage.map { definition.stages[$0].name } ?? event.stage
        )
        if let known, event.attempt < state.stages[known].attempt {
            kinds.insert(.attemptRegression)
        }
        if event.status.code.endsWork,
            let start = type.flatMap({ definition.eventTypes[$0].startedBy }),
            state.start(start)?.open == nil
        {
            kinds.insert(.missingStart)
        }
        if let type, definition.eventTypes[type].mayComeAnytime { return kinds }
        if known == nil, let stage, !definition.stages[stage].follows.isEmpty,
            !definition.stages[stage].follows.contains(where: {
                state.knownIndex(ofStage: $0) != nil
            })
        {
            kinds.insert(.outOfOrderStage)
        }
        if state.isTerminal, type.map({ definition.eventTypes[$0].isTerminal }) != true {
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
