extension SQLWriter {
    /// The source's table, and a stub of the request table that it refers to.
    ///
    /// Comments are nested in PostgreSQL alone, so that each database can be told what the other
    /// must not see. SQLite would turn metadata that is one large number into a rounded one in a
    /// column of type `JSONB`, which it takes for a number's, but not in one of type `JSONB TEXT`.
    ///
    /// - Parameter type: The type of a column of texts.
    /// - Returns: The statements.
    static func schema(_ type: (EventTrackerColumn) -> String) -> String {
        """
        -- event_tracker for PostgreSQL (psql -f) and SQLite (sqlite3 FILE <)
        BEGIN;
        CREATE TABLE IF NOT EXISTS request_tracker (
          pagw_id             \(type(.requestID)) PRIMARY KEY
        );
        CREATE TABLE IF NOT EXISTS event_tracker (
          id                  BIGSERIAL PRIMARY KEY,
          tenant              \(type(.tenant)) NOT NULL,
          pagw_id             \(type(.requestID)) NOT NULL REFERENCES request_tracker(pagw_id) \
        ON DELETE CASCADE,
          stage               \(type(.stage)) NOT NULL,
          event_type          \(type(.eventType)) NOT NULL,
          status              TEXT NOT NULL DEFAULT 'STARTED',
          sequence_no         BIGINT NOT NULL,
          attempt             BIGINT NOT NULL DEFAULT 1,
          retryable           BOOLEAN NOT NULL DEFAULT TRUE,
          next_retry_at       TIMESTAMPTZ,
          external_reference  \(type(.externalReference)),
          duration_ms         BIGINT,
          error_code          \(type(.errorCode)),
          error_message       TEXT,
          worker_id           \(type(.workerID)),
          service_name        \(type(.serviceName)),
          started_at          TIMESTAMPTZ,
          completed_at        TIMESTAMPTZ,
          created_at          TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
          metadata            JSONB /* /* */ TEXT -- */
        );

        """
    }

    /// The source's other indexes, that of metadata with PostgreSQL's own method there; and where
    /// the next `id` begins that PostgreSQL gives itself.
    static let indexes = """
        CREATE INDEX IF NOT EXISTS ix_event_tracker_tenant_pagw_created
          ON event_tracker (tenant, pagw_id, created_at);
        CREATE INDEX IF NOT EXISTS ix_event_tracker_tenant_event_created
          ON event_tracker (tenant, event_type, created_at DESC);
        CREATE INDEX IF NOT EXISTS ix_event_tracker_retry
          ON event_tracker (tenant, status, retryable, next_retry_at)
          WHERE status = 'FAILED' AND retryable = TRUE;
        CREATE INDEX IF NOT EXISTS ix_event_tracker_stage
          ON event_tracker (tenant, stage, created_at DESC);
        CREATE INDEX IF NOT EXISTS ix_event_tracker_metadata
          ON event_tracker /* /* */ (metadata); -- */ USING GIN (metadata);
        /* /* */ -- */ DO $$ BEGIN PERFORM setval(pg_get_serial_sequence('event_tracker', 'id'), \
        GREATEST(max(id), 1)) FROM event_tracker; END $$;
        """
}
