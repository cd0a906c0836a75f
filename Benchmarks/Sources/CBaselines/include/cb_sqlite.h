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

// Callers with a thread each that take turns on one connection: SQLite has one writer, and no
// commit that serves several. `latencies_ns` has an element for each event.
cb_result cb_sqlite_group(
    const cb_workload *workload, const char *directory, uint64_t event_count,
    uint64_t caller_count, uint64_t *latencies_ns);

// Makes the database with its table, for a side that fills it in another way; 0, or SQLite's code.
int cb_sqlite_create(const char *directory);
// The verifier's hash of all rows.
cb_result cb_sqlite_contents(const char *directory, uint64_t event_count);

// All rows ordered by id, folded like the journal.
cb_result cb_sqlite_replay(const char *directory);

cb_result cb_sqlite_timelines(
    const char *directory, const uint64_t *streams, uint64_t stream_count, uint64_t *latencies_ns);

#endif
