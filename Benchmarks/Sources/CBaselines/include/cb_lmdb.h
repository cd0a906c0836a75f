#ifndef CB_LMDB_H
#define CB_LMDB_H

#include <stdbool.h>
#include <stdint.h>

#include "cb_result.h"
#include "cb_workload.h"

// Raw LMDB, as a careful C program would use it: full sync mode, map of 128 GiB, integer keys and
// MDB_APPEND for the journal. Before an append `directory` exists, and is empty or holds the events
// that come before the workload's; afterwards it holds these too.

typedef enum {
    CB_LAYOUT_ONE_PER_EVENT,
    // The events of one commit share values of up to four pages.
    CB_LAYOUT_PACKED,
} cb_layout;

typedef enum {
    CB_TREES_NONE,
    // A stream tree and an event id tree written in every commit, the id put refusing duplicates.
    CB_TREES_ORDERED_IDS,
    CB_TREES_RANDOM_IDS,
} cb_trees;

typedef struct {
    uint64_t preloaded_count;  // events written before the clock starts, in large commits
    uint64_t measured_count;
    uint64_t events_per_commit;
    cb_layout layout;
    cb_trees trees;
    uint64_t *commit_ns;  // null, or one element for every measured commit
    // The indexes by event type, retry and stage of the original system too, where there is SQL.
    bool every_index;
} cb_append_options;

// Appends the workload's first `preloaded_count + measured_count` events and reads them back; the
// hash is the verifier's.
cb_result cb_lmdb_append(
    const cb_workload *workload, const char *directory, cb_append_options options);

// `thread_count` callers, each appending its requests' events one at a time and waiting until a
// writer thread has made them durable. `latencies_ns` has an element for each event. The hash is
// the verifier's.
cb_result cb_lmdb_group_commit(
    const cb_workload *workload, const char *directory, uint64_t event_count,
    uint64_t thread_count, uint64_t *latencies_ns);

// Scans the journal with one cursor and folds it; the hash is the fold's.
cb_result cb_lmdb_replay(const char *directory, cb_layout layout);

// Folds the events up to a position and stores the states beside the journal, in one commit.
cb_result cb_lmdb_checkpoint(const char *directory, uint64_t position);
// Takes the states that were stored, and folds the events behind them; the hash is the fold's.
cb_result cb_lmdb_replay_from_checkpoint(const char *directory);

// For each stream: its positions from the stream tree, then one get for each event. `latencies_ns`
// has `stream_count` elements. The hash is the wrapping sum of `cb_records_hash`.
cb_result cb_lmdb_timelines(
    const char *directory, const uint64_t *streams, uint64_t stream_count, uint64_t *latencies_ns);

// Opens an existing store for writing and reads its last event; the hash is `cb_records_hash` of
// that event.
cb_result cb_lmdb_open(const char *directory);

#endif
