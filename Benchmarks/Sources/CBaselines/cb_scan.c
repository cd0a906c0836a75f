#include <errno.h>
#include <string.h>

#include "cb_fold_table.h"
#include "cb_machine.h"
#include "cb_store.h"

typedef void (*visitor)(void *context, const uint8_t *record);

__attribute__((always_inline)) static inline void visit_value(
    const MDB_val *value, cb_layout layout, visitor visit, void *context) {
    const uint8_t *bytes = value->mv_data;
    if (layout == CB_LAYOUT_ONE_PER_EVENT) {
        visit(context, bytes);
        return;
    }
    for (const uint8_t *end = bytes + value->mv_size; bytes < end;) {
        uint16_t length;
        memcpy(&length, bytes, sizeof length);
        visit(context, bytes + CB_FRAME_PREFIX_BYTE_COUNT);
        bytes += CB_FRAME_PREFIX_BYTE_COUNT + length;
    }
}

// Visits everything behind the first `start` events. Inlined into each caller, so that each scan is
// compiled for its layout and its visitor.
__attribute__((always_inline)) static inline int scan(
    const cb_store *store, cb_layout layout, uint64_t start, visitor visit, void *context) {
    MDB_txn *transaction = NULL;
    MDB_cursor *cursor = NULL;
    int code = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &transaction);
    if (code != 0) return code;
    code = mdb_cursor_open(transaction, store->journal, &cursor);
    if (code == 0) {
        uint64_t position = start + 1;
        MDB_val key = {sizeof position, &position};
        MDB_val value;
        code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
        while (code == 0) {
            visit_value(&value, layout, visit, context);
            code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
        }
        if (code == MDB_NOTFOUND) code = 0;
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(transaction);
    return code;
}

static void verify_record(void *context, const uint8_t *record) {
    cb_verifier_add(context, record);
}

int cb_store_verify(
    const cb_store *store, cb_layout layout, uint64_t start, uint64_t event_count,
    uint64_t *hash) {
    cb_verifier *verifier = cb_verifier_create();
    int code = scan(store, layout, start, verify_record, verifier);
    if (code == 0 && cb_verifier_count(verifier) != event_count) code = EBADMSG;
    *hash = cb_verifier_hash(verifier);
    cb_verifier_destroy(verifier);
    return code;
}

typedef struct {
    cb_fold *fold;
    uint64_t count;
} replay;

static inline void fold_record(void *context, const uint8_t *record) {
    replay *replay = context;
    cb_header header;
    memcpy(&header, record, sizeof header);
    cb_fold_apply_inline(replay->fold, &header);
    replay->count++;
}

static int replay_one_per_event(const cb_store *store, replay *replay) {
    return scan(store, CB_LAYOUT_ONE_PER_EVENT, 0, fold_record, replay);
}

static int replay_packed(const cb_store *store, replay *replay) {
    return scan(store, CB_LAYOUT_PACKED, 0, fold_record, replay);
}

cb_result cb_lmdb_replay(const char *directory, cb_layout layout) {
    cb_result result = {0};
    cb_store store = {0};
    replay replay = {0};
    CB_TRY(cb_store_open(&store, directory, false));
    const uint64_t start = cb_now_ns();
    replay.fold = cb_fold_create();
    CB_TRY(
        layout == CB_LAYOUT_PACKED ? replay_packed(&store, &replay)
                                   : replay_one_per_event(&store, &replay));
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    result.event_count = replay.count;
    result.hash = cb_fold_hash(replay.fold);
end:
    cb_fold_destroy(replay.fold);
    cb_store_close(&store);
    return result;
}
