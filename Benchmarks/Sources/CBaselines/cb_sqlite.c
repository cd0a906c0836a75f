#include "cb_sqlite.h"

#include <errno.h>
#include <pthread.h>

#include "cb_crowd.h"
#include "cb_machine.h"
#include "cb_table.h"

enum { PRELOAD_EVENTS_PER_COMMIT = 10000, TIMELINE_EVENT_COUNT_MAX = 4096 };

static const char everything[] = "SELECT " CB_TABLE_COLUMNS " FROM event_tracker ORDER BY id";
static const char timeline[] =
    "SELECT " CB_TABLE_COLUMNS " FROM event_tracker WHERE pagw_id = ? ORDER BY sequence_no";

static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

typedef struct {
    sqlite3 *database;
    sqlite3_stmt *begin, *insert, *commit;
} appender;

static int commit_batch(
    appender *appender, const cb_workload *workload, uint64_t first, uint64_t count) {
    int code = sqlite3_step(appender->begin);
    sqlite3_reset(appender->begin);
    if (code != SQLITE_DONE) return code;
    for (uint64_t index = first; index < first + count; index++) {
        code = cb_table_insert(
            appender->insert, workload->records + index * CB_RECORD_BYTE_COUNT);
        if (code != 0) return code;
    }
    code = sqlite3_step(appender->commit);
    sqlite3_reset(appender->commit);
    return code == SQLITE_DONE ? 0 : code;
}

static int verify(sqlite3 *database, uint64_t event_count, uint64_t *hash) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database, everything, -1, &statement, NULL);
    if (code != SQLITE_OK) return code;
    cb_verifier *verifier = cb_verifier_create();
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        uint8_t record[CB_RECORD_BYTE_COUNT];
        cb_table_read(statement, record);
        cb_verifier_add(verifier, record);
    }
    if (code == SQLITE_DONE) code = cb_verifier_count(verifier) == event_count ? 0 : EBADMSG;
    *hash = cb_verifier_hash(verifier);
    cb_verifier_destroy(verifier);
    sqlite3_finalize(statement);
    return code;
}

cb_result cb_sqlite_append(
    const cb_workload *workload, const char *directory, cb_append_options options) {
    cb_result result = {.event_count = options.measured_count};
    appender appender = {0};
    const uint64_t total = options.preloaded_count + options.measured_count;
    CB_TRY(cb_table_open(&appender.database, directory));
    sqlite3 *database = appender.database;
    if (options.every_index) CB_TRY(cb_table_add_indexes(database));
    CB_TRY(sqlite3_prepare_v2(database, "BEGIN IMMEDIATE", -1, &appender.begin, NULL));
    CB_TRY(sqlite3_prepare_v2(database, "COMMIT", -1, &appender.commit, NULL));
    CB_TRY(cb_table_prepare_insert(database, &appender.insert));
    for (uint64_t first = 0; first < options.preloaded_count;) {
        uint64_t count = smaller(PRELOAD_EVENTS_PER_COMMIT, options.preloaded_count - first);
        CB_TRY(commit_batch(&appender, workload, first, count));
        first += count;
    }
    const uint64_t start = cb_now_ns();
    uint64_t commit_start = start, commit_index = 0;
    for (uint64_t first = options.preloaded_count; first < total;) {
        uint64_t count = smaller(options.events_per_commit, total - first);
        CB_TRY(commit_batch(&appender, workload, first, count));
        first += count;
        if (options.commit_ns != NULL) {
            uint64_t now = cb_now_ns();
            options.commit_ns[commit_index++] = now - commit_start;
            commit_start = now;
        }
    }
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    CB_TRY(verify(database, total, &result.hash));
end:
    sqlite3_finalize(appender.begin);
    sqlite3_finalize(appender.commit);
    sqlite3_finalize(appender.insert);
    // The last close checkpoints and removes the WAL.
    sqlite3_close(appender.database);
    return result;
}

typedef struct {
    const cb_workload *workload;
    sqlite3_stmt *insert;
    pthread_mutex_t mutex;
} group;

static int append_one(void *context, uint64_t caller, uint64_t index) {
    (void)caller;
    group *group = context;
    pthread_mutex_lock(&group->mutex);
    int code = cb_table_insert(
        group->insert, group->workload->records + index * CB_RECORD_BYTE_COUNT);
    pthread_mutex_unlock(&group->mutex);
    return code;
}

cb_result cb_sqlite_group(
    const cb_workload *workload, const char *directory, uint64_t event_count,
    uint64_t caller_count, uint64_t *latencies_ns) {
    cb_result result = {.event_count = event_count};
    group group = {.workload = workload, .mutex = PTHREAD_MUTEX_INITIALIZER};
    sqlite3 *database = NULL;
    cb_crowd *crowd = cb_crowd_create(workload, event_count, caller_count);
    CB_TRY(crowd == NULL ? ENOMEM : 0);
    CB_TRY(cb_table_open(&database, directory));
    CB_TRY(cb_table_prepare_insert(database, &group.insert));
    const uint64_t start = cb_now_ns();
    CB_TRY(cb_crowd_run(crowd, append_one, &group, latencies_ns));
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    CB_TRY(verify(database, event_count, &result.hash));
end:
    sqlite3_finalize(group.insert);
    sqlite3_close(database);
    cb_crowd_destroy(crowd);
    return result;
}

int cb_sqlite_create(const char *directory) {
    sqlite3 *database = NULL;
    int code = cb_table_open(&database, directory);
    sqlite3_close(database);
    return code;
}

cb_result cb_sqlite_contents(const char *directory, uint64_t event_count) {
    cb_result result = {.event_count = event_count};
    sqlite3 *database = NULL;
    CB_TRY(cb_table_open(&database, directory));
    CB_TRY(verify(database, event_count, &result.hash));
end:
    sqlite3_close(database);
    return result;
}

cb_result cb_sqlite_replay(const char *directory) {
    cb_result result = {0};
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;
    cb_fold *fold = NULL;
    int code;
    CB_TRY(cb_table_open(&database, directory));
    CB_TRY(sqlite3_prepare_v2(database, everything, -1, &statement, NULL));
    const uint64_t start = cb_now_ns();
    fold = cb_fold_create();
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        cb_header header = cb_table_read_header(statement);
        cb_fold_apply(fold, &header);
        result.event_count++;
    }
    CB_TRY(code == SQLITE_DONE ? 0 : code);
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    result.hash = cb_fold_hash(fold);
end:
    cb_fold_destroy(fold);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return result;
}

cb_result cb_sqlite_timelines(
    const char *directory, const uint64_t *streams, uint64_t stream_count,
    uint64_t *latencies_ns) {
    static uint8_t records[TIMELINE_EVENT_COUNT_MAX * CB_RECORD_BYTE_COUNT];
    cb_result result = {0};
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;
    CB_TRY(cb_table_open(&database, directory));
    CB_TRY(sqlite3_prepare_v2(database, timeline, -1, &statement, NULL));
    for (uint64_t index = 0; index < stream_count; index++) {
        char request_id[CB_REQUEST_ID_LENGTH];
        uint64_t count = 0;
        int code;
        cb_request_id(streams[index], request_id);
        const uint64_t start = cb_now_ns();
        sqlite3_bind_text(statement, 1, request_id, CB_REQUEST_ID_LENGTH, SQLITE_STATIC);
        while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
            if (count == TIMELINE_EVENT_COUNT_MAX) break;
            cb_table_read(statement, records + count++ * CB_RECORD_BYTE_COUNT);
        }
        sqlite3_reset(statement);
        latencies_ns[index] = cb_now_ns() - start;
        CB_TRY(code == SQLITE_DONE ? 0 : code);
        result.seconds += (double)latencies_ns[index] / 1e9;
        result.event_count += count;
        result.hash += cb_records_hash(records, count);
    }
end:
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return result;
}
