#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cb_machine.h"
#include "cb_pg_table.h"
#include "cb_postgres.h"
#include "cb_store.h"

enum { CELL_END = 0x1f, ROW_END = 0x1e };

static uint64_t byte_hash(uint64_t hash, uint8_t byte) {
    return (hash ^ byte) * 0x100000001B3ULL;
}

uint64_t cb_cell_hash(uint64_t hash, const char *text, uint64_t length) {
    for (uint64_t index = 0; index < length; index++) {
        hash = byte_hash(hash, (uint8_t)text[index]);
    }
    return byte_hash(hash, CELL_END);
}

uint64_t cb_row_end_hash(uint64_t hash) { return byte_hash(hash, ROW_END); }

cb_result cb_postgres_load(
    const char *schema, const char *columns, const char *format, const uint8_t *rows,
    uint64_t byte_count) {
    cb_result result = {0};
    char statement[512];
    pg_conn *connection = cb_pg_open_schema(schema, 1);
    CB_TRY(connection == NULL ? ECONNREFUSED : 0);
    snprintf(statement, sizeof statement, "COPY event_tracker (%s) FROM STDIN (%s)", columns, format);
    const uint64_t start = cb_now_ns();
    CB_TRY(cb_pq_copy(connection, statement, rows, byte_count));
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    CB_TRY(cb_pq_run(connection, "VACUUM ANALYZE event_tracker"));
end:
    if (connection != NULL) cb_pq.finish(connection);
    return result;
}

static uint64_t answer_hash(uint64_t hash, const pg_result *rows, uint32_t hashed_columns) {
    for (int row = 0; row < cb_pq.row_count(rows); row++) {
        for (int column = 0; column < cb_pq.column_count(rows); column++) {
            if ((hashed_columns >> column & 1) == 0) continue;
            hash = cb_cell_hash(
                hash, cb_pq.value(rows, row, column),
                (uint64_t)cb_pq.length(rows, row, column));
        }
        hash = cb_row_end_hash(hash);
    }
    return hash;
}

cb_result cb_postgres_ask(
    const char *schema, const char *statement, const char *const *parameters,
    uint64_t ask_count, bool counts_opening, uint32_t hashed_columns, uint64_t *latencies_ns) {
    cb_result result = {0};
    const uint64_t opening = cb_now_ns();
    pg_conn *connection = cb_pg_open_schema(schema, 0);
    CB_TRY(connection == NULL ? ECONNREFUSED : 0);
    CB_TRY(cb_pq_prepare(connection, "question", statement));
    for (uint64_t index = 0; index < ask_count; index++) {
        const char *const *values = parameters == NULL ? NULL : parameters + index;
        const uint64_t start = counts_opening && index == 0 ? opening : cb_now_ns();
        pg_result *rows = cb_pq.exec_prepared(
            connection, "question", parameters == NULL ? 0 : 1, values, NULL, NULL, 0);
        latencies_ns[index] = cb_now_ns() - start;
        result.seconds += (double)latencies_ns[index] / 1e9;
        result.event_count += (uint64_t)cb_pq.row_count(rows);
        result.hash = answer_hash(result.hash, rows, hashed_columns);
        CB_TRY(cb_pq_finish_result(rows));
    }
end:
    if (connection != NULL) cb_pq.finish(connection);
    return result;
}
