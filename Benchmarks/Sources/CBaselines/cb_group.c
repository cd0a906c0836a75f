#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "cb_crowd.h"
#include "cb_machine.h"
#include "cb_store.h"

// Callers queue the index of one event and sleep until the writer has committed the batch that
// took it. While one batch is flushed the next one gathers: that is all group commit is.
typedef struct {
    const cb_workload *workload;
    const cb_store *store;
    uint64_t thread_count;
    pthread_mutex_t mutex;
    pthread_cond_t work_arrived;
    pthread_cond_t batch_committed;
    uint64_t *queue;
    uint64_t queue_count;
    uint64_t gathering_batch;  // the batch that queued events will belong to
    uint64_t committed_batch;
    bool finished;
    int code;
} group;

static int commit_batch(
    group *group, const uint64_t *indexes, uint64_t count, uint64_t first_position) {
    MDB_txn *transaction = NULL;
    int code = mdb_txn_begin(group->store->env, NULL, 0, &transaction);
    if (code != 0) return code;
    for (uint64_t index = 0; code == 0 && index < count; index++) {
        uint64_t position = first_position + index;
        MDB_val key = {sizeof position, &position};
        MDB_val value = {
            CB_RECORD_BYTE_COUNT,
            (void *)(group->workload->records + indexes[index] * CB_RECORD_BYTE_COUNT),
        };
        code = mdb_put(transaction, group->store->journal, &key, &value, MDB_APPEND);
    }
    if (code == 0) return mdb_txn_commit(transaction);
    mdb_txn_abort(transaction);
    return code;
}

static void *run_writer(void *argument) {
    group *group = argument;
    // Each caller has at most one event outstanding, so two queues of that size are enough.
    uint64_t *spare = calloc(group->thread_count, sizeof *spare);
    uint64_t next_position = 1;
    pthread_mutex_lock(&group->mutex);
    if (spare == NULL) group->code = ENOMEM;
    for (;;) {
        while (group->queue_count == 0 && !group->finished) {
            pthread_cond_wait(&group->work_arrived, &group->mutex);
        }
        if (group->queue_count == 0) break;
        if (group->code != 0) {
            // The callers are released; the run reports the code.
            group->queue_count = 0;
            group->committed_batch = group->gathering_batch++;
            pthread_cond_broadcast(&group->batch_committed);
            continue;
        }
        uint64_t *indexes = group->queue;
        uint64_t count = group->queue_count, batch = group->gathering_batch++;
        group->queue = spare;
        group->queue_count = 0;
        pthread_mutex_unlock(&group->mutex);
        int code = commit_batch(group, indexes, count, next_position);
        next_position += count;
        pthread_mutex_lock(&group->mutex);
        spare = indexes;
        if (code != 0) group->code = code;
        group->committed_batch = batch;
        pthread_cond_broadcast(&group->batch_committed);
    }
    pthread_mutex_unlock(&group->mutex);
    free(spare);
    return NULL;
}

static int append_one(void *context, uint64_t caller, uint64_t index) {
    (void)caller;
    group *group = context;
    pthread_mutex_lock(&group->mutex);
    group->queue[group->queue_count++] = index;
    uint64_t batch = group->gathering_batch;
    if (group->queue_count == 1) pthread_cond_signal(&group->work_arrived);
    while (group->committed_batch < batch) {
        pthread_cond_wait(&group->batch_committed, &group->mutex);
    }
    pthread_mutex_unlock(&group->mutex);
    return 0;
}

static int run_threads(group *group, cb_crowd *crowd, uint64_t *latencies_ns) {
    pthread_t writer;
    int code = pthread_create(&writer, NULL, run_writer, group);
    if (code != 0) return code;
    code = cb_crowd_run(crowd, append_one, group, latencies_ns);
    pthread_mutex_lock(&group->mutex);
    group->finished = true;
    pthread_cond_signal(&group->work_arrived);
    pthread_mutex_unlock(&group->mutex);
    pthread_join(writer, NULL);
    return code != 0 ? code : group->code;
}

cb_result cb_lmdb_group_commit(
    const cb_workload *workload, const char *directory, uint64_t event_count,
    uint64_t thread_count, uint64_t *latencies_ns) {
    cb_result result = {.event_count = event_count};
    cb_store store = {0};
    group group = {
        .workload = workload,
        .store = &store,
        .thread_count = thread_count,
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .work_arrived = PTHREAD_COND_INITIALIZER,
        .batch_committed = PTHREAD_COND_INITIALIZER,
        .queue = calloc(thread_count, sizeof(uint64_t)),
        .gathering_batch = 1,
    };
    cb_crowd *crowd = cb_crowd_create(workload, event_count, thread_count);
    CB_TRY(group.queue == NULL || crowd == NULL ? ENOMEM : 0);
    CB_TRY(cb_store_open(&store, directory, true));
    const uint64_t start = cb_now_ns();
    CB_TRY(run_threads(&group, crowd, latencies_ns));
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    cb_store_close(&store);
    CB_TRY(cb_store_open(&store, directory, false));
    CB_TRY(cb_store_verify(&store, CB_LAYOUT_ONE_PER_EVENT, 0, event_count, &result.hash));
end:
    cb_store_close(&store);
    cb_crowd_destroy(crowd);
    free(group.queue);
    return result;
}
