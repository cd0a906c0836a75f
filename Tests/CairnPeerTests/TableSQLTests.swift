import CairnCore
import CairnJournal
import CairnServices
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// Rows of tables as databases have them after the statements of an export.
struct TableSQLTests {
    static let touches = """
        {"id":3,"uid":"oseh_utbl_a","user_id":12,"event":"{\\"type\\": \\"send_stale\\", \\"parent\\": \\"it's\\"}","created_at":1735689602.1234567}
        {"id":9,"uid":"utbl_b","user_id":"ada@example.com","event":"{\\"type\\":\\"send_stale\\",\\"parent\\":\\"x\\"}","created_at":0.1}
        {"id":null,"uid":"utbl_c","user_id":12,"event":"{\\"type\\":\\"send_stale\\",\\"parent\\":\\"x\\"}","created_at":-1.5}

        """
    static let prompts = """
        {"id":1,"uid":"ipe_a","interactive_prompt_session_id":1,"evtype":"join","data":"{}","prompt_time":-1.5,"created_at":1735689600.1234567}
        {"id":4,"uid":"ipe_b","interactive_prompt_session_id":"25/3","evtype":"word_prompt_response","data":"{\\"index\\": 3}","prompt_time":0.30000000000000004,"created_at":1735689612.0}

        """
    static let events = """
        {"id":5,"created_at":"2026-01-21T10:00:00.123456Z","level":"WARN","event_type":"a.b","lead_id":7,"payload":{ "b" : 1.50, "a" : "it's \\u0000" }}
        {"id":7,"created_at":"2026-01-21 12:00:00+02","level":"INFO","event_type":"no rule","lead_id":null,"payload":null}
        {"id":8,"created_at":"2026-01-21T10:00:00Z","level":"ERROR","event_type":"","lead_id":9223372036854775807,"payload":12.50}

        """
    static let interactions = """
        {"id":5,"interaction_uuid":"u-1","customer_id":101,"idempotency_key":"k'1","channel":"EMAIL","status":"DELIVERED","body_content":"a\\nb","notify_reference":null,"provider_reference":"SM1","meta_data":{ "b":1 },"created_at":"2026-02-02T10:00:00.5Z"}
        {"id":2,"interaction_uuid":"u-2","customer_id":"ada","idempotency_key":null,"channel":"PHONE","status":"SENT","body_content":"","notify_reference":null,"provider_reference":null,"meta_data":null,"created_at":"2026-02-02T10:00:00Z"}

        """

    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    /// Imports rows and writes them as statements into a file.
    private func statements(
        _ table: TableImport,
        _ exported: ExportedTable,
        _ text: String
    ) async throws -> String {
        let journal = MemoryJournal()
        let path = try scratch.file("rows", text)
        try await TableImporter(table, into: journal).run([ImportInput(path: path)])
        let sink = MemorySink()
        var rows = try await TableExport(exported, of: journal)
        let survey = try await rows.survey()
        var exporter = TableExporter(exported, as: .sql, to: sink, survey: survey)
        try await rows.forEachItem { item throws(ExportError) in try exporter.write(item) }
        try exporter.finish()
        return try scratch.file("export.sql", sink.bytes)
    }

    /// Loads statements into a new database of SQLite and asks there.
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

    private static let hasSQLite = DatabaseShell.path(of: "sqlite3") != nil

    @Test(.enabled(if: hasSQLite, "sqlite3 is not installed"))
    func `touches stand in the source's own table of SQLite`() async throws {
        let export = try await statements(.touch, .touch, Self.touches)
        let found = try await sqlite(
            export,
            [
                """
                SELECT id, uid, user_id, event, printf('%!.17g', created_at), typeof(created_at)
                FROM user_touch_debug_log ORDER BY id
                """,
                "SELECT id > 0, name FROM users ORDER BY id DESC", "PRAGMA foreign_key_check",
            ]
        )
        #expect(found[0].map { $0[0] } == ["3", "9", "12"])
        #expect(found[0].map { $0[1] } == ["oseh_utbl_a", "utbl_b", "utbl_c"])
        #expect(found[0].map { $0[2]?.hasPrefix("-") } == [false, true, false])
        #expect(found[0][0][3] == "{\"type\": \"send_stale\", \"parent\": \"it's\"}")
        #expect(found[0].map { Double($0[4] ?? "") } == [1735689602.1234567, 0.1, -1.5])
        #expect(found[0].map { $0[5] } == ["real", "real", "real"])
        #expect(found[1] == [["1", "12"], ["0", "ada@example.com"]])
        #expect(found[2].isEmpty)
    }

    @Test(.enabled(if: hasSQLite, "sqlite3 is not installed"))
    func `prompt events stand there with whose sessions they are`() async throws {
        let owners = try PromptSessionOwners(
            path: scratch.file("sessions", "session,prompt,user\n25/3,25,o'neil\n")
        )
        let export = try await statements(.prompt(owners), .prompt, Self.prompts)
        let found = try await sqlite(
            export,
            [
                """
                SELECT e.id, uid, evtype, data, printf('%!.17g', prompt_time),
                  printf('%!.17g', created_at), s.name, s.prompt, s."user"
                FROM interactive_prompt_events e
                JOIN interactive_prompt_sessions s ON s.id = interactive_prompt_session_id
                ORDER BY e.id
                """
            ]
        )
        #expect(found[0].map { $0[0] } == ["1", "4"])
        #expect(found[0].map { $0[3] } == ["{}", "{\"index\": 3}"])
        #expect(found[0].map { Double($0[4] ?? "") } == [-1.5, 0.30000000000000004])
        #expect(found[0].map { Double($0[5] ?? "") } == [1735689600.1234567, 1735689612])
        #expect(found[0].map { $0[6] } == ["1", "25/3"])
        #expect(found[0].map { $0[7] } == [nil, "25"])
        #expect(found[0].map { $0[8] } == [nil, "o'neil"])
    }

    private static let eventQuery = """
        SELECT id, created_at, level, event_type, lead_id, payload FROM system_events ORDER BY id
        """

    @Test(.enabled(if: hasSQLite, "sqlite3 is not installed"))
    func `system events and interactions stand in SQLite`() async throws {
        let export = try await statements(.system, .system, Self.events)
        let found = try await sqlite(export, [Self.eventQuery])
        #expect(
            found[0] == [
                [
                    "5", "2026-01-21 10:00:00.123456", "WARN", "a.b", "7",
                    "{ \"b\" : 1.50, \"a\" : \"it's \\u0000\" }",
                ], ["7", "2026-01-21 10:00:00.000000", "INFO", "no rule", nil, nil],
                ["8", "2026-01-21 10:00:00.000000", "ERROR", "", "9223372036854775807", "12.50"],
            ]
        )
        try FileManager.default.removeItem(atPath: scratch.path("database"))
        let other = try await statements(.interaction, .interaction, Self.interactions)
        let rows = try await sqlite(other, [Self.interactionQuery])
        #expect(rows[0].map { $0.dropFirst() } == Self.interactionRows.map { $0[...] })
    }

    private static let interactionQuery = """
        SELECT id, interaction_uuid, customer_id > 0, idempotency_key, channel, status,
          body_content, provider_reference, meta_data FROM interactions ORDER BY interaction_uuid
        """
    private static func interactionRows(_ yes: String, _ no: String) -> [[String?]] {
        [
            ["u-1", yes, "k'1", "EMAIL", "DELIVERED", "a\nb", "SM1", "{ \"b\":1 }"],
            ["u-2", no, nil, "PHONE", "SENT", "", nil, nil],
        ]
    }
    private static let interactionRows = interactionRows("1", "0")

    @Test(.enabled(if: PostgreSQL.connection != nil, "\(PostgreSQL.absence)"))
    func `system events and interactions stand in PostgreSQL`() async throws {
        let found = try await PostgreSQL.answers(
            loading: try await statements(.system, .system, Self.events),
            schema: "cairn_peer_system",
            [Self.eventQuery]
        )
        #expect(found[0].map { $0[0] } == ["5", "7", "8"])
        #expect(found[0].map { $0[1] }.first == "2026-01-21 10:00:00.123456")
        #expect(
            found[0].map { $0[5] } == ["{ \"b\" : 1.50, \"a\" : \"it's \\u0000\" }", nil, "12.50"]
        )
        let rows = try await PostgreSQL.answers(
            loading: try await statements(.interaction, .interaction, Self.interactions),
            schema: "cairn_peer_interactions",
            [Self.interactionQuery]
        )
        #expect(
            rows[0].map { $0.dropFirst() } == Self.interactionRows("t", "f").map { $0[...] }
        )
    }

    @Test(.enabled(if: PostgreSQL.connection != nil, "\(PostgreSQL.absence)"))
    func `a table whose times PostgreSQL cannot hold is refused there at once`() async throws {
        let export = try await statements(.touch, .touch, Self.touches)
        await #expect(throws: DatabaseShell.Failure.self) {
            _ = try await PostgreSQL.answers(loading: export, schema: "cairn_peer_touch", [])
        }
    }

    @Test(.enabled(if: hasSQLite, "sqlite3 is not installed"))
    func `SQLite has every number of a REAL column bit for bit`() async throws {
        var random = SeededGenerator(seed: 3)
        var text = "uid,user_id,event,created_at\n"
        var numbers: [Double] = []
        for index in 0..<2_000 {
            let number = Double(random.draw(1_600_000_000_000_000...1_900_000_000_000_000)) / 1e6
            numbers.append(index % 2 == 0 ? number : number.nextUp)
            text +=
                "utbl_\(index),1,\"{\"\"type\"\":\"\"send_stale\"\",\"\"parent\"\":\"\"x\"\"}\","
            text += "\(numbers[index])\n"
        }
        let export = try await statements(.touch, .touch, text)
        let found = try await sqlite(
            export,
            ["SELECT hex(ieee754_to_blob(created_at)) FROM user_touch_debug_log ORDER BY id"]
        )
        let bits = found[0].map { UInt64($0[0] ?? "", radix: 16) }
        #expect(bits == numbers.map(\.bitPattern))
    }
}
