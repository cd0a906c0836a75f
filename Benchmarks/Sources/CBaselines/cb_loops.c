#include "cb_loops.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

#include "cb_fold_table.h"
#include "cb_store.h"

void cb_loop_fold(cb_fold *fold, const uint8_t *records, uint64_t count) {
    for (uint64_t index = 0; index < count; index++) {
        cb_header header;
        memcpy(&header, records + index * CB_RECORD_BYTE_COUNT, sizeof header);
        cb_fold_apply_inline(fold, &header);
    }
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t add_bytes(
    uint32_t state, const uint8_t *bytes, uint64_t count) {
    uint64_t wide = state;
    for (; count >= 8; bytes += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, bytes, sizeof word);
        wide = _mm_crc32_u64(wide, word);
    }
    state = (uint32_t)wide;
    for (; count > 0; bytes++, count--) state = _mm_crc32_u8(state, *bytes);
    return state;
}
#else
static uint32_t add_bytes(uint32_t state, const uint8_t *bytes, uint64_t count) {
    for (; count > 0; bytes++, count--) {
        state ^= *bytes;
        for (int bit = 0; bit < 8; bit++) state = state >> 1 ^ (state & 1 ? 0x82f63b78u : 0);
    }
    return state;
}
#endif

uint64_t cb_loop_checksums(const uint8_t *frames, uint64_t count) {
    enum { CHECKED_OFFSET = 8 };
    uint64_t sum = 0;
    for (uint64_t position = 1; position <= count; position++) {
        uint32_t byte_count;
        memcpy(&byte_count, frames, sizeof byte_count);
        uint32_t state = add_bytes(~0u, (const uint8_t *)&position, sizeof position);
        sum += ~add_bytes(state, frames + CHECKED_OFFSET, byte_count - CHECKED_OFFSET);
        frames += byte_count;
    }
    return sum;
}

struct cb_loop_store {
    cb_store store;
};

int cb_loop_open(const char *directory, cb_loop_store **store) {
    *store = malloc(sizeof **store);
    if (*store == NULL) abort();
    int code = cb_store_open(&(*store)->store, directory, true);
    if (code == 0) return 0;
    free(*store);
    *store = NULL;
    return code;
}

void cb_loop_close(cb_loop_store *store) {
    if (store == NULL) return;
    cb_store_close(&store->store);
    free(store);
}

int cb_loop_append(
    cb_loop_store *store, const cb_workload *workload, uint64_t first, uint64_t count) {
    return cb_store_commit(
        &store->store, workload, first, count, CB_LAYOUT_ONE_PER_EVENT, CB_TREES_ORDERED_IDS);
}

int cb_loop_read_stream(cb_loop_store *store, uint64_t stream, uint8_t *records, uint64_t *count) {
    return cb_store_read_stream(&store->store, stream, CB_EVENTS_PER_REQUEST, records, count);
}

static int read_record(
    const cb_store *store, MDB_txn *transaction, uint64_t position, MDB_val *value) {
    MDB_val key = {sizeof position, &position};
    return mdb_get(transaction, store->journal, &key, value);
}

int cb_loop_read(cb_loop_store *store, uint64_t first, uint64_t count, uint8_t *records) {
    MDB_txn *transaction = NULL;
    int code = mdb_txn_begin(store->store.env, NULL, MDB_RDONLY, &transaction);
    if (code != 0) return code;
    for (uint64_t index = 0; code == 0 && index < count; index++) {
        MDB_val value;
        code = read_record(&store->store, transaction, first + index, &value);
        if (code == 0) {
            memcpy(records + index * CB_RECORD_BYTE_COUNT, value.mv_data, CB_RECORD_BYTE_COUNT);
        }
    }
    mdb_txn_abort(transaction);
    return code;
}

int cb_loop_find(cb_loop_store *store, const uint8_t *id, uint64_t *position, cb_header *header) {
    MDB_txn *transaction = NULL;
    int code = mdb_txn_begin(store->store.env, NULL, MDB_RDONLY, &transaction);
    if (code != 0) return code;
    MDB_val key = {id[0], (void *)(id + 1)};
    MDB_val value;
    code = mdb_get(transaction, store->store.ids, &key, &value);
    if (code == 0) {
        memcpy(position, value.mv_data, sizeof *position);
        code = read_record(&store->store, transaction, *position, &value);
    }
    if (code == 0) memcpy(header, value.mv_data, sizeof *header);
    mdb_txn_abort(transaction);
    return code;
}
