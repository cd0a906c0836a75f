#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cb_crowd.h"
#include "cb_machine.h"
#include "cb_pg_table.h"
#include "cb_postgres.h"
#include "cb_store.h"
#include "cb_table.h"

enum { PRELOAD_EVENTS_PER_COMMIT = 10000, TUPLE_BYTE_COUNT_MAX = 512 };

static const char copying[] =
    "COPY event_tracker (" CB_PG_COLUMNS ") FROM STDIN (FORMAT binary)";
static const char inserting[] =
    "INSERT INTO event_tracker (" CB_PG_COLUMNS ")"
    " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17)";
static const char timeline[] =
    "SELECT " CB_TABLE_COLUMNS " FROM event_tracker WHERE pagw_id = $1 ORDER BY sequence_no";

static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

static uint8_t *put_integer(uint8_t *end, uint32_t value, int length) {
    for (int index = length - 1; index >= 0; index--) *end++ = (uint8_t)(value >> 8 * index);
    return end;
}

// One COPY of a batch, which the server commits at its end.
static int commit_batch(
    pg_conn *connection, const cb_workload *workload, uint64_t first, uint64_t count,
    uint8_t *bytes) {
    static const uint8_t head[] = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0};
    uint8_t *end = bytes;
    memcpy(end, head, sizeof head);
    end += sizeof head;
    for (uint64_t index = first; index < first + count; index++) {
        cb_pg_row row;
        cb_pg_row_fill(&row, workload->records + index * CB_RECORD_BYTE_COUNT);
        end = put_integer(end, CB_PG_FIELD_COUNT, 2);
        for (int field = 0; field < CB_PG_FIELD_COUNT; field++) {
            int length = row.values[field] == NULL ? -1 : row.lengths[field];
            end = put_integer(end, (uint32_t)length, 4);
            if (length < 0) continue;
            memcpy(end, row.values[field], (size_t)length);
            end += length;
        }
    }
    end = put_integer(end, 0xffff, 2);
    return cb_pq_copy(connection, copying, bytes, (uint64_t)(end - bytes));
}

static int verify(pg_conn *connection, uint64_t event_count, uint64_t *hash) {
    int code = cb_pq_run(connection,
        "BEGIN; DECLARE everything CURSOR FOR SELECT " CB_TABLE_COLUMNS
        " FROM event_tracker ORDER BY id");
    if (code != 0) return code;
    cb_verifier *verifier = cb_verifier_create();
    for (int count = 1; code == 0 && count > 0;) {
        pg_result *rows = cb_pq.exec_params(
            connection, "FETCH 10000 FROM everything", 0, NULL, NULL, NULL, NULL, 1);
        count = cb_pq.row_count(rows);
        for (int row = 0; row < count; row++) {
            uint8_t record[CB_RECORD_BYTE_COUNT];
            cb_pg_read(rows, row, record);
            cb_verifier_add(verifier, record);
        }
        code = cb_pq_finish_result(rows);
    }
    if (code == 0) code = cb_verifier_count(verifier) == event_count ? 0 : EBADMSG;
    *hash = cb_verifier_hash(verifier);
    cb_verifier_destroy(verifier);
    if (code == 0) code = cb_pq_run(connection, "COMMIT");
    return code;
}

cb_result cb_postgres_append(
    const cb_workload *workload, const char *schema, cb_append_options options) {
    cb_result result = {.event_count = options.measured_count};
    const uint64_t total = options.preloaded_count + options.measured_count;
    uint64_t room = PRELOAD_EVENTS_PER_COMMIT;
    if (options.events_per_commit > room) room = options.events_per_commit;
    uint8_t *bytes = malloc(room * TUPLE_BYTE_COUNT_MAX);
    pg_conn *connection = cb_pg_open_schema(schema, 1);
    CB_TRY(bytes == NULL || connection == NULL ? ECONNREFUSED : 0);
    for (uint64_t first = 0; first < options.preloaded_count;) {
        uint64_t count = smaller(PRELOAD_EVENTS_PER_COMMIT, options.preloaded_count - first);
        CB_TRY(commit_batch(connection, workload, first, count, bytes));
        first += count;
    }
    const uint64_t start = cb_now_ns();
    uint64_t commit_start = start, commit_index = 0;
    for (uint64_t first = options.preloaded_count; first < total;) {
        uint64_t count = smaller(options.events_per_commit, total - first);
        CB_TRY(commit_batch(connection, workload, first, count, bytes));
        first += count;
        if (options.commit_ns != NULL) {
            uint64_t now = cb_now_ns();
            options.commit_ns[commit_index++] = now - commit_start;
            commit_start = now;
        }
    }
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    CB_TRY(verify(connection, total, &result.hash));
    CB_TRY(options.measured_count > 0
        ? cb_pg_drop_schema(connection, schema)
        : cb_pq_run(connection, "VACUUM ANALYZE event_tracker"));
end:
    if (connection != NULL) cb_pq.finish(connection);
    free(bytes);
    return result;
}

int cb_postgres_drop(const char *server, const char *schema) {
    pg_conn *connection = cb_pq_open_at(server);
    if (connection == NULL) return ECONNREFUSED;
    int code = cb_pq_run(connection, "SET client_min_messages = warning");
    if (code == 0) code = cb_pg_drop_schema(connection, schema);
    cb_pq.finish(connection);
    return code;
}

static int insert(pg_conn *connection, const uint8_t *record) {
    int formats[CB_PG_FIELD_COUNT];
    cb_pg_row row;
    cb_pg_row_fill(&row, record);
    for (int field = 0; field < CB_PG_FIELD_COUNT; field++) formats[field] = 1;
    return cb_pq_finish_result(cb_pq.exec_prepared(
        connection, "insert_event", CB_PG_FIELD_COUNT, row.values, row.lengths, formats, 1));
}

typedef struct {
    const cb_workload *workload;
    pg_conn **connections;  // one for each client
} clients;

static int append_one(void *context, uint64_t caller, uint64_t index) {
    const clients *clients = context;
    return insert(
        clients->connections[caller],
        clients->workload->records + index * CB_RECORD_BYTE_COUNT);
}

cb_result cb_postgres_group(
    const cb_workload *workload, const char *server, const char *schema, uint64_t event_count,
    uint64_t client_count, uint64_t *latencies_ns) {
    cb_result result = {.event_count = event_count};
    clients clients = {workload, calloc(client_count, sizeof *clients.connections)};
    cb_crowd *crowd = cb_crowd_create(workload, event_count, client_count);
    pg_conn *connection = cb_pg_open_schema_at(server, schema, 1);
    CB_TRY(
        clients.connections == NULL || crowd == NULL || connection == NULL ? ECONNREFUSED : 0);
    for (uint64_t number = 0; number < client_count; number++) {
        clients.connections[number] = cb_pg_open_schema_at(server, schema, 0);
        CB_TRY(clients.connections[number] == NULL ? ECONNREFUSED : 0);
        CB_TRY(cb_pq_prepare(clients.connections[number], "insert_event", inserting));
    }
    const uint64_t start = cb_now_ns();
    CB_TRY(cb_crowd_run(crowd, append_one, &clients, latencies_ns));
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    CB_TRY(verify(connection, event_count, &result.hash));
    CB_TRY(cb_pg_drop_schema(connection, schema));
end:
    for (uint64_t number = 0; clients.connections != NULL && number < client_count; number++) {
        if (clients.connections[number] != NULL) cb_pq.finish(clients.connections[number]);
    }
    if (connection != NULL) cb_pq.finish(connection);
    cb_crowd_destroy(crowd);
    free(clients.connections);
    return result;
}

cb_result cb_postgres_timelines(
    const char *schema, const uint64_t *streams, uint64_t stream_count,
    uint64_t *latencies_ns) {
    static uint8_t records[4096 * CB_RECORD_BYTE_COUNT];
    cb_result result = {0};
    pg_conn *connection = cb_pg_open_schema(schema, 0);
    CB_TRY(connection == NULL ? ECONNREFUSED : 0);
    CB_TRY(cb_pq_prepare(connection, "timeline", timeline));
    for (uint64_t index = 0; index < stream_count; index++) {
        char request_id[CB_REQUEST_ID_LENGTH];
        const char *values[] = {request_id};
        int lengths[] = {CB_REQUEST_ID_LENGTH}, formats[] = {1};
        cb_request_id(streams[index], request_id);
        const uint64_t start = cb_now_ns();
        pg_result *rows =
            cb_pq.exec_prepared(connection, "timeline", 1, values, lengths, formats, 1);
        uint64_t count = smaller((uint64_t)cb_pq.row_count(rows), 4096);
        for (uint64_t row = 0; row < count; row++) {
            cb_pg_read(rows, (int)row, records + row * CB_RECORD_BYTE_COUNT);
        }
        int code = cb_pq_finish_result(rows);
        latencies_ns[index] = cb_now_ns() - start;
        CB_TRY(code);
        result.seconds += (double)latencies_ns[index] / 1e9;
        result.event_count += count;
        result.hash += cb_records_hash(records, count);
    }
end:
    if (connection != NULL) cb_pq.finish(connection);
    return result;
}
