#ifndef CB_PG_TABLE_H
#define CB_PG_TABLE_H

#include <stdint.h>

#include "cb_pq.h"
#include "cb_workload.h"

enum { CB_PG_FIELD_COUNT = 17 };

// One record as PostgreSQL takes it in its binary formats; null values are NULL.
typedef struct {
    const char *values[CB_PG_FIELD_COUNT];
    int lengths[CB_PG_FIELD_COUNT];
    uint8_t numbers[CB_PG_FIELD_COUNT][8];
} cb_pg_row;

#define CB_PG_COLUMNS                                                                            \
    "tenant, pagw_id, stage, event_type, status, sequence_no, attempt, retryable, "               \
    "next_retry_at, external_reference, duration_ms, error_message, worker_id, service_name, "    \
    "started_at, completed_at, created_at"

// The row points into the record and into itself: neither may move while it is in use.
void cb_pg_row_fill(cb_pg_row *row, const uint8_t *record);

// The record of a row of CB_TABLE_COLUMNS in binary format, byte for byte what was inserted.
void cb_pg_read(const pg_result *rows, int row, uint8_t *record);

// A connection that sees the schema; made anew with its table and indexes where `creates`.
pg_conn *cb_pg_open_schema(const char *schema, int creates);
pg_conn *cb_pg_open_schema_at(const char *server, const char *schema, int creates);
int cb_pg_drop_schema(pg_conn *connection, const char *schema);

#endif
