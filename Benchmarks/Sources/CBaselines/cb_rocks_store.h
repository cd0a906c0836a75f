#ifndef CB_ROCKS_STORE_H
#define CB_ROCKS_STORE_H

#include "cb_rocks.h"
#include "cb_rocksdb.h"
#include "cb_store.h"

enum { CB_ROCKS_JOURNAL, CB_ROCKS_SEQUENCES, CB_ROCKS_TIMELINE, CB_ROCKS_FAMILY_COUNT };

enum {
    CB_ROCKS_POSITION_LENGTH = 8,
    // The request's id and a sequence, which sorts as it counts.
    CB_ROCKS_SEQUENCE_LENGTH = CB_REQUEST_ID_LENGTH + 8,
};

typedef struct {
    rocks_database *database;
    rocks_family *families[CB_ROCKS_FAMILY_COUNT];
    rocks_options *options;
    rocks_read_options *reading;
    rocks_write_options *writing;
} cb_rocks_store;

// Opens the database of the directory, creating what is not there. What a call of RocksDB has to
// say against it goes to standard error.
int cb_rocks_store_open(cb_rocks_store *store, const char *directory);
void cb_rocks_store_close(cb_rocks_store *store);

// Writes events `first..<first + count` of the workload at positions from `position`, durably.
int cb_rocks_store_commit(
    const cb_rocks_store *store, const cb_workload *workload, uint64_t first, uint64_t count,
    uint64_t position);

// The verifier's hash of everything in the store; fails when the journal or an index does not hold
// `event_count`.
int cb_rocks_store_verify(const cb_rocks_store *store, uint64_t event_count, uint64_t *hash);

// A position as a key, in the order of positions.
void cb_rocks_put_number(char *key, uint64_t number);

// 0, or EIO for a message, which is told and freed.
int cb_rocks_code(char *error);

#endif
