internal import CairnCore

/// A definition made ready for looking words up: what the machine and the fleet's fold share.
struct PipelineRules: Sendable {
    let definition: PipelineDefinition
    private let stageIndices: [String: Int]
    private let typeIndices: [String: Int]
    /// For each event type of the definition, whether another one names it as its start.
    private let beginsSomething: [Bool]

    init(_ definition: PipelineDefinition) {
        self.definition = definition
        var stageIndices: [String: Int] = [:]
        for (index, stage) in definition.stages.enumerated() {
            for word in [stage.name] + stage.aliases where stageIndices[word] == nil {
                stageIndices[word] = index
            }
        }
        self.stageIndices = stageIndices
        typeIndices = Dictionary(
            definition.eventTypes.enumerated().map { ($1.name, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let starts = Set(definition.eventTypes.compactMap(\.startedBy))
        beginsSomething = definition.eventTypes.map { starts.contains($0.name) }
    }

    /// The stage that a word names; nil if the definition does not list it.
    func stage(of word: String) -> PipelineDefinition.Stage? {
        guard let index = stageIndices[word] else { return nil }
        // Text compares by canonical equivalence; only the same bytes are the same word.
        let stage = definition.stages[index]
        return stage.isCalled(word) ? stage : nil
    }

    /// The event type that a word names; nil if the definition does not list it.
    func eventType(of word: String) -> PipelineDefinition.EventType? {
        guard let index = typeIndices[word] else { return nil }
        let type = definition.eventTypes[index]
        return type.name.utf8.elementsEqual(word.utf8) ? type : nil
    }

    /// Whether an event type begins something that another one ends.
    func beginsSomething(_ word: String) -> Bool {
        guard eventType(of: word) != nil, let index = typeIndices[word] else { return false }
        return beginsSomething[index]
    }

    /// What is odd about an event that comes to a request in a state.
    func anomalies(
        of event: PipelineEvent,
        in state: PipelineState
    ) -> PipelineAnomaly.Kinds {
        var kinds = PipelineAnomaly.Kinds()
        let stage = stage(of: event.stage)
        let type = eventType(of: event.eventType)
        if let tenant = state.tenant, !tenant.utf8.elementsEqual(event.tenant.utf8) {
            kinds.insert(.tenantMismatch)
        }
        if event.status.code == .other { kinds.insert(.unknownStatus) }
        if !definition.isOpen, stage == nil { kinds.insert(.unknownStage) }
        if !definition.isOpen, type == nil { kinds.insert(.unknownEventType) }
        if let type, Self.contradict(type.status.code, event.status.code) {
            kinds.insert(.statusContradiction)
        }
        if let number = event.sequenceNumber, let last = state.lastSequenceNumber, number <= last {
            kinds.insert(number == last ? .duplicateNumber : .lateRow)
            // What follows judges the order of rows, in which this one has no place.
            return kinds
        }
        if let current = state.current, event.createdAt < current.createdAt {
            kinds.insert(.clockInversion)
        }
        let known = state[stage: stage?.name ?? event.stage]
        if let known, event.attempt < known.attempt { kinds.insert(.attemptRegression) }
        if let start = type?.startedBy, event.status.code.endsWork,
            !state.openStarts.contains(start)
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
    private static func contradict(
        _ implied: PipelineStatus.Code,
        _ found: PipelineStatus.Code
    ) -> Bool {
        let plain: [PipelineStatus.Code] = [.started, .completed, .failed]
        return implied != found && plain.contains(implied) && plain.contains(found)
    }
}

extension PipelineStatus.Code {
    /// Whether something that had started is over.
    var endsWork: Bool { self == .completed || self == .failed }
}
