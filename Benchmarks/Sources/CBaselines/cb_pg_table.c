#include "cb_pg_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Microseconds from 1970 to 2000, where PostgreSQL's times begin.
static const int64_t epoch_us = 946684800000000;

// The table of the original system and its indexes, those of its last migration included, without
// the foreign key: there is no request table here, which favours PostgreSQL.
static const char schema_statements[] =
    "CREATE TYPE pagw_event_status AS ENUM"
    " ('STARTED','COMPLETED','FAILED','SKIPPED','RETRY_SCHEDULED');"
    "CREATE TABLE event_tracker ("
    " id BIGSERIAL PRIMARY KEY,"
    " tenant VARCHAR(64) NOT NULL, pagw_id VARCHAR(64) NOT NULL,"
    " stage VARCHAR(64) NOT NULL, event_type VARCHAR(64) NOT NULL,"
    " status pagw_event_status NOT NULL DEFAULT 'STARTED',"
    " sequence_no BIGINT NOT NULL, attempt INT NOT NULL DEFAULT 1,"
    " retryable BOOLEAN NOT NULL DEFAULT TRUE, next_retry_at TIMESTAMPTZ,"
    " external_reference VARCHAR(256), duration_ms INT, error_code VARCHAR(64),"
    " error_message TEXT, worker_id VARCHAR(128), service_name VARCHAR(128),"
    " started_at TIMESTAMPTZ, completed_at TIMESTAMPTZ,"
    " created_at TIMESTAMPTZ NOT NULL DEFAULT now(), metadata JSONB);"
    "CREATE UNIQUE INDEX ux_event_tracker_pagw_seq ON event_tracker (pagw_id, sequence_no);"
    "CREATE INDEX ix_event_tracker_tenant_pagw_created"
    " ON event_tracker (tenant, pagw_id, created_at);"
    "CREATE INDEX ix_event_tracker_tenant_event_created"
    " ON event_tracker (tenant, event_type, created_at DESC);"
    "CREATE INDEX ix_event_tracker_retry"
    " ON event_tracker (tenant, status, retryable, next_retry_at)"
    " WHERE status = 'FAILED' AND retryable = TRUE;"
    "CREATE INDEX ix_event_tracker_stage ON event_tracker (tenant, stage, created_at DESC);"
    "CREATE INDEX ix_event_tracker_metadata ON event_tracker USING GIN (metadata);";

int cb_pg_drop_schema(pg_conn *connection, const char *schema) {
    char text[256];
    snprintf(text, sizeof text, "DROP SCHEMA IF EXISTS %s CASCADE", schema);
    return cb_pq_run(connection, text);
}

static int use_schema(pg_conn *connection, const char *schema, int creates) {
    char text[256];
    int code = cb_pq_run(connection, "SET client_min_messages = warning; SET TimeZone = 'UTC'");
    if (code == 0 && creates) {
        code = cb_pg_drop_schema(connection, schema);
        snprintf(text, sizeof text, "CREATE SCHEMA %s", schema);
        if (code == 0) code = cb_pq_run(connection, text);
    }
    snprintf(text, sizeof text, "SET search_path = %s", schema);
    if (code == 0) code = cb_pq_run(connection, text);
    if (code == 0 && creates) code = cb_pq_run(connection, schema_statements);
    return code;
}

pg_conn *cb_pg_open_schema(const char *schema, int creates) {
    return cb_pg_open_schema_at(getenv("CAIRN_POSTGRES"), schema, creates);
}

pg_conn *cb_pg_open_schema_at(const char *server, const char *schema, int creates) {
    pg_conn *connection = cb_pq_open_at(server);
    if (connection == NULL || use_schema(connection, schema, creates) == 0) return connection;
    cb_pq.finish(connection);
    return NULL;
}

static void put_number(cb_pg_row *row, int field, int64_t number, int length) {
    for (int index = 0; index < length; index++) {
        row->numbers[field][index] = (uint8_t)((uint64_t)number >> 8 * (length - 1 - index));
    }
    row->values[field] = (const char *)row->numbers[field];
    row->lengths[field] = length;
}

static void put_time(cb_pg_row *row, int field, int64_t nanoseconds) {
    put_number(row, field, nanoseconds / 1000 - epoch_us, 8);
}

static void put_name(cb_pg_row *row, int field, const char *name) {
    row->values[field] = name;
    row->lengths[field] = (int)strlen(name);
}

static void put_part(cb_pg_row *row, int field, const uint8_t *record, int offset, int length) {
    row->values[field] = (const char *)record + offset;
    row->lengths[field] = length;
}

void cb_pg_row_fill(cb_pg_row *row, const uint8_t *record) {
    cb_header header;
    memcpy(&header, record, sizeof header);
    row->values[8] = row->values[15] = NULL;
    row->lengths[8] = row->lengths[15] = 0;
    put_name(row, 0, cb_tenant_name(header.tenant));
    put_part(row, 1, record, CB_REQUEST_ID_OFFSET, CB_REQUEST_ID_LENGTH);
    put_name(row, 2, cb_stage_name(header.stage));
    put_name(row, 3, cb_event_type_name(header.event_type));
    put_name(row, 4, cb_status_name(header.status));
    put_number(row, 5, (int64_t)header.sequence, 8);
    put_number(row, 6, header.attempt, 4);
    put_number(row, 7, header.retry_at_ns != 0, 1);
    if (header.retry_at_ns != 0) put_time(row, 8, header.retry_at_ns);
    put_part(row, 9, record, CB_REFERENCE_OFFSET, CB_REFERENCE_LENGTH);
    put_number(row, 10, header.duration_ms, 4);
    put_part(row, 11, record, CB_MESSAGE_OFFSET, CB_MESSAGE_LENGTH);
    put_part(row, 12, record, CB_WORKER_OFFSET, CB_WORKER_LENGTH);
    put_part(row, 13, record, CB_SERVICE_OFFSET, CB_SERVICE_LENGTH);
    put_time(row, 14, header.recorded_at_ns - (int64_t)header.duration_ms * 1000000);
    if (header.status == CB_STATUS_COMPLETED) put_time(row, 15, header.recorded_at_ns);
    put_time(row, 16, header.recorded_at_ns);
}

static int64_t number(const pg_result *rows, int row, int column) {
    const uint8_t *bytes = (const uint8_t *)cb_pq.value(rows, row, column);
    uint64_t value = 0;
    for (int index = 0; index < cb_pq.length(rows, row, column); index++) {
        value = value << 8 | bytes[index];
    }
    return (int64_t)value;
}

static int64_t time_ns(const pg_result *rows, int row, int column) {
    if (cb_pq.is_null(rows, row, column)) return 0;
    return (number(rows, row, column) + epoch_us) * 1000;
}

static void read_part(
    const pg_result *rows, int row, int column, uint8_t *record, int offset, int length) {
    // A column of another length leaves zeros, and the hash of the result tells.
    memset(record + offset, 0, (size_t)length);
    if (cb_pq.length(rows, row, column) == length) {
        memcpy(record + offset, cb_pq.value(rows, row, column), (size_t)length);
    }
}

void cb_pg_read(const pg_result *rows, int row, uint8_t *record) {
    cb_header header = {
        .stream = cb_request_stream(cb_pq.value(rows, row, 1)),
        .sequence = (uint64_t)number(rows, row, 5),
        .recorded_at_ns = time_ns(rows, row, 13),
        .retry_at_ns = time_ns(rows, row, 7),
        .duration_ms = (uint32_t)number(rows, row, 9),
        .attempt = (uint32_t)number(rows, row, 6),
        .event_type = cb_event_type_index(cb_pq.value(rows, row, 3)),
        .stage = cb_stage_index(cb_pq.value(rows, row, 2)),
        .status = cb_status_index(cb_pq.value(rows, row, 4)),
        .tenant = cb_tenant_index(cb_pq.value(rows, row, 0)),
    };
    memcpy(record, &header, sizeof header);
    read_part(rows, row, 1, record, CB_REQUEST_ID_OFFSET, CB_REQUEST_ID_LENGTH);
    read_part(rows, row, 8, record, CB_REFERENCE_OFFSET, CB_REFERENCE_LENGTH);
    read_part(rows, row, 10, record, CB_MESSAGE_OFFSET, CB_MESSAGE_LENGTH);
    read_part(rows, row, 11, record, CB_WORKER_OFFSET, CB_WORKER_LENGTH);
    read_part(rows, row, 12, record, CB_SERVICE_OFFSET, CB_SERVICE_LENGTH);
}
