#ifndef CB_CROWD_H
#define CB_CROWD_H

#include <stdint.h>

#include "cb_workload.h"

// Callers with a thread each, who append one event at a time and wait until it is durable. A caller
// owns whole requests, so that the order within a request does not depend on timing.
typedef struct cb_crowd cb_crowd;

// Appends the event at `index` of the workload durably; 0, or why not.
typedef int (*cb_append_one)(void *context, uint64_t caller, uint64_t index);

// Deals the workload's first events out; null where there is no memory for it.
cb_crowd *cb_crowd_create(
    const cb_workload *workload, uint64_t event_count, uint64_t caller_count);
void cb_crowd_destroy(cb_crowd *crowd);

// Has all callers append what is theirs, and waits for them; the first code that is not 0 ends
// its caller and is returned. `latencies_ns` is null, or has an element for each event.
int cb_crowd_run(
    cb_crowd *crowd, cb_append_one append, void *context, uint64_t *latencies_ns);

#endif
