#ifndef CB_SQLITE_H
#define CB_SQLITE_H

#include <stdint.h>

#include "cb_lmdb.h"
#include "cb_result.h"
#include "cb_workload.h"

// SQLite through its C interface, WAL with synchronous=FULL: the event_tracker table of the
// original system, its unique index and its timeline index, prepared statements throughout.
// `layout` and `trees` of the options have no meaning here. Hashes as in cb_lmdb.h.

cb_result cb_sqlite_append(
    const cb_workload *workload, const char *directory, cb_append_options options);

// All rows ordered by id, folded like the journal.
cb_result cb_sqlite_replay(const char *directory);

cb_result cb_sqlite_timelines(
    const char *directory, const uint64_t *streams, uint64_t stream_count, uint64_t *latencies_ns);

#endif
