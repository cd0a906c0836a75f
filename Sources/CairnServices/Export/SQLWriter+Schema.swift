extension SQLWriter {
    /// The source's table, and a stub of the request table that it refers to.
    ///
    /// SQLite would turn metadata that is one large number into a rounded one in a column of type
    /// `JSONB`, which it takes for a number's, but not in one of type `JSONB TEXT`. Comments are
    /// nested in PostgreSQL alone, so only SQLite sees the second word.
    static let schema = """
        -- event_tracker for PostgreSQL (psql -f) and SQLite (sqlite3 FILE <)
        BEGIN;
        CREATE TABLE IF NOT EXISTS request_tracker (
          pagw_id             TEXT PRIMARY KEY
        );
        CREATE TABLE IF NOT EXISTS event_tracker (
          id                  BIGINT PRIMARY KEY,
          tenant              TEXT NOT NULL,
          pagw_id             TEXT NOT NULL REFERENCES request_tracker(pagw_id) ON DELETE CASCADE,
          stage               TEXT NOT NULL,
          event_type          TEXT NOT NULL,
          status              TEXT NOT NULL DEFAULT 'STARTED',
          sequence_no         BIGINT NOT NULL,
          attempt             BIGINT NOT NULL DEFAULT 1,
          retryable           BOOLEAN NOT NULL DEFAULT TRUE,
          next_retry_at       TIMESTAMPTZ,
          external_reference  TEXT,
          duration_ms         BIGINT,
          error_code          TEXT,
          error_message       TEXT,
          worker_id           TEXT,
          service_name        TEXT,
          started_at          TIMESTAMPTZ,
          completed_at        TIMESTAMPTZ,
          created_at          TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
          metadata            JSONB /* /* */ TEXT -- */
        );

        """

    /// The source's other indexes that both databases know.
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
        """
}
