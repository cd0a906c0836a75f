import CairnCore
import CairnDomains
import CairnIncident
import Testing

/// One statement, and the rows that Cairn gives for it.
struct PeerAnswer {
    let query: SeedQuery
    /// The cells of each row; nil is NULL.
    let rows: [[String?]]

    /// Expects that a database gave the same rows in the same order.
    ///
    /// - Parameters:
    ///   - found: The database's rows.
    ///   - context: What repeats the comparison, such as the seed of the history.
    /// - Throws: Why a cell cannot be read as what its column holds.
    func expect(_ found: [[String?]], _ context: String) throws {
        let expected = try rows.map(line)
        let actual = try found.map(line)
        guard expected != actual else { return }
        let place = zip(expected, actual).prefix { $0 == $1 }.count
        func row(_ lines: [String]) -> String { place < lines.count ? lines[place] : "the end" }
        Issue.record(
            """
            \(context): \(query.name) has \(expected.count) rows in Cairn and \(actual.count) in \
            the database; they differ at row \(place + 1):
              Cairn:    \(row(expected))
              database: \(row(actual))
            \(query.sql)
            """
        )
    }

    private func line(_ row: [String?]) throws -> String {
        guard row.count == query.columns.count else { return "\(row)" }
        return try zip(query.columns, row)
            .map { kind, cell in try kind.normalized(cell)?.debugDescription ?? "NULL" }
            .joined(separator: " | ")
    }
}

/// What Cairn answers to the queries of the seed, with what stands in place of their literals.
///
/// Ties are in the documented order, by the C collation as in the rest of the project, and at
/// last by `id`, the position, which only rows with equal numbers ever need.
struct PeerQuestion {
    let view: PipelineView
    let tenant: String
    let now: Timestamp
    /// What stands in place of each limit.
    let limit: Int

    private static let ties = "pagw_id COLLATE \"C\", sequence_no, id"

    func timeline(of request: String) async throws -> PeerAnswer {
        PeerAnswer(
            query: try SeedQueries.timeline.with(
                ("'PAGW-20251225-00001-ABC123'", request.literal),
                ("ORDER BY sequence_no", "ORDER BY sequence_no, id")
            ),
            rows: try await view.timeline(of: request).entries.map { entry in
                let event = entry.row.event
                return [
                    String(entry.row.sequenceNumber), event.stage, event.eventType,
                    event.status.word, event.durationMilliseconds?.description, event.errorCode,
                    event.metadata.map { String(decoding: $0, as: UTF8.self) },
                    event.createdAt.rfc3339,
                ]
            }
        )
    }

    func retries() async throws -> PeerAnswer {
        PeerAnswer(
            query: try SeedQueries.retries.with(
                ("'anthem'", tenant.literal),
                ("NOW()", now.literal),
                ("ORDER BY next_retry_at", "ORDER BY next_retry_at, \(Self.ties)"),
                ("LIMIT 100", "LIMIT \(limit)")
            ),
            rows: try await view.retries(tenant: tenant, now: now, limit: limit).map { row in
                [
                    row.requestID, row.tenant, row.stage, row.eventType, row.errorCode,
                    row.errorMessage, String(row.attempt), row.nextRetryAt.rfc3339,
                ]
            }
        )
    }

    func stats() async throws -> PeerAnswer {
        let since = now.adding(.seconds(-86_400))
        return PeerAnswer(
            query: try SeedQueries.stats.with(
                ("'anthem'", tenant.literal),
                ("NOW()", now.literal),
                (
                    "ORDER BY event_count DESC",
                    "ORDER BY event_count DESC, event_type COLLATE \"C\", status COLLATE \"C\""
                )
            ),
            rows: try await view.stats(tenant: tenant, since: since).map { row in
                [
                    row.eventType, row.status.word, String(row.eventCount),
                    row.averageDurationMilliseconds?.postgresText,
                    row.durationMillisecondsMax?.description,
                ]
            }
        )
    }

    func slowest() async throws -> PeerAnswer {
        let since = now.adding(.seconds(-604_800))
        return PeerAnswer(
            query: try SeedQueries.slowest.with(
                ("'anthem'", tenant.literal),
                ("NOW()", now.literal),
                (
                    "ORDER BY avg_ms DESC",
                    "ORDER BY avg_ms DESC, stage COLLATE \"C\", event_type COLLATE \"C\""
                ),
                ("LIMIT 20", "LIMIT \(limit)")
            ),
            rows: try await view.slowest(tenant: tenant, since: since, limit: limit).map { row in
                [
                    row.stage, row.eventType, String(row.occurrences),
                    row.averageMilliseconds.postgresText, String(row.millisecondsMax),
                    row.percentile95Milliseconds.description,
                ]
            }
        )
    }

    func stuck() async throws -> PeerAnswer {
        PeerAnswer(
            query: try SeedQueries.stuck.with(
                // The span as seconds, without the zeros at the end.
                (
                    "NOW() - created_at as time_stuck",
                    "TRIM_SCALE(EXTRACT(EPOCH FROM NOW() - created_at)) as time_stuck"
                ),
                ("'anthem'", tenant.literal),
                ("NOW()", now.literal),
                (
                    "ORDER BY pagw_id, sequence_no DESC",
                    "ORDER BY pagw_id, sequence_no DESC, id DESC"
                ),
                ("ORDER BY created_at", "ORDER BY created_at, pagw_id COLLATE \"C\"")
            ),
            rows: try await view.stuck(tenant: tenant, now: now).map { row in
                [
                    row.requestID, row.stage, row.eventType, row.status.word,
                    row.createdAt.rfc3339, row.timeStuck.secondsText,
                ]
            }
        )
    }

    func diagnoses() async throws -> PeerAnswer {
        PeerAnswer(
            query: try SeedQueries.diagnoses.with(
                ("'anthem'", tenant.literal),
                ("ORDER BY created_at DESC", "ORDER BY created_at DESC, \(Self.ties)")
            ),
            rows: try await find("PARSE_OK", "metadata.diagnosisCount > 10", limit: .max).map {
                [
                    $0.requestID, $0.event.eventType, try cell($0, "metadata.diagnosisCount"),
                    $0.event.createdAt.rfc3339,
                ]
            }
        )
    }

    func downstream() async throws -> PeerAnswer {
        PeerAnswer(
            query: try SeedQueries.downstream.with(
                ("'anthem'", tenant.literal),
                ("ORDER BY created_at DESC", "ORDER BY created_at DESC, \(Self.ties)"),
                ("LIMIT 50", "LIMIT \(limit)")
            ),
            rows: try await find(
                "DOWNSTREAM_OK",
                "metadata.targetSystem == carelon",
                limit: limit
            ).map {
                [
                    $0.requestID, try cell($0, "metadata.targetSystem"),
                    try cell($0, "metadata.externalId"), $0.event.status.word,
                    $0.event.durationMilliseconds?.description, $0.event.createdAt.rfc3339,
                ]
            }
        )
    }

    /// All queries but the one of a single request.
    func all() async throws -> [PeerAnswer] {
        [
            try await retries(), try await stats(), try await slowest(), try await stuck(),
            try await diagnoses(), try await downstream(),
        ]
    }

    private func find(
        _ eventType: String,
        _ predicate: String,
        limit: Int
    ) async throws -> [EventRow] {
        try await view.find(
            FindQuery(
                tenant: tenant,
                eventType: eventType,
                predicate: try Predicate(predicate),
                limit: limit
            )
        )
    }

    /// A part of the metadata as the operator `->>` gives it.
    private func cell(_ row: EventRow, _ column: String) throws -> String? {
        switch row.jsonValue(of: try EventColumn(column)) {
        case .null: nil
        case .string(let text): text
        case .bool(let value): String(value)
        case .number(let text): text
        case .array(let elements): JSONValue.array(elements).description
        case .object(let members): JSONValue.object(members).description
        }
    }
}
