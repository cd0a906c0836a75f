#include <errno.h>
#include <string.h>

#include "cb_machine.h"
#include "cb_store.h"

enum { TIMELINE_EVENT_COUNT_MAX = 4096 };

static int read_positions(
    MDB_txn *transaction, MDB_dbi streams, uint64_t stream, uint64_t count_max,
    uint64_t *positions, uint64_t *count) {
    MDB_cursor *cursor = NULL;
    int code = mdb_cursor_open(transaction, streams, &cursor);
    if (code != 0) return code;
    MDB_val key = {sizeof stream, &stream};
    MDB_val value;
    *count = 0;
    code = mdb_cursor_get(cursor, &key, &value, MDB_SET_KEY);
    if (code == 0) code = mdb_cursor_get(cursor, &key, &value, MDB_GET_MULTIPLE);
    while (code == 0) {
        uint64_t found_count = value.mv_size / sizeof *positions;
        if (*count + found_count > count_max) {
            code = E2BIG;
            break;
        }
        memcpy(positions + *count, value.mv_data, value.mv_size);
        *count += found_count;
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT_MULTIPLE);
    }
    mdb_cursor_close(cursor);
    return code == MDB_NOTFOUND ? 0 : code;
}

int cb_store_read_stream(
    const cb_store *store, uint64_t stream, uint64_t count_max, uint8_t *records,
    uint64_t *count) {
    uint64_t positions[TIMELINE_EVENT_COUNT_MAX];
    if (count_max > TIMELINE_EVENT_COUNT_MAX) return E2BIG;
    MDB_txn *transaction = NULL;
    int code = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &transaction);
    if (code != 0) return code;
    code = read_positions(transaction, store->streams, stream, count_max, positions, count);
    for (uint64_t index = 0; code == 0 && index < *count; index++) {
        MDB_val key = {sizeof positions[index], &positions[index]};
        MDB_val value;
        code = mdb_get(transaction, store->journal, &key, &value);
        if (code == 0) {
            memcpy(records + index * CB_RECORD_BYTE_COUNT, value.mv_data, CB_RECORD_BYTE_COUNT);
        }
    }
    mdb_txn_abort(transaction);
    return code;
}

cb_result cb_lmdb_timelines(
    const char *directory, const uint64_t *streams, uint64_t stream_count,
    uint64_t *latencies_ns) {
    static uint8_t records[TIMELINE_EVENT_COUNT_MAX * CB_RECORD_BYTE_COUNT];
    cb_result result = {0};
    cb_store store = {0};
    CB_TRY(cb_store_open(&store, directory, false));
    for (uint64_t index = 0; index < stream_count; index++) {
        uint64_t count = 0;
        const uint64_t start = cb_now_ns();
        CB_TRY(cb_store_read_stream(
            &store, streams[index], TIMELINE_EVENT_COUNT_MAX, records, &count));
        latencies_ns[index] = cb_now_ns() - start;
        result.seconds += (double)latencies_ns[index] / 1e9;
        result.event_count += count;
        result.hash += cb_records_hash(records, count);
    }
end:
    cb_store_close(&store);
    return result;
}

cb_result cb_lmdb_open(const char *directory) {
    cb_result result = {0};
    cb_store store = {0};
    MDB_txn *transaction = NULL;
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    const uint64_t start = cb_now_ns();
    CB_TRY(cb_store_open(&store, directory, true));
    CB_TRY(mdb_txn_begin(store.env, NULL, MDB_RDONLY, &transaction));
    CB_TRY(mdb_cursor_open(transaction, store.journal, &cursor));
    CB_TRY(mdb_cursor_get(cursor, &key, &value, MDB_LAST));
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    result.event_count = 1;
    result.hash = cb_records_hash(value.mv_data, 1);
end:
    if (cursor != NULL) mdb_cursor_close(cursor);
    if (transaction != NULL) mdb_txn_abort(transaction);
    cb_store_close(&store);
    return result;
}
