#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "cb_crowd.h"
#include "cb_fold_table.h"
#include "cb_machine.h"
#include "cb_rocks_store.h"

enum { PRELOAD_EVENTS_PER_COMMIT = 10000, TIMELINE_EVENT_COUNT_MAX = 4096 };

static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

cb_result cb_rocksdb_append(
    const cb_workload *workload, const char *directory, cb_append_options options) {
    cb_result result = {.event_count = options.measured_count};
    cb_rocks_store store = {0};
    const uint64_t total = options.preloaded_count + options.measured_count;
    CB_TRY(cb_rocks_store_open(&store, directory));
    for (uint64_t first = 0; first < options.preloaded_count;) {
        uint64_t count = smaller(PRELOAD_EVENTS_PER_COMMIT, options.preloaded_count - first);
        CB_TRY(cb_rocks_store_commit(&store, workload, first, count, first + 1));
        first += count;
    }
    const uint64_t start = cb_now_ns();
    uint64_t commit_start = start, commit_index = 0;
    for (uint64_t first = options.preloaded_count; first < total;) {
        uint64_t count = smaller(options.events_per_commit, total - first);
        CB_TRY(cb_rocks_store_commit(&store, workload, first, count, first + 1));
        first += count;
        if (options.commit_ns != NULL) {
            uint64_t now = cb_now_ns();
            options.commit_ns[commit_index++] = now - commit_start;
            commit_start = now;
        }
    }
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    // What was written is read back through a new database, from its log where it is still there.
    cb_rocks_store_close(&store);
    CB_TRY(cb_rocks_store_open(&store, directory));
    CB_TRY(cb_rocks_store_verify(&store, total, &result.hash));
end:
    cb_rocks_store_close(&store);
    return result;
}

typedef struct {
    const cb_workload *workload;
    const cb_rocks_store *store;
    // A caller takes its position before it writes: a reader may see a later one first, which a
    // journal without gaps must not show. That favours RocksDB.
    _Atomic uint64_t next_position;
} group;

static int append_one(void *context, uint64_t caller, uint64_t index) {
    (void)caller;
    group *group = context;
    const uint64_t position = atomic_fetch_add(&group->next_position, 1);
    return cb_rocks_store_commit(group->store, group->workload, index, 1, position);
}

cb_result cb_rocksdb_group(
    const cb_workload *workload, const char *directory, uint64_t event_count,
    uint64_t caller_count, uint64_t *latencies_ns) {
    cb_result result = {.event_count = event_count};
    cb_rocks_store store = {0};
    group group = {workload, &store, 1};
    cb_crowd *crowd = cb_crowd_create(workload, event_count, caller_count);
    CB_TRY(crowd == NULL ? ENOMEM : 0);
    CB_TRY(cb_rocks_store_open(&store, directory));
    const uint64_t start = cb_now_ns();
    CB_TRY(cb_crowd_run(crowd, append_one, &group, latencies_ns));
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    cb_rocks_store_close(&store);
    CB_TRY(cb_rocks_store_open(&store, directory));
    CB_TRY(cb_rocks_store_verify(&store, event_count, &result.hash));
end:
    cb_rocks_store_close(&store);
    cb_crowd_destroy(crowd);
    return result;
}

cb_result cb_rocksdb_replay(const char *directory) {
    cb_result result = {0};
    cb_rocks_store store = {0};
    rocks_iterator *iterator = NULL;
    cb_fold *fold = NULL;
    char *error = NULL;
    CB_TRY(cb_rocks_store_open(&store, directory));
    const uint64_t start = cb_now_ns();
    fold = cb_fold_create();
    iterator =
        cb_rocks.iterator_create(store.database, store.reading, store.families[CB_ROCKS_JOURNAL]);
    for (cb_rocks.seek_to_first(iterator); cb_rocks.is_valid(iterator); cb_rocks.next(iterator)) {
        size_t length;
        cb_header header;
        memcpy(&header, cb_rocks.value(iterator, &length), sizeof header);
        cb_fold_apply_inline(fold, &header);
        result.event_count++;
    }
    cb_rocks.iterator_error(iterator, &error);
    CB_TRY(cb_rocks_code(error));
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    result.hash = cb_fold_hash(fold);
end:
    cb_fold_destroy(fold);
    if (iterator != NULL) cb_rocks.iterator_destroy(iterator);
    cb_rocks_store_close(&store);
    return result;
}

static int get_record(const cb_rocks_store *store, const char *place, uint8_t *record) {
    char *error = NULL;
    size_t length;
    rocks_slice *found = cb_rocks.get(
        store->database, store->reading, store->families[CB_ROCKS_JOURNAL], place,
        CB_ROCKS_POSITION_LENGTH, &error);
    int code = cb_rocks_code(error);
    if (code != 0 || found == NULL) return code != 0 ? code : EBADMSG;
    const char *bytes = cb_rocks.slice_value(found, &length);
    if (length == CB_RECORD_BYTE_COUNT) memcpy(record, bytes, length);
    cb_rocks.slice_destroy(found);
    return length == CB_RECORD_BYTE_COUNT ? 0 : EBADMSG;
}

static int read_timeline(
    const cb_rocks_store *store, uint64_t stream, uint8_t *records, uint64_t *count) {
    char request_id[CB_REQUEST_ID_LENGTH];
    int code = 0;
    cb_request_id(stream, request_id);
    rocks_iterator *iterator = cb_rocks.iterator_create(
        store->database, store->reading, store->families[CB_ROCKS_SEQUENCES]);
    for (cb_rocks.seek(iterator, request_id, sizeof request_id);
         code == 0 && cb_rocks.is_valid(iterator) && *count < TIMELINE_EVENT_COUNT_MAX;
         cb_rocks.next(iterator)) {
        size_t length;
        if (memcmp(cb_rocks.key(iterator, &length), request_id, sizeof request_id) != 0) break;
        code = get_record(
            store, cb_rocks.value(iterator, &length), records + *count * CB_RECORD_BYTE_COUNT);
        ++*count;
    }
    char *error = NULL;
    cb_rocks.iterator_error(iterator, &error);
    cb_rocks.iterator_destroy(iterator);
    int iterating = cb_rocks_code(error);
    return code != 0 ? code : iterating;
}

cb_result cb_rocksdb_timelines(
    const char *directory, const uint64_t *streams, uint64_t stream_count,
    uint64_t *latencies_ns) {
    static uint8_t records[TIMELINE_EVENT_COUNT_MAX * CB_RECORD_BYTE_COUNT];
    cb_result result = {0};
    cb_rocks_store store = {0};
    CB_TRY(cb_rocks_store_open(&store, directory));
    for (uint64_t index = 0; index < stream_count; index++) {
        uint64_t count = 0;
        const uint64_t start = cb_now_ns();
        CB_TRY(read_timeline(&store, streams[index], records, &count));
        latencies_ns[index] = cb_now_ns() - start;
        result.seconds += (double)latencies_ns[index] / 1e9;
        result.event_count += count;
        result.hash += cb_records_hash(records, count);
    }
end:
    cb_rocks_store_close(&store);
    return result;
}
