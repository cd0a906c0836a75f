import CairnDomains
import CairnTestSupport
import Testing

@testable import CairnServices

struct TemporalReaderTests {
    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    private func read(_ text: String) throws -> Reading {
        let path = try scratch.file("history.json", text)
        return Reading { () throws(ImportError) in
            try TemporalReader(path: path, prefix: "run", tenant: "acme")
        }
    }

    private static let start = """
        {"eventId":"1","eventTime":"2021-06-20T21:14:11Z","eventType":"WorkflowExecutionStarted",
        "workflowExecutionStartedEventAttributes":{"workflowId":"w","originalExecutionRunId":"r",
        "identity":"me","attempt":1}}
        """

    @Test func `an event of a history becomes a row of its run`() throws {
        let reading = try read(
            """
            {"events":[\(Self.start),
            {"eventId":2,"eventTime":"2021-06-20T21:14:12Z","eventType":"ActivityTaskScheduled",
            "activityTaskScheduledEventAttributes":{"activityType":{"name":"Pay"}}},
            {"eventId":"3","eventTime":"2021-06-20T21:14:13Z",
            "eventType":"EVENT_TYPE_ACTIVITY_TASK_STARTED","activityTaskStartedEventAttributes":
            {"scheduledEventId":"2","attempt":3,"lastFailure":{"message":"no"}}},
            {"eventId":"4","eventTime":"2021-06-20T21:14:15.5Z","eventType":"ActivityTaskFailed",
            "activityTaskFailedEventAttributes":{"scheduledEventId":"2","startedEventId":"3",
            "failure":{"message":"broken"}}},
            {"eventId":"5","eventTime":"2021-06-20T21:14:15Z","eventType":"UnknownEvent"}]}
            """
        )
        #expect(reading.bad.isEmpty && reading.stop == nil)
        #expect(Set(reading.rows.map(\.request)) == ["run-w/r"])
        let events = reading.rows.map(\.event)
        #expect(events.map(\.sequenceNumber) == [1, 2, 3, 4, 5])
        #expect(
            events.map(\.eventType) == [
                "WORKFLOW_EXECUTION_STARTED", "ACTIVITY_TASK_SCHEDULED", "ACTIVITY_TASK_STARTED",
                "ACTIVITY_TASK_FAILED", "UNKNOWN_EVENT",
            ]
        )
        #expect(events.map(\.stage).prefix(4) == ["WORKFLOW_EXECUTION", "Pay", "Pay", "Pay"])
        #expect(
            events.map(\.status) == [.started, .started, .started, .failed, .other("UNKNOWN")]
        )
        #expect(events[2].attempt == 3 && events[2].errorMessage == "no")
        #expect(events[3].durationMilliseconds == 2_500 && events[3].errorMessage == "broken")
        #expect(events[0].workerID == "me" && !events[3].isRetryable)
    }

    static let bad: [(String, ImportReason)] = [
        ("{\"events\":5}", .malformedHistory(message: "it has no array of events")),
        ("{\"events\":[", .malformedDocument(message: "the JSON text ends too early at byte 11")),
    ]

    @Test(arguments: bad)
    func `what is no history is refused`(text: String, reason: ImportReason) throws {
        #expect(try read(text).stop?.reason == reason)
    }

    @Test func `an event without a number or a time is a bad row`() throws {
        let reading = try read(
            "{\"events\":[\(Self.start),{\"eventId\":\"2\",\"eventType\":\"TimerFired\"},{}]}"
        )
        #expect(
            reading.bad.map(\.reason)
                == [.missingValue(column: "eventTime"), .missingValue(column: "eventId")]
        )
        #expect(reading.bad[0].description.hasSuffix("case 'w/r', event 2: eventTime is missing"))
    }
}
