#include "cb_machine.h"
#include "cb_store.h"

enum { PRELOAD_EVENTS_PER_COMMIT = 10000 };

static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

cb_result cb_lmdb_append(
    const cb_workload *workload, const char *directory, cb_append_options options) {
    cb_result result = {.event_count = options.measured_count};
    cb_store store = {0};
    const uint64_t total = options.preloaded_count + options.measured_count;
    CB_TRY(cb_store_open(&store, directory, true));
    for (uint64_t first = 0; first < options.preloaded_count;) {
        uint64_t count = smaller(PRELOAD_EVENTS_PER_COMMIT, options.preloaded_count - first);
        CB_TRY(cb_store_commit(&store, workload, first, count, options.layout, options.trees));
        first += count;
    }
    const uint64_t start = cb_now_ns();
    uint64_t commit_start = start, commit_index = 0;
    for (uint64_t first = options.preloaded_count; first < total;) {
        uint64_t count = smaller(options.events_per_commit, total - first);
        CB_TRY(cb_store_commit(&store, workload, first, count, options.layout, options.trees));
        first += count;
        if (options.commit_ns != NULL) {
            uint64_t now = cb_now_ns();
            options.commit_ns[commit_index++] = now - commit_start;
            commit_start = now;
        }
    }
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    // What was written is read back through a new environment.
    cb_store_close(&store);
    CB_TRY(cb_store_open(&store, directory, false));
    CB_TRY(cb_store_verify(&store, options.layout, workload->start, total, &result.hash));
end:
    cb_store_close(&store);
    return result;
}
