import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import Testing

/// The fields of events and requests, in predicates and as columns.
struct FieldTests {
    private static let event: PipelineEvent = {
        var event = PipelineEvent(
            tenant: "anthem",
            stage: "API_CONNECTOR",
            eventType: "DOWNSTREAM_OK",
            status: .completed,
            createdAt: History.time(minutes: 1)
        )
        event.durationMilliseconds = 1_500
        event.nextRetryAt = History.time(minutes: 2)
        event.metadata = Array(#"{"targetSystem":"carelon","ids":["a",1.50]}"#.utf8)
        return event
    }()

    private static let row = EventRow(
        requestID: "PAGW-1",
        position: Position(rawValue: 7),
        sequence: SequenceNumber(rawValue: 3),
        recordedAt: History.time(minutes: 5),
        event: event
    )

    @Test(
        arguments: [
            ("pagw_id == PAGW-1 and tenant == anthem and stage == API_CONNECTOR", true),
            ("status == SUCCESS and event_type contains DOWNSTREAM", true),
            ("sequence_no == 3 and sequence == 3 and position == 7", true),
            ("attempt == 1 and retryable", true), ("duration_ms >= 1.5s", true),
            ("next_retry_at > created_at_typo", nil), ("type == pipeline", true),
            ("created_at == 2025-12-25T00:01:00Z", true),
            ("recorded_at > 2025-12-25T00:04:59.999999Z", true),
            ("metadata.targetSystem == carelon and metadata.ids[1] == 1.5", true),
            ("exists external_reference or exists error_code or exists id", false),
            ("exists started_at or exists completed_at or exists worker_id", false),
            ("service_name == x or error_message == x", false),
        ]
    )
    func `an event answers under the names of its columns`(text: String, expected: Bool?) {
        let predicate = try? Predicate<EventRow>(text)
        #expect(predicate?.matches(Self.row) == expected)
    }

    @Test func `every field of an event has a kind and a value`() {
        #expect(EventField.allCases.count == 24)
        for field in EventField.allCases {
            let json = Self.row.jsonValue(of: EventColumn(field))
            if case .null = json {
                #expect(Self.row.value(of: field, at: JSONPath(parts: [])) == .absent)
            }
        }
    }

    @Test func `columns give JSON with exact numbers and times in UTC`() throws {
        let columns = try EventColumn.list(
            "pagw_id, sequence_no,duration_ms,retryable,created_at,error_code,metadata,"
                + "metadata.ids[1],metadata.none"
        )
        let values = columns.map { "\($0.name)=\(Self.row.jsonValue(of: $0))" }
        #expect(
            values == [
                #"pagw_id="PAGW-1""#, "sequence_no=3", "duration_ms=1500", "retryable=true",
                #"created_at="2025-12-25T00:01:00.000000Z""#, "error_code=null",
                #"metadata={"targetSystem":"carelon","ids":["a",1.50]}"#,
                "metadata.ids[1]=1.50", "metadata.none=null",
            ]
        )
    }

    @Test(arguments: [
        ("stat", "near it: status"), ("pagw_id x", "expected the end"), ("", "expected a field"),
    ])
    func `a column that is none is an error`(name: String, message: String) throws {
        do throws(PredicateError) {
            _ = try EventColumn(name)
            Issue.record("no error")
        } catch {
            #expect(error.rendering.contains(message))
        }
    }

    @Test(
        arguments: [
            ("status == FAILURE and stage == PARSING and attempt == 2", true),
            ("time_in_state > 1h", true), ("time_in_state > 2h", false),
            ("event_count == 3 and attempt_max == 2 and not terminal", true),
            ("error_code == E7 and error_stage == PARSING", true),
            ("stages.PARSING.status == FAILED and stages.PARSING.failure_count == 1", true),
            ("stages contains PARSING and stages not contains VALIDATION", true),
            ("exists stages.VALIDATION", false), ("exists stages.PARSING", true),
            ("exists stages.VALIDATION.status", false), ("reopened_count > 0", false),
            ("anomaly_count == 1 and anomalies.out_of_order_stage == 1", true),
            ("anomalies contains out_of_order_stage", true), ("exists anomalies.late_row", true),
            ("first_created_at < 2025-12-25T00:01:00Z", true), ("retryable", true),
            ("next_retry_at == 2025-12-25T00:30:00Z", true), ("sequence_no == 3", true),
            ("metadata.payer == carelon", true), ("metadata.first == yes", false),
        ]
    )
    func `a request answers under the names of its state`(
        text: String,
        expected: Bool
    ) async throws {
        var history = History()
        history.add("PAGW-1", "PARSE_START", .started, minutes: 0) { event in
            event.metadata = Array(#"{"first":"yes"}"#.utf8)
        }
        history.add("PAGW-1", "PARSE_START", .started, minutes: 1) { $0.attempt = 2 }
        history.add("PAGW-1", "PARSE_FAIL", .failed, minutes: 2) { event in
            event.attempt = 2
            event.metadata = Array(#"{"payer":"carelon"}"#.utf8)
            event.errorCode = "E7"
            event.nextRetryAt = History.time(minutes: 30)
        }
        let view = PipelineView(try await history.journal())
        let query = RequestQuery(predicate: try Predicate(text))
        let rows = try await view.requests(query, now: History.time(minutes: 90))
        #expect(rows.count == (expected ? 1 : 0))
    }
}
