import CairnCore
import CairnDomains
import CairnTesting
import Testing

/// Where a request stands does not depend on the order in which its rows come.
struct PipelineShuffleTests {
    /// What a state says of a request, without what is judged as the rows come: the anomalies, the
    /// places of rows in the stream, and how many times beyond one it was reopened.
    struct Facts: Equatable {
        let tenant: String?
        let current: [String]
        let isTerminal: Bool
        let wasReopened: Bool
        let openStarts: [String]
        let lastError: PipelineFailure?
        let counts: [UInt64]
        let times: [Timestamp?]
        let numbers: [Int64?]
        let stages: [String]

        init(_ state: PipelineState) {
            tenant = state.tenant
            current =
                state.current.map { current in
                    [
                        current.stage, current.eventType, current.status.word,
                        "\(current.attempt) \(current.isRetryable)",
                        "\(current.nextRetryAt as Timestamp?) \(current.createdAt)",
                        "\(current.sequenceNumber as Int64?)",
                    ]
                } ?? []
            isTerminal = state.isTerminal
            wasReopened = state.reopenedCount > 0
            openStarts = state.openStarts
            lastError = state.lastError
            counts = [state.eventCount]
            times = [state.firstCreatedAt, state.lastCreatedAt]
            numbers = [state.attemptMax, state.lastSequenceNumber]
            stages = state.stages.map { stage in
                let times = [
                    stage.nextRetryAt, stage.startedAt, stage.endedAt, stage.firstCreatedAt,
                    stage.lastCreatedAt,
                ]
                return "\(stage.name) \(stage.status) \(stage.attempt) \(stage.attemptMax) "
                    + "\(stage.isRetryable) \(stage.eventCount) \(stage.failureCount) \(times) "
                    + "\(stage.lastDurationMilliseconds as Int64?) "
                    + "\(stage.totalDurationMilliseconds) \(stage.lastError as PipelineFailure?)"
            }
        }

        init(_ summary: PipelineSummary, _ fold: PipelineFold) {
            tenant = fold.text(of: summary.tenant)
            current = [
                fold.text(of: summary.stage), fold.text(of: summary.eventType),
                "\(summary.status)", fold.text(of: summary.statusWord),
                "\(summary.attempt) \(summary.isRetryable) \(summary.nextRetryAt as Timestamp?)",
                "\(summary.createdAt)",
            ]
            isTerminal = summary.isTerminal
            wasReopened = summary.reopenedCount > 0
            openStarts = []
            lastError = nil
            counts = [summary.eventCount]
            times = [summary.firstCreatedAt, summary.lastCreatedAt]
            numbers = [summary.attemptMax, summary.lastSequenceNumber]
            stages = []
        }
    }

    /// Rows of one request and one tenant with numbers that do not repeat, in their order.
    private static func history(_ generator: inout SeededGenerator) -> [PipelineEvent] {
        var number: Int64 = generator.isHit(10, outOf: 100) ? .min : -3
        return (0..<generator.below(24)).map { _ in
            var event = RandomPipeline.event(&generator)
            if generator.isHit(40, outOf: 100) {
                // Enough starts and ends that they meet.
                event.eventType = generator.pick(["NOTIFY_START", "NOTIFY_OK", "NOTIFY_FAIL"])
                event.status = generator.pick([.started, .completed, .failed])
            }
            event.tenant = "anthem"
            event.sequenceNumber = number
            number += Int64(generator.below(3) + 1)
            return event
        }
    }

    @Test func `the order in which rows come changes no fact`() throws {
        var generator = SeededGenerator(seed: 105)
        let machine = PipelineMachine()
        for round in 0..<1_500 {
            let rows = Self.history(&generator)
            let inOrder = Facts(machine.replay(rows))
            var fold = PipelineFold()
            for (request, order) in [rows, rows.shuffled(using: &generator)].enumerated() {
                #expect(Facts(machine.replay(order)) == inOrder, "seed 105, round \(round)")
                for row in order {
                    let payload = row.encoded()
                    try fold.take(
                        payload.span.bytes,
                        occurredAt: row.createdAt,
                        of: StreamNumber(rawValue: UInt64(request + 1))
                    )
                }
            }
            let summaries = fold.requests.values.map { Facts($0, fold) }
            #expect(summaries.isEmpty || summaries[0] == summaries[1], "seed 105, round \(round)")
        }
    }

    @Test func `a late end closes what it ends`() {
        func row(_ type: String, _ status: PipelineStatus, _ number: Int64) -> PipelineEvent {
            let stage = type.hasPrefix("NOTIFY") ? "SUBSCRIPTION_HANDLER" : "OUTBOX_PUBLISHER"
            var row = RandomPipeline.plain(stage, type, status, atSecond: number)
            row.sequenceNumber = number
            return row
        }
        let start = row("NOTIFY_START", .started, 1)
        let end = row("NOTIFY_OK", .completed, 2)
        let other = row("PUBLISH_OK", .completed, 3)
        let state = PipelineMachine().replay([start, other, end])
        #expect(state.isTerminal)
        #expect(state.openStarts.isEmpty)
        #expect(state.current?.eventType == "PUBLISH_OK")
        #expect(state.anomalies[.lateRow] == 1)

        let again = row("NOTIFY_START", .started, 4)
        let reopened = PipelineMachine().replay([start, again, end])
        #expect(!reopened.isTerminal)
        #expect(reopened.reopenedCount == 1)
        #expect(reopened.openStarts == ["NOTIFY_START"])
    }

    @Test func `a row without a number is ordered by its place`() {
        var numbered = RandomPipeline.plain("PARSING", "PARSE_OK", .completed, atSecond: 1)
        numbered.sequenceNumber = 10
        let plain = RandomPipeline.plain("PARSING", "PARSE_START", .started)
        let late = PipelineMachine().replay([numbered, plain])
        #expect(late.current?.eventType == "PARSE_OK")
        #expect(late.anomalies[.lateRow] == 1)
        numbered.sequenceNumber = 1
        let next = PipelineMachine().replay([numbered, plain])
        #expect(next.current?.eventType == "PARSE_START")
        #expect(next.anomalies[.lateRow] == 0)
    }

    @Test func `durations add up to the same, however far they reach`() {
        let durations: [Int64] = [.max, .max, .min, -5, .min, 7]
        func total(_ durations: [Int64]) -> Int64? {
            let rows = durations.map { duration in
                var row = RandomPipeline.plain("PARSING", "PARSE_OK", .completed)
                row.durationMilliseconds = duration
                return row
            }
            return PipelineMachine().replay(rows)[stage: "PARSING"]?.totalDurationMilliseconds
        }
        #expect(total(durations) == 0)
        #expect(total(durations.reversed()) == 0)
        #expect(total([.max, .max]) == .max)
    }
}
