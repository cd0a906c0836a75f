#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cb_jobs.h"
#include "cb_machine.h"
#include "cb_pg_table.h"
#include "cb_postgres.h"
#include "cb_pq.h"
#include "cb_store.h"

enum { PROBE_COUNT = 50 };

static void key_text(const cb_batch *batch, uint64_t index, char *text) {
    memcpy(text, batch->keys + index * CB_KEY_BYTE_COUNT, CB_KEY_BYTE_COUNT);
    text[CB_KEY_BYTE_COUNT] = 0;
}

int cb_postgres_is_there(void) {
    pg_conn *connection = cb_pq_open();
    if (connection == NULL) return 0;
    cb_pq.finish(connection);
    return 1;
}

static int show(const char *statement, char *text, uint64_t capacity) {
    pg_conn *connection = cb_pq_open();
    if (connection == NULL) return ECONNREFUSED;
    pg_result *result = cb_pq.exec(connection, statement);
    snprintf(
        text, capacity, "%s", cb_pq.row_count(result) == 1 ? cb_pq.value(result, 0, 0) : "");
    cb_pq.clear(result);
    cb_pq.finish(connection);
    return 0;
}

int cb_postgres_version(char *text, uint64_t capacity) {
    return show("SHOW server_version", text, capacity);
}

int cb_postgres_data_directory(char *path, uint64_t capacity) {
    return show("SHOW data_directory", path, capacity);
}

uint64_t cb_postgres_commit_ns(const char *server, const char *schema) {
    uint64_t least = UINT64_MAX;
    pg_conn *connection = cb_pg_open_schema_at(server, schema, 1);
    if (connection == NULL) return 0;
    int code = cb_pq_run(connection, "CREATE TABLE probe (number INT)");
    for (int turn = 0; code == 0 && turn < PROBE_COUNT; turn++) {
        const uint64_t start = cb_now_ns();
        code = cb_pq_run(connection, "INSERT INTO probe VALUES (1)");
        const uint64_t took = cb_now_ns() - start;
        if (took < least) least = took;
    }
    if (code == 0) code = cb_pg_drop_schema(connection, schema);
    cb_pq.finish(connection);
    return code == 0 ? least : 0;
}

int cb_postgres_flushes(void) {
    pg_conn *connection = cb_pq_open();
    if (connection == NULL) return 0;
    pg_result *result = cb_pq.exec(connection, "SHOW fsync");
    int flushes = cb_pq.row_count(result) == 1 && strcmp(cb_pq.value(result, 0, 0), "on") == 0;
    cb_pq.clear(result);
    cb_pq.finish(connection);
    return flushes;
}

static const char insert_key[] =
    "INSERT INTO cairn_keys (idempotency_key, status, digest) VALUES ($1, 'SENT', '0')";

cb_result cb_postgres_keys_fill(const cb_batch *batch) {
    cb_result result = {.event_count = batch->done_count};
    pg_conn *connection = cb_pq_open();
    CB_TRY(connection == NULL ? ECONNREFUSED : 0);
    CB_TRY(cb_pq_run(connection, "DROP TABLE IF EXISTS cairn_keys"));
    CB_TRY(cb_pq_run(connection,
        "CREATE TABLE cairn_keys (idempotency_key VARCHAR(255) PRIMARY KEY,"
        " status VARCHAR(20) NOT NULL, digest VARCHAR(64) NOT NULL)"));
    CB_TRY(cb_pq_prepare(connection, "insert_key", insert_key));
    CB_TRY(cb_pq_run(connection, "BEGIN"));
    for (uint64_t index = 0; index < batch->done_count; index++) {
        char text[CB_KEY_BYTE_COUNT + 1];
        const char *values[] = {text};
        key_text(batch, index, text);
        CB_TRY(cb_pq_finish_result(
            cb_pq.exec_prepared(connection, "insert_key", 1, values, NULL, NULL, 0)));
    }
    CB_TRY(cb_pq_run(connection, "COMMIT"));
    CB_TRY(cb_pq_run(connection, "ANALYZE cairn_keys"));
end:
    if (connection != NULL) cb_pq.finish(connection);
    return result;
}

static const char select_key[] =
    "SELECT status, digest FROM cairn_keys WHERE idempotency_key = $1";

// 1 where the key is there, 0 where it is not, negative where the server refused.
static int look_up(pg_conn *connection, const cb_batch *batch, uint64_t index) {
    char text[CB_KEY_BYTE_COUNT + 1];
    const char *values[] = {text};
    key_text(batch, index, text);
    pg_result *found =
        cb_pq.exec_prepared(connection, "select_key", 1, values, NULL, NULL, 0);
    int count = cb_pq.result_status(found) == CB_PQ_TUPLES_OK ? cb_pq.row_count(found) : -1;
    cb_pq.clear(found);
    return count;
}

cb_result cb_postgres_keys_check(
    const cb_batch *batch, const uint32_t *order, uint64_t order_count) {
    cb_result result = {.event_count = order_count};
    pg_conn *connection = cb_pq_open();
    CB_TRY(connection == NULL ? ECONNREFUSED : 0);
    CB_TRY(cb_pq_prepare(connection, "select_key", select_key));
    const uint64_t start = cb_now_ns();
    for (uint64_t index = 0; index < order_count; index++) {
        int count = look_up(connection, batch, order[index]);
        CB_TRY(count < 0 ? EPROTO : 0);
        if (count == 1) {
            result.hash += cb_key_hash(batch->keys + order[index] * CB_KEY_BYTE_COUNT);
        }
    }
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
end:
    if (connection != NULL) cb_pq.finish(connection);
    return result;
}

static const char select_range[] =
    "SELECT idempotency_key FROM cairn_keys"
    " WHERE idempotency_key BETWEEN $1 AND $2 AND status = 'SENT'";

cb_result cb_postgres_keys_ranges(const cb_batch *batch, uint64_t range_length) {
    cb_result result = {.event_count = batch->count};
    pg_conn *connection = cb_pq_open();
    CB_TRY(connection == NULL ? ECONNREFUSED : 0);
    CB_TRY(cb_pq_prepare(connection, "select_range", select_range));
    const uint64_t start = cb_now_ns();
    for (uint64_t first = 0; first < batch->count; first += range_length) {
        uint64_t end = first + range_length < batch->count ? first + range_length : batch->count;
        char first_text[CB_KEY_BYTE_COUNT + 1], last_text[CB_KEY_BYTE_COUNT + 1];
        const char *values[] = {first_text, last_text};
        key_text(batch, first, first_text);
        key_text(batch, end - 1, last_text);
        pg_result *found =
            cb_pq.exec_prepared(connection, "select_range", 2, values, NULL, NULL, 0);
        for (int row = 0; row < cb_pq.row_count(found); row++) {
            result.hash += cb_key_hash((const uint8_t *)cb_pq.value(found, row, 0));
        }
        CB_TRY(cb_pq_finish_result(found));
    }
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
end:
    if (connection != NULL) cb_pq.finish(connection);
    return result;
}

cb_result cb_postgres_resume(const cb_batch *batch) {
    cb_result result = {.event_count = batch->done_count};
    uint64_t done_count = 0;
    const uint64_t start = cb_now_ns();
    pg_conn *connection = cb_pq_open();
    CB_TRY(connection == NULL ? ECONNREFUSED : 0);
    CB_TRY(cb_pq_prepare(connection, "select_key", select_key));
    CB_TRY(cb_pq_prepare(connection, "insert_key", insert_key));
    for (; done_count < batch->count; done_count++) {
        int count = look_up(connection, batch, done_count);
        CB_TRY(count < 0 ? EPROTO : 0);
        if (count == 0) break;
    }
    char text[CB_KEY_BYTE_COUNT + 1];
    const char *values[] = {text};
    key_text(batch, done_count, text);
    CB_TRY(cb_pq_finish_result(cb_pq.exec_prepared(connection, "insert_key", 1, values, NULL, NULL, 0)));
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    result.hash = cb_resume_hash(done_count, batch->keys + done_count * CB_KEY_BYTE_COUNT);
end:
    if (connection != NULL) cb_pq.finish(connection);
    return result;
}

typedef struct {
    uint64_t item, step_count;
    pg_conn *connection;
    uint64_t *latencies_ns;
    int code;
} step_worker;

static void *run_steps(void *argument) {
    step_worker *worker = argument;
    for (uint64_t step = 0; step < worker->step_count && worker->code == 0; step++) {
        char item_text[24], step_text[24];
        const char *values[] = {item_text, step_text};
        snprintf(item_text, sizeof item_text, "%llu", (unsigned long long)worker->item);
        snprintf(step_text, sizeof step_text, "%llu", (unsigned long long)step);
        const uint64_t start = cb_now_ns();
        worker->code = cb_pq_finish_result(
            cb_pq.exec_prepared(worker->connection, "insert_step", 2, values, NULL, NULL, 0));
        worker->latencies_ns[step] = cb_now_ns() - start;
    }
    return NULL;
}

static int sum_steps(pg_conn *connection, uint64_t *hash) {
    pg_result *rows = cb_pq.exec(connection, "SELECT item, step, result FROM cairn_steps");
    if (cb_pq.result_status(rows) != CB_PQ_TUPLES_OK) return cb_pq_finish_result(rows);
    for (int row = 0; row < cb_pq.row_count(rows); row++) {
        *hash += cb_step_hash(
            strtoull(cb_pq.value(rows, row, 0), NULL, 10),
            strtoull(cb_pq.value(rows, row, 1), NULL, 10),
            strtoull(cb_pq.value(rows, row, 2), NULL, 10));
    }
    return cb_pq_finish_result(rows);
}

cb_result cb_postgres_steps(uint64_t item_count, uint64_t step_count, uint64_t *latencies_ns) {
    cb_result result = {.event_count = item_count * step_count};
    step_worker *workers = calloc(item_count, sizeof *workers);
    pthread_t *threads = calloc(item_count, sizeof *threads);
    pg_conn *connection = cb_pq_open();
    CB_TRY(connection == NULL || workers == NULL || threads == NULL ? ECONNREFUSED : 0);
    CB_TRY(cb_pq_run(connection, "DROP TABLE IF EXISTS cairn_steps"));
    CB_TRY(cb_pq_run(connection,
        "CREATE TABLE cairn_steps (item BIGINT, step BIGINT, name TEXT, result BIGINT,"
        " PRIMARY KEY (item, step))"));
    for (uint64_t item = 0; item < item_count; item++) {
        workers[item] = (step_worker){
            item, step_count, cb_pq_open(), latencies_ns + item * step_count, 0};
        CB_TRY(workers[item].connection == NULL ? ECONNREFUSED : 0);
        CB_TRY(cb_pq_prepare(workers[item].connection, "insert_step",
            "INSERT INTO cairn_steps VALUES ($1, $2, 'step', $2)"));
    }
    const uint64_t start = cb_now_ns();
    for (uint64_t item = 0; item < item_count; item++) {
        CB_TRY(pthread_create(&threads[item], NULL, run_steps, &workers[item]));
    }
    for (uint64_t item = 0; item < item_count; item++) {
        pthread_join(threads[item], NULL);
        CB_TRY(workers[item].code);
    }
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    CB_TRY(sum_steps(connection, &result.hash));
end:
    for (uint64_t item = 0; workers != NULL && item < item_count; item++) {
        if (workers[item].connection != NULL) cb_pq.finish(workers[item].connection);
    }
    if (connection != NULL) cb_pq.finish(connection);
    free(workers);
    free(threads);
    return result;
}
