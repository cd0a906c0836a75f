#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cb_machine.h"
#include "cb_store.h"

// Callers queue the index of one event and sleep until the writer has committed the batch that
// took it. While one batch is flushed the next one gathers: that is all group commit is.
typedef struct {
    const cb_workload *workload;
    const cb_store *store;
    uint64_t event_count;
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

// A caller owns whole requests, so that the order within a request does not depend on timing.
typedef struct {
    group *group;
    uint64_t *indexes;
    uint64_t index_count;
} caller;

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

static void *run_caller(void *argument) {
    caller *self = argument;
    group *group = self->group;
    for (uint64_t done = 0; done < self->index_count; done++) {
        pthread_mutex_lock(&group->mutex);
        group->queue[group->queue_count++] = self->indexes[done];
        uint64_t batch = group->gathering_batch;
        if (group->queue_count == 1) pthread_cond_signal(&group->work_arrived);
        while (group->committed_batch < batch) {
            pthread_cond_wait(&group->batch_committed, &group->mutex);
        }
        pthread_mutex_unlock(&group->mutex);
    }
    return NULL;
}

// Deals the events out by stream; every list has room for all of them.
static caller *make_callers(group *group) {
    caller *callers = calloc(group->thread_count, sizeof *callers);
    uint64_t *indexes = calloc(group->thread_count * group->event_count, sizeof *indexes);
    if (callers == NULL || indexes == NULL) {
        free(callers);
        free(indexes);
        return NULL;
    }
    for (uint64_t number = 0; number < group->thread_count; number++) {
        callers[number] = (caller){group, indexes + number * group->event_count, 0};
    }
    for (uint64_t index = 0; index < group->event_count; index++) {
        uint64_t stream;
        memcpy(
            &stream, group->workload->records + index * CB_RECORD_BYTE_COUNT, sizeof stream);
        caller *caller = &callers[stream % group->thread_count];
        caller->indexes[caller->index_count++] = index;
    }
    return callers;
}

static void destroy_callers(caller *callers) {
    if (callers != NULL) free(callers[0].indexes);
    free(callers);
}

static int run_threads(group *group, caller *callers) {
    pthread_t writer;
    pthread_t *threads = calloc(group->thread_count, sizeof *threads);
    int code = threads == NULL ? ENOMEM : 0;
    uint64_t started_count = 0;
    if (code == 0) code = pthread_create(&writer, NULL, run_writer, group);
    bool writer_started = code == 0;
    while (code == 0 && started_count < group->thread_count) {
        code = pthread_create(
            &threads[started_count], NULL, run_caller, &callers[started_count]);
        if (code == 0) started_count++;
    }
    for (uint64_t number = 0; number < started_count; number++) {
        pthread_join(threads[number], NULL);
    }
    if (writer_started) {
        pthread_mutex_lock(&group->mutex);
        group->finished = true;
        pthread_cond_signal(&group->work_arrived);
        pthread_mutex_unlock(&group->mutex);
        pthread_join(writer, NULL);
    }
    free(threads);
    return code != 0 ? code : group->code;
}

cb_result cb_lmdb_group_commit(
    const cb_workload *workload, const char *directory, uint64_t event_count,
    uint64_t thread_count) {
    cb_result result = {.event_count = event_count};
    cb_store store = {0};
    group group = {
        .workload = workload,
        .store = &store,
        .event_count = event_count,
        .thread_count = thread_count,
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .work_arrived = PTHREAD_COND_INITIALIZER,
        .batch_committed = PTHREAD_COND_INITIALIZER,
        .queue = calloc(thread_count, sizeof(uint64_t)),
        .gathering_batch = 1,
    };
    caller *callers = make_callers(&group);
    CB_TRY(group.queue == NULL || callers == NULL ? ENOMEM : 0);
    CB_TRY(cb_store_open(&store, directory, true));
    const uint64_t start = cb_now_ns();
    CB_TRY(run_threads(&group, callers));
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    cb_store_close(&store);
    CB_TRY(cb_store_open(&store, directory, false));
    CB_TRY(cb_store_verify(&store, CB_LAYOUT_ONE_PER_EVENT, event_count, &result.hash));
end:
    cb_store_close(&store);
    destroy_callers(callers);
    free(group.queue);
    return result;
}
