import CairnCore
import CairnDomains
import CairnTesting
import Testing

struct PipelineTableTests {
    private static let parsing = PipelineReport(tenant: "anthem", stage: "PARSER")

    private static func row(
        _ status: PipelineStatus,
        _ change: (inout PipelineEvent) -> Void = { _ in }
    ) -> PipelineEvent {
        var row = RandomPipeline.plain("PARSING", "PARSE_START", status)
        row.attempt = 1
        row.isRetryable = true
        change(&row)
        return row
    }

    /// A row that ends the request.
    static let end = RandomPipeline.plain("SUBSCRIPTION_HANDLER", "NOTIFY_OK", .completed)

    /// A request whose stage PARSING stands as each column of the table says.
    static let standings: [(name: String, events: [PipelineEvent])] = [
        ("absent", []),
        ("none", [RandomPipeline.plain("VALIDATION", "VAL_START", .started)]),
        ("STARTED", [row(.started)]),
        ("COMPLETED", [row(.completed)]),
        ("FAILED", [row(.failed)]),
        ("FAILED for good", [row(.failed) { $0.isRetryable = false }]),
        ("FAILED at the last attempt", [row(.failed) { $0.attempt = 5 }]),
        ("FAILED, request ended", [row(.failed), end]),
        ("SKIPPED", [row(.skipped)]),
        ("RETRY_SCHEDULED", [row(.retryScheduled)]),
        ("any other word", [row(.other("GOING"))]),
    ]

    static let commands: [(name: String, command: PipelineCommand)] =
        PipelineCommand.Verb.allCases.map { ($0.rawValue, PipelineCommand($0, parsing)) } + [
            (
                "any for another tenant",
                PipelineCommand(.recordStart, PipelineReport(tenant: "other", stage: "PARSER"))
            ),
            (
                "any without a tenant",
                PipelineCommand(.recordStart, PipelineReport(tenant: "", stage: "PARSER"))
            ),
            (
                "any without a stage",
                PipelineCommand(.recordStart, PipelineReport(tenant: "anthem", stage: ""))
            ),
        ]

    /// How a turn is found in the table: by what PARSING's last row says.
    static let reading = TransitionReading<PipelineMachine>(
        cell: { command, state, _ in
            guard let row = row(of: command, in: state) else { return nil }
            return TransitionCell(command: row, standing: standing(of: state))
        },
        answer: { outcome in
            switch outcome {
            case .success(let rows): rows.first.map { "\($0.status)" } ?? "`[]`"
            case .failure(.emptyTenant): "*emptyTenant*"
            case .failure(.emptyStage): "*emptyStage*"
            case .failure(.alreadyTerminal): "*alreadyTerminal*"
            case .failure: TransitionReading<PipelineMachine>.caseName(outcome)
            }
        }
    )

    private static func row(of command: PipelineCommand, in state: PipelineState) -> String? {
        if command.report.tenant.isEmpty { return "any without a tenant" }
        if command.report.stage.isEmpty { return "any without a stage" }
        guard command.report.stage == "PARSER" || command.report.stage == "PARSING" else {
            return nil
        }
        let isOther = command.report.tenant != state.tenant ?? "anthem"
        return isOther ? "any for another tenant" : command.verb.rawValue
    }

    private static func standing(of state: PipelineState) -> String {
        guard let stage = state[stage: "PARSING"] else {
            return state.tenant == nil ? "absent" : "none"
        }
        switch stage.status.code {
        case .started, .completed, .skipped, .retryScheduled: return stage.status.word
        case .other: return "any other word"
        case .failed:
            if state.isTerminal { return "FAILED, request ended" }
            guard stage.isRetryable else { return "FAILED for good" }
            return stage.attempt < 5 ? "FAILED" : "FAILED at the last attempt"
        }
    }

    static func rendered() throws -> String {
        try TransitionTable(
            of: PipelineMachine(),
            standings: standings.map { ($0.name, PipelineMachine().replay($0.events)) },
            commands: commands,
            read: reading
        ).markdown
    }

    @Test func `the table in the specification is the machine's own`() throws {
        let bytes = try PipelineDefinitionTests.specification("Machines/Pipeline.md")
        let text = String(decoding: bytes, as: UTF8.self)
        let table = try Self.rendered()
        #expect(text.contains("\n\n\(table)\n\n"), "\(table)")
        for kind in PipelineAnomaly.Kind.allCases {
            #expect(text.contains("| `\(kind.name)` | "))
        }
    }
}

struct PipelineTransitionTests {
    private static func table() throws -> TransitionTable {
        let bytes = try PipelineDefinitionTests.specification("Machines/Pipeline.md")
        return try TransitionTable(markdown: String(decoding: bytes, as: UTF8.self))
    }

    /// The commands of the table, failures that are final, and rows of other stages.
    static let commands: [PipelineCommand] =
        PipelineTableTests.commands.map(\.command) + [
            command(.recordFailure, "PARSING") { $0.isRetryable = false },
            command(.recordStart, "VALIDATION"),
            command(.recordCompletion, "SUBSCRIPTION_HANDLER"),
        ]

    private static func command(
        _ verb: PipelineCommand.Verb,
        _ stage: String,
        _ change: (inout PipelineReport) -> Void = { _ in }
    ) -> PipelineCommand {
        var report = PipelineReport(tenant: "anthem", stage: stage)
        change(&report)
        return PipelineCommand(verb, report)
    }

    /// A row of an import, whose words are its own.
    private static let fact = RandomPipeline.plain("PARSING", "PARSE_START", .other("GOING"))

    /// A request without what only counts: of attempts no more than the policy asks for.
    private struct Sight: Hashable {
        struct Stage: Hashable {
            var name: String
            var status: PipelineStatus
            var attempt: Int64
            var isRetryable: Bool
        }
        var tenant: String?
        var stages: [Stage]
        var isTerminal: Bool

        init(_ state: PipelineState) {
            tenant = state.tenant
            stages = state.stages.map { stage in
                Stage(
                    name: stage.name,
                    status: stage.status,
                    attempt: min(stage.attempt, 6),
                    isRetryable: stage.isRetryable
                )
            }
            isTerminal = state.isTerminal
        }
    }

    @Test func `every state of a request answers as its table says, and every cell is met`() throws
    {
        let next = try NextStandings("Machines/Pipeline.md")
        let coverage = try Laws.everyStateFollowsTable(
            PipelineMachine(),
            try Self.table(),
            next: next.table,
            read: PipelineTableTests.reading,
            exploring: Self.commands,
            facts: [Self.fact],
            seenAs: { Sight($0) }
        )
        #expect(coverage.isExhaustive, "\(coverage)")
        next.expectAll(of: coverage)
        #expect(coverage.met.count == coverage.table.cellCount)
    }

    @Test func `any reports and rows in any order meet every cell of a request's table`() throws {
        let next = try NextStandings("Machines/Pipeline.md")
        let coverage = try Laws.turnsFollowTable(
            PipelineMachine(),
            try Self.table(),
            next: next.table,
            read: PipelineTableTests.reading,
            commands: .sampled(from: Self.commands),
            facts: .constant(Self.fact),
            settings: PropertySettings(caseCountMax: 500, seed: 1)
        )
        #expect(coverage.met.count == coverage.table.cellCount)
    }
}
