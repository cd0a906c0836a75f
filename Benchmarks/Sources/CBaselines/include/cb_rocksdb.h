#ifndef CB_ROCKSDB_H
#define CB_ROCKSDB_H

#include <stdint.h>

#include "cb_lmdb.h"
#include "cb_result.h"
#include "cb_workload.h"

// RocksDB through its interface for C, looked for when it is wanted; 0 where there is none.
int cb_rocksdb_is_there(void);
// The name of the library's file with its version; empty where there is none.
const char *cb_rocksdb_library(void);

// A column family for the journal, one for the unique index (request, sequence) and one for the
// timeline index (tenant, request, time), as the table of SQLite has them: one WriteBatch for each
// commit, written with sync=true, each sequence looked for before it is put. Blocks are not
// compressed and tables have Bloom filters, both of which favours RocksDB. `layout` and `trees` of
// the options have no meaning here. Hashes as in cb_lmdb.h.

cb_result cb_rocksdb_append(
    const cb_workload *workload, const char *directory, cb_append_options options);

// Callers with a thread each, and a batch for each event; RocksDB itself writes those together
// that wait. `latencies_ns` has an element for each event.
cb_result cb_rocksdb_group(
    const cb_workload *workload, const char *directory, uint64_t event_count,
    uint64_t caller_count, uint64_t *latencies_ns);

// All records in the order of positions, folded like the journal.
cb_result cb_rocksdb_replay(const char *directory);

// For each stream: its positions from the unique index, then one get for each event.
cb_result cb_rocksdb_timelines(
    const char *directory, const uint64_t *streams, uint64_t stream_count, uint64_t *latencies_ns);

#endif
