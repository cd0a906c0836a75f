import CairnTesting
import CairnCore
import CairnDomains

/// Events for tests: plain ones, and random ones that hold every oddity of real logs.
enum RandomPipeline {
    static let stages = [
        "ORCHESTRATION", "PARSING", "PARSER", "VALIDATION", "API_CONNECTOR", "Queued", "caf\u{E9}",
    ]
    static let eventTypes = [
        "WORKFLOW_START", "PARSE_START", "PARSE_OK", "PARSE_FAIL", "VAL_START", "VAL_OK",
        "DOWNSTREAM_TIMEOUT", "NOTIFY_OK", "In Progress", "",
    ]
    static let statuses: [PipelineStatus] = [
        .started, .started, .completed, .completed, .failed, .skipped, .retryScheduled,
        .other("Wait - User"), .other(""),
    ]

    static func plain(
        _ stage: String,
        _ eventType: String,
        _ status: PipelineStatus,
        atSecond second: Int64 = 0
    ) -> PipelineEvent {
        PipelineEvent(
            tenant: "anthem",
            stage: stage,
            eventType: eventType,
            status: status,
            createdAt: Timestamp(nanoseconds: 1_766_620_800_000_000_000).adding(.seconds(second))
        )
    }

    static func event(_ generator: inout SeededGenerator) -> PipelineEvent {
        var event = plain(
            generator.pick(stages),
            generator.pick(eventTypes),
            generator.pick(statuses),
            atSecond: Int64(generator.below(100_000))
        )
        if generator.isHit(5, outOf: 100) { event.tenant = "other" }
        if generator.isHit(70, outOf: 100) { event.sequenceNumber = number(&generator) }
        if generator.isHit(40, outOf: 100) { event.attempt = number(&generator) }
        event.isRetryable = generator.isHit(60, outOf: 100)
        if generator.isHit(20, outOf: 100) { event.nextRetryAt = instant(&generator) }
        if generator.isHit(20, outOf: 100) {
            event.externalReference = "ref-\(generator.below(100))"
        }
        if generator.isHit(50, outOf: 100) { event.durationMilliseconds = number(&generator) }
        if generator.isHit(20, outOf: 100) { event.errorCode = "API_TIMEOUT" }
        if generator.isHit(20, outOf: 100) { event.errorMessage = "no answer \u{1F600}" }
        if generator.isHit(50, outOf: 100) { event.workerID = "pod-\(generator.below(9))" }
        if generator.isHit(30, outOf: 100) { event.serviceName = "" }
        if generator.isHit(20, outOf: 100) { event.startedAt = instant(&generator) }
        if generator.isHit(20, outOf: 100) { event.completedAt = instant(&generator) }
        if generator.isHit(30, outOf: 100) {
            event.metadata = Array(#"{"n": \#(generator.below(9))}"#.utf8)
        }
        if generator.isHit(20, outOf: 100) { event.sourceID = number(&generator) }
        if generator.isHit(2, outOf: 100) { event.createdAt = instant(&generator) }
        return event
    }

    private static func number(_ generator: inout SeededGenerator) -> Int64 {
        switch generator.below(12) {
        case 0: .max
        case 1: .min
        case 2: Int64(bitPattern: generator.next())
        default: Int64(generator.below(40)) - 4
        }
    }

    private static func instant(_ generator: inout SeededGenerator) -> Timestamp {
        Timestamp(nanoseconds: number(&generator))
    }
}
