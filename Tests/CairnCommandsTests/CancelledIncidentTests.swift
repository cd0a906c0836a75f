import Cairn
import Testing

/// 4 of 7 events of a request, enough to show: reopened, unknown_status,
/// status_contradiction.
///
/// Texts are stand-ins, the same one for the same text. Times are as far from the first
/// event as they were.
@Suite struct RequestCaseD82E45BC {
    @Test func `the request shows reopened and unknown_status and status_contradiction`() throws {
        let definition = Array(Self.definition.utf8)
        let machine = PipelineMachine(try PipelineDefinition.parse(definition))
        let state = machine.replay(Self.events)
        // What happened. Where something else should have, write that here: the test then
        // fails until the rules are mended.
        #expect(state.anomalies[.reopened] == 1)
        #expect(state.anomalies[.unknownStatus] == 3)
        #expect(state.anomalies[.statusContradiction] == 1)
    }

    private static let start = Timestamp(nanoseconds: 1_767_225_600_000_000_000)

    private static let events: [PipelineEvent] = [
        // unknown_status
        event("Accepted", in: "Accepted", .other("status-1"), after: .zero),
        // unknown_status
        event("Completed", in: "Completed", .other("status-2"), after: .seconds(10)),
        // reopened, unknown_status
        event("Accepted", in: "Accepted", .other("status-1"), after: .seconds(25_323)),
        // status_contradiction
        event("Completed", in: "Completed", .failed, after: .seconds(25_382)),
    ]

    private static func event(
        _ eventType: String,
        in stage: String,
        _ status: PipelineStatus,
        after span: TimeSpan
    ) -> PipelineEvent {
        PipelineEvent(
            tenant: "tenant-1",
            stage: stage,
            eventType: eventType,
            status: status,
            createdAt: start.adding(span)
        )
    }

    private static let definition = #"""
        {
          "name": "incident-management",
          "version": 1,
          "open": false,
          "stages": [
            {"name":"Accepted","deadline_seconds":432000},
            {"name":"Queued","deadline_seconds":172800},
            {"name":"Completed","follows":["Accepted","Queued"]},
            {"name":"Unmatched"}
          ],
          "event_types": [
            {"name":"Accepted","stage":"Accepted","status":"STARTED"},
            {"name":"Queued","stage":"Queued","status":"STARTED"},
            {"name":"Completed","stage":"Completed","status":"COMPLETED","terminal":true},
            {"name":"Unmatched","stage":"Unmatched","status":"SKIPPED"}
          ],
          "retry": {
            "max_attempts": 3,
            "initial_delay_seconds": 3600,
            "multiplier": 1.5,
            "max_delay_seconds": 86400,
            "jitter": 0
          },
          "metadata_indexes": ["org:role","impact","product"]
        }
        """#
}
