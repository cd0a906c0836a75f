import CBaselines
import Cairn

/// The seed's own SQL, prepared, over the seed's table with the same events.
struct PostgresQuestions {
    let questions: Questions

    static let columns = """
        tenant, pagw_id, stage, event_type, status, sequence_no, attempt, retryable, \
        next_retry_at, duration_ms, error_code, worker_id, service_name, created_at
        """

    func load(in directory: String) throws {
        // No cell has a tab, a line's end or a backslash.
        let bytes = Self.lines(of: questions.fleet, separator: "\t", null: "\\N")
        _ = try Outcome(
            cb_postgres_load(
                PostgresBaseline.schema(directory),
                Self.columns,
                "FORMAT text",
                bytes,
                UInt64(bytes.count)
            )
        )
    }

    /// A line for each event, with the cells of ``columns``.
    static func lines(of fleet: Fleet, separator: String, null: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(fleet.events.count * 220)
        for (index, event) in fleet.events.enumerated() {
            let row = CairnMoments.event(event, at: index)
            let cells: [String?] = [
                row.tenant, Questions.requestID(event.request), row.stage, row.eventType,
                row.status.word, "\(event.step + 1)", "\(row.attempt)",
                row.isRetryable ? "true" : "false", row.nextRetryAt?.rfc3339,
                row.durationMilliseconds.map { "\($0)" }, row.errorCode, row.workerID,
                row.serviceName, row.createdAt.rfc3339,
            ]
            bytes.append(contentsOf: cells.map { $0 ?? null }.joined(separator: separator).utf8)
            bytes.append(10)
        }
        return bytes
    }

    /// Asks a warm server, or one that has just begun, whose first answer counts alone.
    func ask(
        _ kind: Questions.Kind,
        isCold: Bool,
        askCount: Int,
        in directory: String
    ) throws -> Outcome {
        if isCold {
            try ColdPostgres.begin()
            var outcome = try ask(kind, askCount, countsOpening: true, in: directory)
            outcome.latenciesNanoseconds = Array(outcome.latenciesNanoseconds.prefix(1))
            return outcome
        }
        // The one that was asked cold may have left it so.
        if ColdPostgres.isThere { _ = try ask(kind, askCount, countsOpening: false, in: directory) }
        return try ask(kind, askCount, countsOpening: false, in: directory)
    }

    private func ask(
        _ kind: Questions.Kind,
        _ askCount: Int,
        countsOpening: Bool,
        in directory: String
    ) throws -> Outcome {
        let schema = PostgresBaseline.schema(directory)
        let isTimeline = kind == .timeline
        let names = isTimeline ? questions.sampledRequests.map(Questions.requestID) : []
        let count = isTimeline ? names.count : askCount
        var latencies = [UInt64](repeating: 0, count: count)
        let texts = names.map { Array($0.utf8CString) }
        let result = Self.withPointers(to: texts) { parameters in
            cb_postgres_ask(
                schema,
                statement(kind),
                isTimeline ? parameters : nil,
                UInt64(count),
                countsOpening,
                hashedColumns(kind),
                &latencies
            )
        }
        return try Outcome(result, latenciesNanoseconds: latencies)
    }

    private static func withPointers<Result>(
        to texts: [[CChar]],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        let bytes = texts.flatMap { $0 }
        return bytes.withUnsafeBufferPointer { bytes in
            var pointers: [UnsafePointer<CChar>?] = []
            var offset = 0
            for text in texts {
                pointers.append(bytes.baseAddress.map { $0 + offset })
                offset += text.count
            }
            return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }

    /// All columns but metadata, which no event has, and how long ago something was.
    private func hashedColumns(_ kind: Questions.Kind) -> UInt32 {
        switch kind {
        case .timeline: 0b1011_1111
        case .stuck: 0b1_1111
        case .due, .dueOpen, .stats, .slowest: 0xFF
        }
    }

    private func statement(_ kind: Questions.Kind) -> String {
        switch kind {
        case .timeline: timeline
        case .stuck: stuck
        case .due: due(condition: "")
        case .dueOpen:
            due(
                condition: """
                    AND NOT EXISTS (
                      SELECT 1 FROM event_tracker later
                      WHERE later.pagw_id = event_tracker.pagw_id
                        AND later.sequence_no > event_tracker.sequence_no
                        AND (later.stage = event_tracker.stage
                          OR later.event_type = 'WORKFLOW_COMPLETE'))
                    """
            )
        case .stats: stats
        case .slowest: slowest
        }
    }
}

extension PostgresQuestions {
    private var tenant: String { "'\(questions.tenant)'" }
    private var now: String { Self.literal(questions.now) }

    private static func literal(_ instant: Timestamp) -> String {
        "TIMESTAMPTZ '\(instant.rfc3339)'"
    }

    private var timeline: String {
        """
        SELECT sequence_no, stage, event_type, status, duration_ms, error_code, metadata, created_at
        FROM event_tracker WHERE pagw_id = $1 ORDER BY sequence_no
        """
    }

    private func due(condition: String) -> String {
        """
        SELECT pagw_id, tenant, stage, event_type, error_code, error_message, attempt, next_retry_at
        FROM event_tracker
        WHERE tenant = \(tenant) AND status = 'FAILED' AND retryable = TRUE
          AND next_retry_at <= \(now) \(condition)
        ORDER BY next_retry_at LIMIT 100
        """
    }

    private var stats: String {
        """
        SELECT event_type, status, COUNT(*) AS event_count, AVG(duration_ms) AS avg_duration_ms,
          MAX(duration_ms) AS max_duration_ms
        FROM event_tracker
        WHERE tenant = \(tenant) AND created_at >= \(Self.literal(questions.dayBefore))
        GROUP BY event_type, status
        ORDER BY event_count DESC, event_type COLLATE "C", status::text COLLATE "C"
        """
    }

    private var slowest: String {
        """
        SELECT stage, event_type, COUNT(*) AS occurrences, AVG(duration_ms) AS avg_ms,
          MAX(duration_ms) AS max_ms,
          PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95_ms
        FROM event_tracker
        WHERE tenant = \(tenant) AND status = 'COMPLETED' AND duration_ms IS NOT NULL
          AND created_at >= \(Self.literal(questions.weekBefore))
        GROUP BY stage, event_type
        ORDER BY avg_ms DESC, stage COLLATE "C", event_type COLLATE "C" LIMIT 20
        """
    }

    private var stuck: String {
        """
        WITH latest_events AS (
          SELECT DISTINCT ON (pagw_id) pagw_id, stage, event_type, status, created_at
          FROM event_tracker WHERE tenant = \(tenant)
          ORDER BY pagw_id, sequence_no DESC
        )
        SELECT pagw_id, stage, event_type, status, created_at, \(now) - created_at AS time_stuck
        FROM latest_events
        WHERE status IN ('STARTED', 'FAILED') AND created_at < \(now) - INTERVAL '15 minutes'
        ORDER BY created_at
        """
    }
}
