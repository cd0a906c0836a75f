internal import CairnCore

extension PipelineDefinition {
    /// The built-in pipeline: the 11 stages and 38 event types of seed 002.
    ///
    /// The same as `Specs/Pipelines/prior-authorization.json`; a test compares the two. It ends
    /// with its notification. Publishing a message and closing the routing happen alongside, at
    /// any time.
    public static let priorAuthorization = PipelineDefinition(
        name: "prior-authorization",
        stages: [
            Stage("ORCHESTRATION", deadline: .seconds(900)),
            Stage(
                "PARSING",
                aliases: ["PARSER"],
                deadline: .seconds(300),
                follows: ["ORCHESTRATION"]
            ),
            Stage(
                "VALIDATION",
                aliases: ["VALIDATOR"],
                deadline: .seconds(300),
                follows: ["PARSING"]
            ),
            Stage(
                "ENRICHMENT",
                aliases: ["ENRICHER"],
                deadline: .seconds(600),
                follows: ["VALIDATION"]
            ),
            Stage("ATTACHMENT", deadline: .seconds(1_800), follows: ["PARSING"]),
            Stage(
                "CONVERSION",
                aliases: ["CONVERTER"],
                deadline: .seconds(300),
                follows: ["ENRICHMENT", "VALIDATION"]
            ),
            Stage(
                "API_CONNECTOR",
                deadline: .seconds(900),
                follows: ["CONVERSION"],
                retry: RetryPolicy(
                    attemptCountMax: 8,
                    initialDelay: .seconds(15),
                    multiplierThousandths: 2_000,
                    delayMax: .seconds(1_800),
                    jitterThousandths: 200
                )
            ),
            Stage("RESPONSE_BUILDER", deadline: .seconds(300), follows: ["PARSING"]),
            Stage("CALLBACK_HANDLER", deadline: .seconds(900), follows: ["API_CONNECTOR"]),
            Stage(
                "SUBSCRIPTION_HANDLER",
                deadline: .seconds(900),
                follows: ["RESPONSE_BUILDER", "CALLBACK_HANDLER"]
            ),
            Stage("OUTBOX_PUBLISHER", deadline: .seconds(300)),
        ],
        eventTypes: [
            EventType("REQUEST_RECEIVED", stage: "ORCHESTRATION", status: .completed),
            EventType("WORKFLOW_START", stage: "ORCHESTRATION", status: .started),
            EventType(
                "WORKFLOW_COMPLETE",
                stage: "ORCHESTRATION",
                status: .completed,
                startedBy: "WORKFLOW_START",
                mayComeAnytime: true
            ),
        ] + family("PARSE", of: "PARSING")
            + family("VAL", of: "VALIDATION")
            + family("ENRICH", of: "ENRICHMENT")
            + family("ATTACH", of: "ATTACHMENT")
            + family("CDEX_PULL", of: "ATTACHMENT", isExternal: true)
            + family("CONVERT", of: "CONVERSION")
            + family("DOWNSTREAM", of: "API_CONNECTOR", isExternal: true)
            + [
                EventType(
                    "DOWNSTREAM_TIMEOUT",
                    stage: "API_CONNECTOR",
                    status: .failed,
                    startedBy: "DOWNSTREAM_START",
                    externalEffect: .unsettled
                ),
                EventType(
                    "DOWNSTREAM_ERROR",
                    stage: "API_CONNECTOR",
                    status: .failed,
                    startedBy: "DOWNSTREAM_START"
                ),
            ]
            + family("RESPONSE", of: "RESPONSE_BUILDER")
            + family("CALLBACK", of: "CALLBACK_HANDLER")
            + family("NOTIFY", of: "SUBSCRIPTION_HANDLER", isTerminal: true, isExternal: true)
            + family("PUBLISH", of: "OUTBOX_PUBLISHER", mayComeAnytime: true, isExternal: true),
        metadataIndexes: ["diagnosisCount", "procedureCount", "targetSystem", "externalId"]
            .map { JSONPath(parts: [$0]) }
    )

    /// The three types that most stages have: start, success and failure.
    private static func family(
        _ prefix: String,
        of stage: String,
        isTerminal: Bool = false,
        mayComeAnytime: Bool = false,
        isExternal: Bool = false
    ) -> [EventType] {
        let start = "\(prefix)_START"
        return [
            EventType(
                start,
                stage: stage,
                status: .started,
                mayComeAnytime: mayComeAnytime,
                externalEffect: isExternal ? .begins : nil
            ),
            EventType(
                "\(prefix)_OK",
                stage: stage,
                status: .completed,
                startedBy: start,
                isTerminal: isTerminal,
                mayComeAnytime: mayComeAnytime
            ),
            EventType(
                "\(prefix)_FAIL",
                stage: stage,
                status: .failed,
                startedBy: start,
                mayComeAnytime: mayComeAnytime
            ),
        ]
    }
}
