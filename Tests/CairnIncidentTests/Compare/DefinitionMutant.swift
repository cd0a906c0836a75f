import CairnDomains
import Testing

/// The built-in pipeline with one rule changed.
struct DefinitionMutant: CustomTestStringConvertible, Sendable {
    let name: String
    let change: @Sendable (inout PipelineDefinition) -> Void

    init(_ name: String, _ change: @escaping @Sendable (inout PipelineDefinition) -> Void) {
        self.name = name
        self.change = change
    }

    var testDescription: String { name }

    var definition: PipelineDefinition {
        var definition = PipelineDefinition.priorAuthorization
        change(&definition)
        return definition
    }

    /// Changes after which some request stands elsewhere.
    static let harmful: [DefinitionMutant] = [
        .init("an alias is missing") { $0.stage("PARSING") { $0.aliases = [] } },
        .init("an alias is another stage's") {
            $0.stage("PARSING") { $0.aliases = [] }
            $0.stage("VALIDATION") { $0.aliases.append("PARSER") }
        },
        .init("a stage is an alias") { $0.stage("PARSING") { $0.aliases.append("Pr\u{FC}fung") } },
        .init("a stage has a new name") {
            $0.stage("VALIDATION") { ($0.name, $0.aliases) = ("CHECK", ["VALIDATION"]) }
        },
        .init("a stage is gone") { $0.stages.removeAll { $0.name == "VALIDATION" } },
        .init("the end is no end") { $0.type("NOTIFY_OK") { $0.isTerminal = false } },
        .init("an end more") { $0.type("PARSE_OK") { $0.isTerminal = true } },
        .init("a failure ends") { $0.type("DOWNSTREAM_FAIL") { $0.isTerminal = true } },
        .init("the end's type is gone") { $0.eventTypes.removeAll { $0.name == "NOTIFY_OK" } },
        .init("an unknown type ends") {
            $0.eventTypes.append(
                .init("X_START", stage: "PARSING", status: .started, isTerminal: true)
            )
        },
        .init("other words are odd") { $0.isOpen = false },
        .init("no start is needed") { $0.type("PARSE_OK") { $0.startedBy = nil } },
        .init("a failure needs no start") { $0.type("VAL_FAIL") { $0.startedBy = nil } },
        .init("another start is needed") { $0.type("PARSE_OK") { $0.startedBy = "VAL_START" } },
        .init("any order is right") { $0.stage("VALIDATION") { $0.follows = [] } },
        .init("another order") { $0.stage("VALIDATION") { $0.follows = ["API_CONNECTOR"] } },
        .init("an order for the first stage") {
            $0.stage("PARSING") { $0.follows = ["VALIDATION"] }
        },
        .init("a way more") { $0.stage("API_CONNECTOR") { $0.follows.append("PARSING") } },
        .init("a start is a completion") { $0.type("PARSE_START") { $0.status = .completed } },
        .init("a failure is a completion") { $0.type("VAL_FAIL") { $0.status = .completed } },
        .init("a timeout is a start") { $0.type("DOWNSTREAM_TIMEOUT") { $0.status = .started } },
        .init("a start may come at any time") {
            $0.type("NOTIFY_START") { $0.mayComeAnytime = true }
        },
        .init("a failure may come at any time") {
            $0.type("DOWNSTREAM_FAIL") { $0.mayComeAnytime = true }
        },
        .init("the end may come at any time") { $0.type("NOTIFY_OK") { $0.mayComeAnytime = true } },
    ]

    /// Changes that no state shows.
    static let harmless: [DefinitionMutant] = [
        .init("nothing") { _ in },
        .init("another version") { $0.version += 1 },
        .init("another name") { $0.name = "authorization" },
        .init("other deadlines") {
            for place in $0.stages.indices { $0.stages[place].deadline = nil }
        },
        .init("other retries") { $0.retry.attemptCountMax = 1 },
        .init("another order of the lists") {
            $0.stages.reverse()
            $0.eventTypes.reverse()
        },
        .init("a stage that nobody is in") {
            $0.stages.append(.init("ARCHIVE", follows: ["PARSING"]))
        },
        .init("effects outside") {
            for place in $0.eventTypes.indices { $0.eventTypes[place].externalEffect = .begins }
        },
    ]
}

extension PipelineDefinition {
    mutating func stage(_ name: String, _ change: (inout Stage) -> Void) {
        guard let place = stages.firstIndex(where: { $0.name == name }) else { return }
        change(&stages[place])
    }

    mutating func type(_ name: String, _ change: (inout EventType) -> Void) {
        guard let place = eventTypes.firstIndex(where: { $0.name == name }) else { return }
        change(&eventTypes[place])
    }
}
