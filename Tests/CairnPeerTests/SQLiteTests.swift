import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnLMDB
import CairnServices
import CairnTestSupport
import Testing

/// The rows of an export as SQLite has them; it knows no `DISTINCT ON` and no percentiles.
@Suite(.enabled(if: DatabaseShell.path(of: "sqlite3") != nil, "sqlite3 is not installed"))
struct SQLiteTests {
    static let seeds: Range<UInt64> = 101..<121

    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    /// Loads a journal's rows into a new database and asks questions there.
    private func answers(over journal: any Journal, _ queries: [String]) async throws
        -> [[[String?]]]
    {
        let bytes = try await JournalRows.exported(journal, .sql)
        let database = scratch.path + "/database"
        let export = try scratch.file("export.sql", bytes)
        _ = try await DatabaseShell.run("sqlite3", ["-batch", "-bail", database], input: export)
        let mark = String(decoding: [DatabaseShell.answerStart], as: UTF8.self)
        let script = queries.map { ".print \(mark)\n\($0);\n" }.joined()
        let questions = try scratch.file("questions.sql", Array(script.utf8))
        let output = try await DatabaseShell.run(
            "sqlite3",
            ["-batch", "-bail", "-ascii", "-nullvalue", DatabaseShell.null, database],
            input: questions
        )
        return DatabaseShell.answers(output)
    }

    private func expectEqual(
        _ found: [[String?]],
        _ expected: [[String?]],
        _ context: String
    ) {
        let rows = found.map { row in row.map { $0?.debugDescription ?? "NULL" } }
        let expectedRows = expected.map { row in row.map { $0?.debugDescription ?? "NULL" } }
        #expect(rows == expectedRows, "\(context)")
    }

    /// An instant as the export writes it for SQLite, which compares times as texts.
    private func literal(_ instant: Timestamp) -> String {
        String(instant.rfc3339.map { $0 == "T" ? " " : $0 }.dropLast() + "+00:00").literal
    }

    @Test(arguments: seeds)
    func `rows and totals are those of SQLite`(seed: UInt64) async throws {
        let numbering = PeerHistory.Numbering.allCases[Int(seed % 3)]
        let history = PeerHistory.random(seed: seed, numbering)
        let journal = try await history.journal(in: scratch)
        defer { journal.close() }
        let view = PipelineView(journal)
        let tenant = PeerHistory.tenants[Int(seed / 3 % 3)]
        let dayBefore = history.now.adding(.seconds(-86_400))
        let found = try await answers(
            over: journal,
            [
                """
                SELECT COUNT(*), COUNT(DISTINCT pagw_id), SUM(attempt), SUM(retryable),
                  COUNT(next_retry_at), COUNT(metadata), MIN(created_at), MAX(created_at)
                FROM event_tracker
                """,
                """
                SELECT event_type, status, COUNT(*) as event_count, SUM(duration_ms),
                  MAX(duration_ms)
                FROM event_tracker
                WHERE tenant = \(tenant.literal) AND created_at >= \(literal(dayBefore))
                GROUP BY event_type, status
                ORDER BY event_count DESC, event_type, status
                """,
                try SeedQueries.retries.with(
                    ("'anthem'", tenant.literal),
                    ("NOW()", literal(history.now)),
                    (
                        "ORDER BY next_retry_at",
                        "ORDER BY next_retry_at, pagw_id, sequence_no, id"
                    )
                ).sql,
                """
                SELECT pagw_id, stage, event_type, status FROM event_tracker AS latest
                WHERE tenant = \(tenant.literal) AND status IN ('STARTED', 'FAILED')
                  AND created_at < \(literal(history.now.adding(.seconds(-900))))
                  AND id = (
                    SELECT id FROM event_tracker
                    WHERE tenant = \(tenant.literal) AND pagw_id = latest.pagw_id
                    ORDER BY sequence_no DESC, id DESC LIMIT 1
                  )
                ORDER BY created_at, pagw_id
                """,
                "SELECT COUNT(*) FROM request_tracker",
            ]
        )
        try #require(found.count == 5)
        let rows = try await JournalRows.all(of: journal)
        let events = rows.map(\.event)
        let times = events.map(\.createdAt)
        let (first, last) = (try #require(times.min()), try #require(times.max()))
        let requestCount = Set(rows.map(\.request)).count
        expectEqual(
            found[0].map { $0.prefix(6) + $0.suffix(2).map { $0?.literal } },
            [
                [
                    String(rows.count), String(requestCount),
                    String(events.map(\.attempt).reduce(0, +)),
                    String(events.count { $0.isRetryable }),
                    String(events.count { $0.nextRetryAt != nil }),
                    String(events.count { $0.metadata != nil }), literal(first), literal(last),
                ]
            ],
            "counts, seed \(seed)"
        )
        expectEqual(
            found[1],
            try await view.stats(tenant: tenant, since: dayBefore).map { row in
                [
                    row.eventType, row.status.word, String(row.eventCount),
                    row.averageDurationMilliseconds?.sum.description,
                    row.durationMillisecondsMax?.description,
                ]
            },
            "stats, seed \(seed)"
        )
        expectEqual(
            found[2].map { $0.dropLast() + [$0.last??.literal] },
            try await view.retries(tenant: tenant, now: history.now).map { row in
                [
                    row.requestID, row.tenant, row.stage, row.eventType, row.errorCode,
                    row.errorMessage, String(row.attempt), literal(row.nextRetryAt),
                ]
            },
            "retries, seed \(seed)"
        )
        expectEqual(
            found[3],
            try await view.stuck(tenant: tenant, now: history.now).map { row in
                [row.requestID, row.stage, row.eventType, row.status.word]
            },
            "stuck, seed \(seed)"
        )
        expectEqual(found[4], [[String(requestCount)]], "requests, seed \(seed)")
    }
}
