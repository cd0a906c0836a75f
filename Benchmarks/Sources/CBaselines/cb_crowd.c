#include "cb_crowd.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cb_machine.h"

typedef struct {
    const uint64_t *indexes;
    uint64_t index_count;
    uint64_t number;
    pthread_t thread;
    cb_append_one append;
    void *context;
    uint64_t *latencies_ns;
    int code;
} caller;

struct cb_crowd {
    caller *callers;
    uint64_t caller_count;
    uint64_t *indexes;  // those of one caller behind those of another
};

static uint64_t owner(const cb_workload *workload, uint64_t index, uint64_t caller_count) {
    uint64_t stream;
    memcpy(&stream, workload->records + index * CB_RECORD_BYTE_COUNT, sizeof stream);
    return stream % caller_count;
}

cb_crowd *cb_crowd_create(
    const cb_workload *workload, uint64_t event_count, uint64_t caller_count) {
    cb_crowd *crowd = calloc(1, sizeof *crowd);
    if (crowd == NULL) return NULL;
    crowd->caller_count = caller_count;
    crowd->callers = calloc(caller_count, sizeof *crowd->callers);
    crowd->indexes = calloc(event_count, sizeof *crowd->indexes);
    uint64_t *ends = calloc(caller_count, sizeof *ends);
    if (crowd->callers == NULL || crowd->indexes == NULL || ends == NULL) {
        free(ends);
        cb_crowd_destroy(crowd);
        return NULL;
    }
    for (uint64_t index = 0; index < event_count; index++) {
        crowd->callers[owner(workload, index, caller_count)].index_count++;
    }
    uint64_t start = 0;
    for (uint64_t number = 0; number < caller_count; number++) {
        crowd->callers[number].number = number;
        crowd->callers[number].indexes = crowd->indexes + start;
        ends[number] = start;
        start += crowd->callers[number].index_count;
    }
    for (uint64_t index = 0; index < event_count; index++) {
        crowd->indexes[ends[owner(workload, index, caller_count)]++] = index;
    }
    free(ends);
    return crowd;
}

void cb_crowd_destroy(cb_crowd *crowd) {
    if (crowd == NULL) return;
    free(crowd->callers);
    free(crowd->indexes);
    free(crowd);
}

static void *run_caller(void *argument) {
    caller *self = argument;
    for (uint64_t done = 0; done < self->index_count && self->code == 0; done++) {
        const uint64_t index = self->indexes[done];
        const uint64_t start = cb_now_ns();
        self->code = self->append(self->context, self->number, index);
        if (self->latencies_ns != NULL) self->latencies_ns[index] = cb_now_ns() - start;
    }
    return NULL;
}

int cb_crowd_run(
    cb_crowd *crowd, cb_append_one append, void *context, uint64_t *latencies_ns) {
    uint64_t started_count = 0;
    int code = 0;
    while (code == 0 && started_count < crowd->caller_count) {
        caller *caller = &crowd->callers[started_count];
        caller->append = append;
        caller->context = context;
        caller->latencies_ns = latencies_ns;
        caller->code = 0;
        code = pthread_create(&caller->thread, NULL, run_caller, caller);
        if (code == 0) started_count++;
    }
    // Nothing is freed while a thread may use it.
    for (uint64_t number = 0; number < started_count; number++) {
        pthread_join(crowd->callers[number].thread, NULL);
        if (code == 0) code = crowd->callers[number].code;
    }
    return code;
}
