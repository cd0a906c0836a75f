extension ExportedTable {
    /// The column that refers to another table.
    var reference: String {
        switch self {
        case .touch: "user_id"
        case .interaction: "customer_id"
        case .system: "lead_id"
        case .prompt, .promptSessions: "interactive_prompt_session_id"
        }
    }

    /// The table that rows refer to.
    var referredTable: String {
        switch self {
        case .touch: "users"
        case .interaction: "customers"
        case .system: "leads"
        case .prompt, .promptSessions: "interactive_prompt_sessions"
        }
    }

    /// Whether those referred to have a name beside their number.
    var namesReferred: Bool { self != .system }

    /// The source's own table, after a stub of the one that it refers to.
    var schema: String {
        switch self {
        case .touch: Self.touchSchema
        case .interaction: Self.interactionSchema
        case .system: Self.systemSchema
        case .prompt, .promptSessions: Self.promptSchema
        }
    }

    /// The source's own indexes.
    var indexes: String {
        switch self {
        case .touch:
            """
            CREATE INDEX IF NOT EXISTS user_touch_debug_log_user_id_idx
                ON user_touch_debug_log(user_id, created_at);

            """
        case .interaction:
            """
            CREATE INDEX IF NOT EXISTS ix_interactions_customer_id ON interactions (customer_id);
            CREATE INDEX IF NOT EXISTS ix_interactions_notify_reference
              ON interactions (notify_reference);
            CREATE INDEX IF NOT EXISTS ix_interactions_provider_reference
              ON interactions (provider_reference);

            """
        case .system:
            """
            CREATE INDEX IF NOT EXISTS ix_system_events_created_at ON system_events (created_at);
            CREATE INDEX IF NOT EXISTS ix_system_events_level ON system_events (level);
            CREATE INDEX IF NOT EXISTS ix_system_events_event_type ON system_events (event_type);
            CREATE INDEX IF NOT EXISTS ix_system_events_lead_id ON system_events (lead_id);

            """
        case .prompt, .promptSessions:
            """
            CREATE INDEX IF NOT EXISTS interactive_prompt_events_ips_id_prompt_time_idx
                ON interactive_prompt_events(interactive_prompt_session_id, prompt_time);
            CREATE INDEX IF NOT EXISTS interactive_prompt_events_created_at_session_idx
                ON interactive_prompt_events(created_at, interactive_prompt_session_id)
                WHERE evtype='join';

            """
        }
    }

    private static let touchSchema = """
        -- user_touch_debug_log for SQLite (sqlite3 FILE <); a REAL of PostgreSQL holds no time
        PRAGMA foreign_keys = ON;
        BEGIN;
        CREATE TABLE IF NOT EXISTS users (
            id INTEGER PRIMARY KEY,
            name TEXT
        );
        CREATE TABLE IF NOT EXISTS user_touch_debug_log (
            id INTEGER PRIMARY KEY,
            uid TEXT UNIQUE NOT NULL,
            user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
            event TEXT NOT NULL,
            created_at REAL NOT NULL
        );

        """

    /// The source's model; its enums are texts, because a row may have another word.
    private static let interactionSchema = """
        -- interactions for PostgreSQL (psql -f) and SQLite (sqlite3 FILE <)
        BEGIN;
        CREATE TABLE IF NOT EXISTS customers (
          id                  BIGINT PRIMARY KEY,
          name                TEXT
        );
        CREATE TABLE IF NOT EXISTS interactions (
          id                  BIGINT PRIMARY KEY,
          interaction_uuid    TEXT NOT NULL UNIQUE,
          customer_id         BIGINT NOT NULL,
          idempotency_key     TEXT UNIQUE,
          channel             TEXT NOT NULL,
          status              TEXT NOT NULL DEFAULT 'SENT',
          body_content        TEXT,
          notify_reference    TEXT,
          provider_reference  TEXT,
          meta_data           JSON /* /* */ TEXT -- */
          , created_at        TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
        );

        """

    /// The source's model, with 64 bits for numbers and any length for names.
    ///
    /// SQLite would take a payload that is one number for a number's, but not in a column whose
    /// type says TEXT. Comments are nested in PostgreSQL alone, so only SQLite sees that word.
    private static let systemSchema = """
        -- system_events for PostgreSQL (psql -f) and SQLite (sqlite3 FILE <)
        BEGIN;
        CREATE TABLE IF NOT EXISTS leads (
          id          BIGINT PRIMARY KEY
        );
        CREATE TABLE IF NOT EXISTS system_events (
          id          BIGINT PRIMARY KEY,
          created_at  TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
          level       VARCHAR(10) NOT NULL,
          event_type  TEXT NOT NULL,
          lead_id     BIGINT REFERENCES leads(id),
          payload     JSON /* /* */ TEXT -- */
        );

        """

    private static let promptSchema = """
        -- interactive_prompt_events for SQLite (sqlite3 FILE <); a REAL of PostgreSQL holds no time
        PRAGMA foreign_keys = ON;
        BEGIN;
        CREATE TABLE IF NOT EXISTS interactive_prompt_sessions (
            id INTEGER PRIMARY KEY,
            name TEXT,
            prompt TEXT,
            "user" TEXT
        );
        CREATE TABLE IF NOT EXISTS interactive_prompt_events(
            id INTEGER PRIMARY KEY,
            uid TEXT UNIQUE NOT NULL,
            interactive_prompt_session_id INTEGER NOT NULL
                REFERENCES interactive_prompt_sessions(id) ON DELETE CASCADE,
            evtype TEXT NOT NULL,
            data TEXT NOT NULL,
            prompt_time REAL NOT NULL,
            created_at REAL NOT NULL
        );

        """
}
