import CairnCore

/// The sample queries of seed 002, literally.
///
/// What a question puts in their place is stated by ``SeedQuery/with(_:)``, which refuses to
/// replace what is not there.
enum SeedQueries {
    static let timeline = SeedQuery(
        name: "timeline",
        sql: """
            SELECT 
              sequence_no,
              stage,
              event_type,
              status,
              duration_ms,
              error_code,
              metadata,
              created_at
            FROM event_tracker
            WHERE pagw_id = 'PAGW-20251225-00001-ABC123'
            ORDER BY sequence_no
            """,
        columns: [.text, .text, .text, .text, .text, .text, .json, .time]
    )

    static let retries = SeedQuery(
        name: "retries",
        sql: """
            SELECT 
              pagw_id,
              tenant,
              stage,
              event_type,
              error_code,
              error_message,
              attempt,
              next_retry_at
            FROM event_tracker
            WHERE tenant = 'anthem'
              AND status = 'FAILED'
              AND retryable = TRUE
              AND next_retry_at <= NOW()
            ORDER BY next_retry_at
            LIMIT 100
            """,
        columns: [.text, .text, .text, .text, .text, .text, .text, .time]
    )

    static let stats = SeedQuery(
        name: "stats",
        sql: """
            SELECT 
              event_type,
              status,
              COUNT(*) as event_count,
              AVG(duration_ms) as avg_duration_ms,
              MAX(duration_ms) as max_duration_ms
            FROM event_tracker
            WHERE tenant = 'anthem'
              AND created_at >= NOW() - INTERVAL '24 hours'
            GROUP BY event_type, status
            ORDER BY event_count DESC
            """,
        columns: [.text, .text, .text, .text, .text]
    )

    static let slowest = SeedQuery(
        name: "slowest",
        sql: """
            SELECT 
              stage,
              event_type,
              COUNT(*) as occurrences,
              AVG(duration_ms) as avg_ms,
              MAX(duration_ms) as max_ms,
              PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY duration_ms) as p95_ms
            FROM event_tracker
            WHERE tenant = 'anthem'
              AND status = 'COMPLETED'
              AND duration_ms IS NOT NULL
              AND created_at >= NOW() - INTERVAL '7 days'
            GROUP BY stage, event_type
            ORDER BY avg_ms DESC
            LIMIT 20
            """,
        columns: [.text, .text, .text, .text, .text, .double]
    )

    static let stuck = SeedQuery(
        name: "stuck",
        sql: """
            WITH latest_events AS (
              SELECT DISTINCT ON (pagw_id)
                pagw_id,
                stage,
                event_type,
                status,
                created_at
              FROM event_tracker
              WHERE tenant = 'anthem'
              ORDER BY pagw_id, sequence_no DESC
            )
            SELECT 
              pagw_id,
              stage,
              event_type,
              status,
              created_at,
              NOW() - created_at as time_stuck
            FROM latest_events
            WHERE status IN ('STARTED', 'FAILED')
              AND created_at < NOW() - INTERVAL '15 minutes'
            ORDER BY created_at
            """,
        columns: [.text, .text, .text, .text, .time, .text]
    )

    static let diagnoses = SeedQuery(
        name: "diagnoses",
        sql: """
            SELECT 
              pagw_id,
              event_type,
              metadata->>'diagnosisCount' as diagnosis_count,
              created_at
            FROM event_tracker
            WHERE tenant = 'anthem'
              AND event_type = 'PARSE_OK'
              AND (metadata->>'diagnosisCount')::int > 10
            ORDER BY created_at DESC
            """,
        columns: [.text, .text, .json, .time]
    )

    static let downstream = SeedQuery(
        name: "downstream",
        sql: """
            SELECT 
              pagw_id,
              metadata->>'targetSystem' as target_system,
              metadata->>'externalId' as external_id,
              status,
              duration_ms,
              created_at
            FROM event_tracker
            WHERE tenant = 'anthem'
              AND event_type = 'DOWNSTREAM_OK'
              AND metadata->>'targetSystem' = 'carelon'
            ORDER BY created_at DESC
            LIMIT 50
            """,
        columns: [.text, .text, .text, .text, .text, .time]
    )
}

/// A statement, and how its columns are compared.
struct SeedQuery {
    let name: String
    var sql: String
    let columns: [ColumnKind]

    struct NothingToReplace: Error {
        let text: String
        let query: String
    }

    /// Replaces parts of the statement, each everywhere it stands.
    func with(_ replacements: (String, String)...) throws -> SeedQuery {
        var query = self
        for (old, new) in replacements {
            guard query.sql.contains(old) else { throw NothingToReplace(text: old, query: name) }
            query.sql = query.sql.replacing(old, with: new)
        }
        return query
    }
}
