import CairnCore
import CairnDomains
import Testing

struct PipelineAnomalyTests {
    /// One row of a history: stage, event type, status, `sequence_no` if any, attempt, second.
    struct Row: Sendable, CustomTestStringConvertible {
        var stage: String
        var type: String
        var status: PipelineStatus
        var number: Int64?
        var attempt: Int64 = 1
        var second: Int64 = 0
        var tenant = "anthem"

        init(
            _ stage: String,
            _ type: String,
            _ status: PipelineStatus,
            number: Int64? = nil,
            attempt: Int64 = 1,
            second: Int64 = 0,
            tenant: String = "anthem"
        ) {
            self.stage = stage
            self.type = type
            self.status = status
            self.number = number
            self.attempt = attempt
            self.second = second
            self.tenant = tenant
        }

        var event: PipelineEvent {
            var event = RandomPipeline.plain(stage, type, status, atSecond: second)
            event.sequenceNumber = number
            event.attempt = attempt
            event.tenant = tenant
            return event
        }

        var testDescription: String { "\(type) \(status)" }
    }

    static let received = Row("ORCHESTRATION", "REQUEST_RECEIVED", .completed)
    static let parseStart = Row("PARSING", "PARSE_START", .started)
    static let parseOK = Row("PARSING", "PARSE_OK", .completed)
    static let notifyStart = Row("SUBSCRIPTION_HANDLER", "NOTIFY_START", .started)
    static let notifyOK = Row("SUBSCRIPTION_HANDLER", "NOTIFY_OK", .completed)
    static let ended = [
        received, parseStart, parseOK, Row("RESPONSE_BUILDER", "RESPONSE_START", .started),
        Row("RESPONSE_BUILDER", "RESPONSE_OK", .completed), notifyStart, notifyOK,
    ]

    @Test(
        arguments: [
            ([received, parseStart, parseOK], []),
            ([received, Row("PARSER", "PARSE_START", .started), parseOK], []),
            ([received, parseOK], [.missingStart]),
            ([received, parseStart, parseOK, parseOK], [.missingStart]),
            ([received, parseStart, Row("PARSING", "PARSE_FAIL", .skipped)], []),
            ([parseStart], [.outOfOrderStage]),
            (
                [received, Row("PARSING", "PARSE_START", .started, attempt: 2), parseOK],
                [.attemptRegression]
            ),
            ([received, Row("PARSING", "PARSE_START", .started, second: -1)], [.clockInversion]),
            ([received, parseStart, Row("PARSING", "PARSE_OK", .failed)], [.statusContradiction]),
            ([received, Row("PARSING", "PARSE_START", .other("GOING"))], [.unknownStatus]),
            ([received, Row("Queued", "In Progress", .started)], []),
            ([received, Row("PARSING", "PARSE_START", .started, tenant: "x")], [.tenantMismatch]),
            (
                [
                    Row("ORCHESTRATION", "WORKFLOW_START", .started, number: 5),
                    Row("ORCHESTRATION", "REQUEST_RECEIVED", .completed, number: 4),
                ], [.lateRow]
            ),
            (
                [
                    Row("ORCHESTRATION", "WORKFLOW_START", .started, number: 5),
                    Row("ORCHESTRATION", "REQUEST_RECEIVED", .completed, number: 5),
                ], [.duplicateNumber]
            ),
            (ended, []),
            (ended + [Row("OUTBOX_PUBLISHER", "PUBLISH_START", .started)], []),
            (ended + [notifyOK], [.missingStart]),
            (ended + [Row("ATTACHMENT", "ATTACH_START", .started)], [.reopened]),
            (ended + [Row("PARSING", "PARSED", .completed)], [.afterTerminal]),
        ] as [([Row], [PipelineAnomaly.Kind])]
    )
    func `a history shows its anomalies and no others`(
        rows: [Row],
        expected: [PipelineAnomaly.Kind]
    ) {
        let state = PipelineMachine().replay(rows.map(\.event))
        let found = state.anomalies.first.map(\.kind)
        #expect(found == expected)
        #expect(state.anomalies.totalCount == UInt64(expected.count))
        #expect(state.eventCount == UInt64(rows.count))
    }

    @Test func `a closed definition marks words that it does not list`() throws {
        let bytes = try PipelineDefinitionTests.specification("Pipelines/incident-management.json")
        let machine = PipelineMachine(try PipelineDefinition.parse(bytes))
        let rows = [
            Row("Accepted", "Accepted", .started), Row("Paused", "Accepted", .started),
            Row("Queued", "Lost", .started), Row("Completed", "Completed", .completed),
            Row("Completed", "Completed", .completed), Row("Accepted", "Accepted", .started),
        ]
        let state = machine.replay(rows.map(\.event))
        #expect(
            state.anomalies.first.map(\.kind) == [.unknownStage, .unknownEventType, .reopened]
        )
        #expect(state.anomalies.first.map(\.sequence.rawValue) == [2, 3, 6])
        #expect(state.reopenedCount == 1)
        #expect(!state.isTerminal)
    }

    @Test func `anomalies are counted without bound and kept within one`() {
        let rows = Array(repeating: Self.parseOK.event, count: 1_000)
        let state = PipelineMachine().replay(rows)
        #expect(state.anomalies[.missingStart] == 1_000)
        #expect(state.anomalies.first.count == PipelineAnomalies.firstCountMax)
    }
}
