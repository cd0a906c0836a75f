/// What a word means by a definition, as a stage and as an event type: plain data.
struct PipelineMeaning: Sendable {
    /// The number of the name of the stage that the word names; its own where it names none.
    let stage: UInt32
    let isStage: Bool
    /// Whether one of some other stages should have been seen before.
    let followsStages: Bool
    let isType: Bool
    /// What the event type implies.
    let status: PipelineStatus.Code
    /// The number of the type that it ends; 0 for none.
    let startedBy: UInt32
    let isTerminal: Bool
    let mayComeAnytime: Bool
    /// Whether another type names it as its start.
    let begins: Bool
}

/// The words that a fleet's rows use, and what they mean.
struct PipelineMeanings: Sendable {
    /// Whether words that the definition does not list are nothing odd.
    let isOpen: Bool
    private let rules: PipelineRules
    var words = PipelineWordTable()
    private var all: [PipelineMeaning] = []
    private var follows: [UInt32: [UInt32]] = [:]

    init(_ definition: PipelineDefinition) {
        rules = PipelineRules(definition)
        isOpen = definition.isOpen
        for stage in definition.stages { _ = words.number(of: stage.name) }
        learnWords()
    }

    @inline(__always)
    subscript(word: UInt32) -> PipelineMeaning { all[Int(word)] }

    /// The stages of which one should have been seen before a stage.
    func stagesBefore(_ word: UInt32) -> [UInt32] { follows[word] ?? [] }

    /// Learns what words mean that were not met before.
    @inline(__always)
    mutating func learn() { if all.count < words.count { learnWords() } }

    private mutating func learnWords() {
        while all.count < words.count {
            let number = UInt32(all.count)
            let word = words.text(of: number)
            let stage = rules.stage(of: word)
            let type = rules.eventType(of: word)
            if let stage, !stage.follows.isEmpty {
                follows[number] = stage.follows.map { words.number(of: $0) }
            }
            all.append(
                PipelineMeaning(
                    stage: stage.map { words.number(of: $0.name) } ?? number,
                    isStage: stage != nil,
                    followsStages: stage?.follows.isEmpty == false,
                    isType: type != nil,
                    status: type?.status.code ?? .other,
                    startedBy: type?.startedBy.map { words.number(of: $0) } ?? 0,
                    isTerminal: type?.isTerminal ?? false,
                    mayComeAnytime: type?.mayComeAnytime ?? false,
                    begins: rules.beginsSomething(word)
                )
            )
        }
    }
}
