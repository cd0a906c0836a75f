#include "cb_table.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

// The columns and the first two indexes of the original schema, without the foreign key (there is
// no request table here, which favours SQLite). Names and ids are text as there; times are
// integers, which is smaller and faster than text and so favours SQLite too.
static const char schema[] =
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"
    "PRAGMA cache_size=-524288;"
    "PRAGMA mmap_size=4294967296;"
    "CREATE TABLE IF NOT EXISTS event_tracker ("
    " id INTEGER PRIMARY KEY,"
    " tenant TEXT NOT NULL, pagw_id TEXT NOT NULL,"
    " stage TEXT NOT NULL, event_type TEXT NOT NULL, status TEXT NOT NULL,"
    " sequence_no INTEGER NOT NULL, attempt INTEGER NOT NULL, retryable INTEGER NOT NULL,"
    " next_retry_at INTEGER, external_reference TEXT, duration_ms INTEGER,"
    " error_code TEXT, error_message TEXT, worker_id TEXT, service_name TEXT,"
    " started_at INTEGER, completed_at INTEGER, created_at INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX IF NOT EXISTS ux_event_tracker_pagw_seq"
    " ON event_tracker (pagw_id, sequence_no);"
    "CREATE INDEX IF NOT EXISTS ix_event_tracker_tenant_pagw_created"
    " ON event_tracker (tenant, pagw_id, created_at);";

// What else the original schema keeps in order, but for its index of metadata, which SQLite has
// nothing like.
static const char further_indexes[] =
    "CREATE INDEX ix_event_tracker_tenant_event_created"
    " ON event_tracker (tenant, event_type, created_at DESC);"
    "CREATE INDEX ix_event_tracker_retry"
    " ON event_tracker (tenant, status, retryable, next_retry_at)"
    " WHERE status = 'FAILED' AND retryable = TRUE;"
    "CREATE INDEX ix_event_tracker_stage ON event_tracker (tenant, stage, created_at DESC);";

static const char insertion[] =
    "INSERT INTO event_tracker (tenant, pagw_id, stage, event_type, status, sequence_no, attempt,"
    " retryable, next_retry_at, external_reference, duration_ms, error_message, worker_id,"
    " service_name, started_at, completed_at, created_at)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

int cb_table_open(sqlite3 **database, const char *directory) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/events.sqlite", directory);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int code = sqlite3_open_v2(path, database, flags, NULL);
    if (code != SQLITE_OK) return code;
    return sqlite3_exec(*database, schema, NULL, NULL, NULL);
}

int cb_table_add_indexes(sqlite3 *database) {
    return sqlite3_exec(database, further_indexes, NULL, NULL, NULL);
}

int cb_table_prepare_insert(sqlite3 *database, sqlite3_stmt **statement) {
    return sqlite3_prepare_v3(
        database, insertion, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
}

static void bind_text(sqlite3_stmt *statement, int column, const char *text) {
    sqlite3_bind_text(statement, column, text, -1, SQLITE_STATIC);
}

static void bind_part(
    sqlite3_stmt *statement, int column, const uint8_t *record, int offset, int length) {
    sqlite3_bind_text(statement, column, (const char *)record + offset, length, SQLITE_STATIC);
}

int cb_table_insert(sqlite3_stmt *statement, const uint8_t *record) {
    cb_header header;
    memcpy(&header, record, sizeof header);
    bind_text(statement, 1, cb_tenant_name(header.tenant));
    bind_part(statement, 2, record, CB_REQUEST_ID_OFFSET, CB_REQUEST_ID_LENGTH);
    bind_text(statement, 3, cb_stage_name(header.stage));
    bind_text(statement, 4, cb_event_type_name(header.event_type));
    bind_text(statement, 5, cb_status_name(header.status));
    sqlite3_bind_int64(statement, 6, (int64_t)header.sequence);
    sqlite3_bind_int64(statement, 7, header.attempt);
    sqlite3_bind_int(statement, 8, header.retry_at_ns != 0);
    if (header.retry_at_ns != 0) {
        sqlite3_bind_int64(statement, 9, header.retry_at_ns);
    } else {
        sqlite3_bind_null(statement, 9);
    }
    bind_part(statement, 10, record, CB_REFERENCE_OFFSET, CB_REFERENCE_LENGTH);
    sqlite3_bind_int64(statement, 11, header.duration_ms);
    bind_part(statement, 12, record, CB_MESSAGE_OFFSET, CB_MESSAGE_LENGTH);
    bind_part(statement, 13, record, CB_WORKER_OFFSET, CB_WORKER_LENGTH);
    bind_part(statement, 14, record, CB_SERVICE_OFFSET, CB_SERVICE_LENGTH);
    sqlite3_bind_int64(
        statement, 15, header.recorded_at_ns - (int64_t)header.duration_ms * 1000000);
    if (header.status == CB_STATUS_COMPLETED) {
        sqlite3_bind_int64(statement, 16, header.recorded_at_ns);
    } else {
        sqlite3_bind_null(statement, 16);
    }
    sqlite3_bind_int64(statement, 17, header.recorded_at_ns);
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return code == SQLITE_DONE ? 0 : code;
}

static const char *text(sqlite3_stmt *statement, int column) {
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text == NULL ? "" : (const char *)text;
}

cb_header cb_table_read_header(sqlite3_stmt *statement) {
    return (cb_header){
        .stream = cb_request_stream(text(statement, 1)),
        .sequence = (uint64_t)sqlite3_column_int64(statement, 5),
        .recorded_at_ns = sqlite3_column_int64(statement, 13),
        .retry_at_ns = sqlite3_column_int64(statement, 7),
        .duration_ms = (uint32_t)sqlite3_column_int64(statement, 9),
        .attempt = (uint32_t)sqlite3_column_int64(statement, 6),
        .event_type = cb_event_type_index(text(statement, 3)),
        .stage = cb_stage_index(text(statement, 2)),
        .status = cb_status_index(text(statement, 4)),
        .tenant = cb_tenant_index(text(statement, 0)),
    };
}

static void read_part(
    sqlite3_stmt *statement, int column, uint8_t *record, int offset, int length) {
    // A column of another length leaves zeros, and the hash of the result tells.
    memset(record + offset, 0, (size_t)length);
    const void *bytes = sqlite3_column_text(statement, column);
    if (bytes != NULL && sqlite3_column_bytes(statement, column) == length) {
        memcpy(record + offset, bytes, (size_t)length);
    }
}

void cb_table_read(sqlite3_stmt *statement, uint8_t *record) {
    cb_header header = cb_table_read_header(statement);
    memcpy(record, &header, sizeof header);
    read_part(statement, 1, record, CB_REQUEST_ID_OFFSET, CB_REQUEST_ID_LENGTH);
    read_part(statement, 8, record, CB_REFERENCE_OFFSET, CB_REFERENCE_LENGTH);
    read_part(statement, 10, record, CB_MESSAGE_OFFSET, CB_MESSAGE_LENGTH);
    read_part(statement, 11, record, CB_WORKER_OFFSET, CB_WORKER_LENGTH);
    read_part(statement, 12, record, CB_SERVICE_OFFSET, CB_SERVICE_LENGTH);
}
