import CairnCore
import CairnJournal
import CairnServices
import CairnTestSupport
import Foundation
import Testing

/// Rows of `event_tracker` as databases have them after the statements of an export.
struct EventTrackerSQLTests {
    private static let header = """
        id,tenant,pagw_id,stage,event_type,status,sequence_no,attempt,retryable,next_retry_at,\
        external_reference,duration_ms,error_code,error_message,worker_id,service_name,started_at,\
        completed_at,created_at,metadata

        """

    /// As `COPY` of PostgreSQL writes them, listed as requests and not as ids ascend.
    private static let rows =
        header + #"""
            9,anthem,R1,PARSING,PARSE_START,STARTED,1,1,t,,,,,,w-1,parser,2025-12-25 10:00:00+00,,2025-12-25 10:00:00+00,
            12,anthem,R1,PARSING,PARSE_FAIL,FAILED,2,3000000000,t,2025-12-25 10:05:00.5+00,ext,2147483648,E'1,"line
            ""q""",w-1,parser,,2025-12-25 10:00:01.123456+00,2025-12-25 10:00:01.123456+00,"{""a"": [1.50, ""it's""]}"
            10,bcbs,R2,X,Y,In Progress,1,1,f,,"",-1,"","","",,,,2025-12-25 10:00:02+00,12345678901234567890

            """#

    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    private func statements(_ text: String) async throws -> String {
        let journal = try await JournalRows.imported(try scratch.file("rows.csv", text))
        return try scratch.file("export.sql", try await JournalRows.exported(journal, .sql))
    }

    /// Loads statements into a database of SQLite and asks there.
    private func sqlite(_ export: String, _ queries: [String]) async throws -> [[[String?]]] {
        let database = scratch.path("database")
        _ = try await DatabaseShell.run("sqlite3", ["-batch", "-bail", database], input: export)
        let mark = String(decoding: [DatabaseShell.answerStart], as: UTF8.self)
        let script = queries.map { ".print \(mark)\n\($0);\n" }.joined()
        let output = try await DatabaseShell.run(
            "sqlite3",
            ["-batch", "-bail", "-ascii", "-nullvalue", DatabaseShell.null, database],
            input: try scratch.file("questions.sql", script)
        )
        return DatabaseShell.answers(output)
    }

    @Test(.enabled(if: DatabaseShell.path(of: "sqlite3") != nil, "sqlite3 is not installed"))
    func `rows stand in the source's own table of SQLite under their own ids`() async throws {
        let found = try await sqlite(
            statements(Self.rows),
            [
                "SELECT id, pagw_id, status, attempt, duration_ms, created_at, metadata, "
                    + "typeof(metadata) FROM event_tracker ORDER BY pagw_id, sequence_no",
                "SELECT name || ' ' || type FROM pragma_table_info('event_tracker') WHERE cid < 7",
                "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE '%event_tracker_%' "
                    + "AND sql IS NOT NULL ORDER BY name",
                "PRAGMA foreign_key_check",
            ]
        )
        #expect(
            found[0] == [
                [
                    "9", "R1", "STARTED", "1", nil, "2025-12-25 10:00:00.000000+00:00", nil, "null",
                ],
                [
                    "12", "R1", "FAILED", "3000000000", "2147483648",
                    "2025-12-25 10:00:01.123456+00:00", #"{"a": [1.50, "it's"]}"#, "text",
                ],
                [
                    "10", "R2", "In Progress", "1", "-1", "2025-12-25 10:00:02.000000+00:00",
                    "12345678901234567890", "text",
                ],
            ]
        )
        #expect(
            found[1].map { $0[0] } == [
                "id BIGSERIAL", "tenant VARCHAR(64)", "pagw_id VARCHAR(64)", "stage VARCHAR(64)",
                "event_type VARCHAR(64)", "status TEXT", "sequence_no BIGINT",
            ]
        )
        #expect(
            found[2].map { $0[0] } == [
                "ix_event_tracker_metadata", "ix_event_tracker_retry", "ix_event_tracker_stage",
                "ix_event_tracker_tenant_event_created", "ix_event_tracker_tenant_pagw_created",
                "ux_event_tracker_pagw_seq",
            ]
        )
        #expect(found[3].isEmpty)
    }

    @Test(.enabled(if: PostgreSQL.connection != nil, "\(PostgreSQL.absence)"))
    func `PostgreSQL writes the rows that were imported, byte for byte`() async throws {
        let copy = scratch.path("copy.csv")
        let found = try await PostgreSQL.answers(
            loading: try await statements(Self.rows),
            schema: "cairn_peer_rows",
            [
                "SELECT column_name || ' ' || udt_name || coalesce(character_maximum_length, 0) "
                    + "FROM information_schema.columns WHERE table_name = 'event_tracker' "
                    + "AND table_schema = current_schema() AND ordinal_position < 9 "
                    + "ORDER BY ordinal_position",
                "SELECT indexdef LIKE '%gin%' FROM pg_indexes "
                    + "WHERE schemaname = current_schema() AND indexname = 'ix_event_tracker_metadata'",
                // The table goes on where the ids end.
                "INSERT INTO event_tracker (tenant, pagw_id, stage, event_type, sequence_no) "
                    + "VALUES ('t', 'R1', 's', 'e', 3) RETURNING id",
            ],
            extraLines: [
                "DELETE FROM event_tracker WHERE id = 13;",
                "\\copy (SELECT * FROM event_tracker ORDER BY pagw_id, sequence_no) "
                    + "TO '\(copy)' CSV HEADER",
            ]
        )
        #expect(
            found[0].map { $0[0] } == [
                "id int80", "tenant varchar64", "pagw_id varchar64", "stage varchar64",
                "event_type varchar64", "status text0", "sequence_no int80", "attempt int80",
            ]
        )
        #expect(found[1] == [["t"]])
        #expect(found[2] == [["13"]])
        #expect(try scratch.text("copy.csv") == Self.rows)
    }

    @Test(.enabled(if: PostgreSQL.connection != nil, "\(PostgreSQL.absence)"))
    func `what the source has no room for has room in PostgreSQL, and equal ids are positions`()
        async throws
    {
        let long = String(repeating: "\u{E9}", count: 65)
        let full = String(repeating: "\u{E9}", count: 64)
        let rows =
            Self.header
            + "7,\(full),\(long),S,T,STARTED,1,1,t,,,,\(long),,,,,,2025-12-25 10:00:00+00,\n"
            + "7,\(full),R,S,T,STARTED,1,1,t,,,,,,,,,,2025-12-25 10:00:00+00,\n"
        let found = try await PostgreSQL.answers(
            loading: try await statements(rows),
            schema: "cairn_peer_long_rows",
            [
                "SELECT id, tenant, pagw_id, error_code FROM event_tracker ORDER BY id",
                "SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) "
                    + "FROM information_schema.columns WHERE table_name = 'event_tracker' "
                    + "AND table_schema = current_schema() AND udt_name = 'text'",
            ]
        )
        #expect(found[0] == [["1", full, long, long], ["2", full, "R", nil]])
        #expect(found[1] == [["pagw_id status error_code error_message"]])
    }
}
