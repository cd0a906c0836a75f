/// A stage of the demo's requests: its event types, its worker and how long it takes.
struct DemoStage {
    let name: String
    /// What its event types begin with.
    let prefix: String
    let service: String
    /// How many workers share its work.
    let workerCount: Int64
    let milliseconds: ClosedRange<Int64>

    static let parsing = DemoStage(
        name: "PARSING",
        prefix: "PARSE",
        service: "fhir-parser",
        workerCount: 3,
        milliseconds: 40...900
    )
    static let validation = DemoStage(
        name: "VALIDATION",
        prefix: "VAL",
        service: "validator",
        workerCount: 3,
        milliseconds: 20...400
    )
    static let enrichment = DemoStage(
        name: "ENRICHMENT",
        prefix: "ENRICH",
        service: "enricher",
        workerCount: 2,
        milliseconds: 150...4_000
    )
    static let attachment = DemoStage(
        name: "ATTACHMENT",
        prefix: "ATTACH",
        service: "attachments",
        workerCount: 2,
        milliseconds: 300...9_000
    )
    static let documentPull = DemoStage(
        name: "ATTACHMENT",
        prefix: "CDEX_PULL",
        service: "attachments",
        workerCount: 2,
        milliseconds: 2_000...60_000
    )
    static let conversion = DemoStage(
        name: "CONVERSION",
        prefix: "CONVERT",
        service: "converter",
        workerCount: 2,
        milliseconds: 30...600
    )
    static let connector = DemoStage(
        name: "API_CONNECTOR",
        prefix: "DOWNSTREAM",
        service: "payer-connector",
        workerCount: 4,
        milliseconds: 400...12_000
    )
    static let response = DemoStage(
        name: "RESPONSE_BUILDER",
        prefix: "RESPONSE",
        service: "response-builder",
        workerCount: 2,
        milliseconds: 30...300
    )
    static let callback = DemoStage(
        name: "CALLBACK_HANDLER",
        prefix: "CALLBACK",
        service: "callbacks",
        workerCount: 2,
        milliseconds: 20...250
    )
    static let notification = DemoStage(
        name: "SUBSCRIPTION_HANDLER",
        prefix: "NOTIFY",
        service: "notifier",
        workerCount: 2,
        milliseconds: 60...2_500
    )
    static let publishing = DemoStage(
        name: "OUTBOX_PUBLISHER",
        prefix: "PUBLISH",
        service: "outbox",
        workerCount: 1,
        milliseconds: 5...90
    )
}
