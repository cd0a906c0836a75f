#ifndef CB_LOOPS_H
#define CB_LOOPS_H

#include <stdint.h>

#include "cb_fold.h"
#include "cb_workload.h"

// Single calls on data that is there already, for loops that are measured in one process.

// Applies `count` records to the states of their requests.
void cb_loop_fold(cb_fold *fold, const uint8_t *records, uint64_t count);

// The sum of the CRC-32C of `count` frames, one behind the other: each begins with its length in
// four bytes, and its checksum is of its position, from 1, and of what stands behind its eighth
// byte.
uint64_t cb_loop_checksums(const uint8_t *frames, uint64_t count);

// A store as cb_lmdb.h describes it, one value for an event, with the trees of streams and ids.
// Calls return 0, or an LMDB code.
typedef struct cb_loop_store cb_loop_store;

int cb_loop_open(const char *directory, cb_loop_store **store);
void cb_loop_close(cb_loop_store *store);
// Appends `count` events of the workload in one durable commit.
int cb_loop_append(
    cb_loop_store *store, const cb_workload *workload, uint64_t first, uint64_t count);
// Copies the records of one stream, in order; `records` has room for CB_EVENTS_PER_REQUEST.
int cb_loop_read_stream(cb_loop_store *store, uint64_t stream, uint8_t *records, uint64_t *count);
// Copies the records at `count` positions from `first` on.
int cb_loop_read(cb_loop_store *store, uint64_t first, uint64_t count, uint8_t *records);
// Where the event with an id stands, and its sequence and time. The id begins with its length.
int cb_loop_find(cb_loop_store *store, const uint8_t *id, uint64_t *position, cb_header *header);

#endif
