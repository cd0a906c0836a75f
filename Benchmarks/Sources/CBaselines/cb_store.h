#ifndef CB_STORE_H
#define CB_STORE_H

#include <lmdb.h>
#include <stdbool.h>

#include "cb_fold.h"
#include "cb_lmdb.h"
#include "cb_result.h"

// Notes a failed call in `result` and leaves through the label `end`, which releases everything.
#define CB_TRY(call)                                 \
    do {                                             \
        int cb_code = (call);                        \
        if (cb_code != 0) {                          \
            result.failed_call = #call;              \
            result.code = cb_code;                   \
            goto end;                                \
        }                                            \
    } while (0)

typedef struct {
    MDB_env *env;
    MDB_dbi journal;  // position -> record, or first position -> packed records
    MDB_dbi streams;  // stream -> positions
    MDB_dbi ids;      // event id -> position
} cb_store;

// Four pages less the header of an overflow page: the largest value that wastes nothing.
enum { CB_PACKED_VALUE_BYTE_COUNT_MAX = 4 * 4096 - 16, CB_FRAME_PREFIX_BYTE_COUNT = 2 };

// Opens the store, creating its tables when `write` is true and it is new.
int cb_store_open(cb_store *store, const char *directory, bool write);
void cb_store_close(cb_store *store);

// Writes events `first..<first + count` of the workload at their positions, durably; the first of
// all has position 1.
int cb_store_commit(
    const cb_store *store, const cb_workload *workload, uint64_t first, uint64_t count,
    cb_layout layout, cb_trees trees);

// Copies the records of one stream, in order, within one read transaction; fails where there are
// more than `count_max`.
int cb_store_read_stream(
    const cb_store *store, uint64_t stream, uint64_t count_max, uint8_t *records,
    uint64_t *count);

// The verifier's hash of everything behind the first `start` events; fails when that is not
// `event_count` of them.
int cb_store_verify(
    const cb_store *store, cb_layout layout, uint64_t start, uint64_t event_count, uint64_t *hash);

#endif
