import CairnCore
import CairnDomains
import Testing

struct PipelineMachineTests {
    let machine = PipelineMachine()
    let now = Timestamp(nanoseconds: 1_766_620_800_000_000_000)

    func run(
        _ commands: [PipelineCommand],
        seed: UInt64 = 1
    ) throws -> (state: PipelineState, rows: [PipelineEvent]) {
        var state = machine.initial
        var rows: [PipelineEvent] = []
        for (index, command) in commands.enumerated() {
            let context = TurnContext(now: now.adding(.seconds(Int64(index))), seed: seed)
            for row in try machine.decide(command, in: state, context: context) {
                machine.evolve(&state, by: row)
                rows.append(row)
            }
        }
        return (state, rows)
    }

    static func command(
        _ verb: PipelineCommand.Verb,
        _ stage: String = "PARSING",
        _ change: (inout PipelineReport) -> Void = { _ in }
    ) -> PipelineCommand {
        var report = PipelineReport(tenant: "anthem", stage: stage)
        change(&report)
        return PipelineCommand(verb, report)
    }

    @Test func `a failed stage is retried to its success`() throws {
        let (state, rows) = try run([
            Self.command(.recordStart),
            Self.command(.recordFailure) {
                $0.errorCode = "API_TIMEOUT"
                $0.durationMilliseconds = 40
            },
            Self.command(.scheduleRetry),
            Self.command(.scheduleRetry),
            Self.command(.recordStart),
            Self.command(.recordCompletion) { $0.durationMilliseconds = 2 },
        ])
        #expect(
            rows.map(\.eventType) == [
                "PARSE_START", "PARSE_FAIL", "RETRY_SCHEDULED", "PARSE_START", "PARSE_OK",
            ]
        )
        #expect(rows.map(\.sequenceNumber) == [1, 2, 3, 4, 5])
        #expect(rows.map(\.attempt) == [1, 1, 1, 2, 2])
        let wait = try #require(rows[2].nextRetryAt).since(rows[2].createdAt)
        #expect((24_000_000_000...30_000_000_000).contains(wait.nanoseconds))
        let stage = try #require(state[stage: "PARSING"])
        #expect(stage.status == .completed)
        #expect(stage.nextRetryAt == nil)
        #expect(stage.totalDurationMilliseconds == 42)
        #expect(stage.lastDurationMilliseconds == 2)
        #expect(stage.failureCount == 1)
        #expect(stage.eventCount == 5)
        #expect(stage.startedAt == rows[3].createdAt)
        #expect(stage.endedAt == rows[4].createdAt)
        #expect(state.lastError?.code == "API_TIMEOUT")
        #expect(state.attemptMax == 2)
        #expect(state.current?.eventType == "PARSE_OK")
        #expect(state.anomalies.first.map(\.kind) == [.outOfOrderStage])
    }

    @Test func `retries end with the policy's attempts`() throws {
        var commands: [PipelineCommand] = []
        for _ in 1...4 {
            commands += [
                Self.command(.recordStart), Self.command(.recordFailure),
                Self.command(.scheduleRetry),
            ]
        }
        commands += [Self.command(.recordStart), Self.command(.recordFailure)]
        let (state, _) = try run(commands)
        #expect(throws: PipelineRejection.attemptsExhausted(attemptCountMax: 5)) {
            try machine.decide(
                Self.command(.scheduleRetry),
                in: state,
                context: TurnContext(now: now)
            )
        }
    }

    @Test(
        arguments: [
            ([], command(.recordStart) { $0.tenant = "" }, .emptyTenant),
            ([], command(.recordStart, ""), .emptyStage),
            ([], command(.scheduleRetry), .notFailed(stage: "PARSING")),
            (
                [command(.recordStart)], command(.recordCompletion) { $0.tenant = "other" },
                .tenantMismatch(known: "anthem", given: "other")
            ),
            (
                [command(.recordFailure) { $0.isRetryable = false }], command(.scheduleRetry),
                .notRetryable(stage: "PARSING")
            ),
            (
                [command(.recordFailure), command(.recordCompletion, "SUBSCRIPTION_HANDLER")],
                command(.scheduleRetry), .alreadyTerminal
            ),
            (
                [command(.recordStart) { $0.sequenceNumber = .max }], command(.recordCompletion),
                .sequenceNumbersExhausted
            ),
        ] as [([PipelineCommand], PipelineCommand, PipelineRejection)]
    )
    func `what cannot be is refused`(
        before: [PipelineCommand],
        command: PipelineCommand,
        rejection: PipelineRejection
    ) throws {
        let (state, _) = try run(before)
        #expect(throws: rejection) {
            try machine.decide(command, in: state, context: TurnContext(now: now))
        }
    }

    @Test(
        arguments: [
            (command(.recordStart, "Paused"), .unknownStage("Paused")),
            (
                command(.recordSkip, "Accepted"),
                .eventTypeNeeded(stage: "Accepted", status: .skipped)
            ),
            (
                command(.recordStart, "Accepted") { $0.eventType = "Lost" },
                .unknownEventType("Lost")
            ),
        ] as [(PipelineCommand, PipelineRejection)]
    )
    func `a closed definition refuses words that it does not list`(
        command: PipelineCommand,
        rejection: PipelineRejection
    ) throws {
        let bytes = try PipelineDefinitionTests.specification("Pipelines/incident-management.json")
        let closed = PipelineMachine(try PipelineDefinition.parse(bytes))
        #expect(throws: rejection) {
            try closed.decide(command, in: closed.initial, context: TurnContext(now: now))
        }
    }

    @Test func `a late row counts and does not become current`() throws {
        var late = RandomPipeline.plain("PARSING", "PARSE_START", .started, atSecond: 1)
        late.sequenceNumber = 2
        var last = RandomPipeline.plain("PARSING", "PARSE_OK", .completed, atSecond: 2)
        last.sequenceNumber = 3
        var first = RandomPipeline.plain("ORCHESTRATION", "REQUEST_RECEIVED", .completed)
        first.sequenceNumber = 1
        let state = machine.replay([first, last, late])
        #expect(state.current?.eventType == "PARSE_OK")
        #expect(state.current?.sequence.rawValue == 2)
        #expect(state[stage: "PARSING"]?.status == .completed)
        #expect(state[stage: "PARSING"]?.eventCount == 2)
        #expect(state.lastSequenceNumber == 3)
        #expect(state.anomalies[.lateRow] == 1)
    }
}
