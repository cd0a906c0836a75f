#include <string.h>

#include "cb_fold_table.h"
#include "cb_machine.h"
#include "cb_store.h"

// States stand under their streams' numbers; under 0, which is no stream's, the last position that
// is in them.
static const uint64_t position_key = 0;

static int fold_events(
    const cb_store *store, MDB_txn *transaction, uint64_t first, uint64_t last, cb_fold *fold,
    uint64_t *count) {
    MDB_cursor *cursor = NULL;
    MDB_val key = {sizeof first, &first}, value;
    int code = mdb_cursor_open(transaction, store->journal, &cursor);
    if (code != 0) return code;
    for (code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE); code == 0;
         code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        uint64_t position;
        cb_header header;
        memcpy(&position, key.mv_data, sizeof position);
        if (position > last) break;
        memcpy(&header, value.mv_data, sizeof header);
        cb_fold_apply_inline(fold, &header);
        ++*count;
    }
    mdb_cursor_close(cursor);
    return code == MDB_NOTFOUND ? 0 : code;
}

static int put(MDB_txn *transaction, MDB_dbi states, uint64_t number, void *bytes, size_t count) {
    MDB_val key = {sizeof number, &number}, value = {count, bytes};
    return mdb_put(transaction, states, &key, &value, 0);
}

static int put_states(
    MDB_txn *transaction, MDB_dbi states, const cb_fold *fold, uint64_t position) {
    int code = put(transaction, states, position_key, &position, sizeof position);
    for (uint64_t slot = 0; code == 0 && slot < fold->slot_count; slot++) {
        cb_state *state = &fold->slots[slot];
        if (state->stream == 0) continue;
        code = put(transaction, states, state->stream, state, sizeof *state);
    }
    return code;
}

cb_result cb_lmdb_checkpoint(const char *directory, uint64_t position) {
    cb_result result = {0};
    cb_store store = {0};
    MDB_txn *transaction = NULL;
    MDB_dbi states;
    cb_fold *fold = cb_fold_create();
    CB_TRY(cb_store_open(&store, directory, true));
    CB_TRY(mdb_txn_begin(store.env, NULL, 0, &transaction));
    CB_TRY(mdb_dbi_open(transaction, "states", MDB_CREATE | MDB_INTEGERKEY, &states));
    CB_TRY(fold_events(&store, transaction, 1, position, fold, &result.event_count));
    CB_TRY(put_states(transaction, states, fold, position));
    MDB_txn *full = transaction;
    transaction = NULL;
    CB_TRY(mdb_txn_commit(full));
    result.hash = cb_fold_hash(fold);
end:
    if (transaction != NULL) mdb_txn_abort(transaction);
    cb_fold_destroy(fold);
    cb_store_close(&store);
    return result;
}

static int take_states(
    MDB_txn *transaction, MDB_dbi states, cb_fold *fold, uint64_t *position) {
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    int code = mdb_cursor_open(transaction, states, &cursor);
    if (code != 0) return code;
    code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    if (code == 0) memcpy(position, value.mv_data, sizeof *position);
    while (code == 0 && (code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        cb_state state;
        memcpy(&state, value.mv_data, sizeof state);
        cb_fold_put(fold, &state);
    }
    mdb_cursor_close(cursor);
    return code == MDB_NOTFOUND ? 0 : code;
}

cb_result cb_lmdb_replay_from_checkpoint(const char *directory) {
    cb_result result = {0};
    cb_store store = {0};
    MDB_txn *transaction = NULL;
    MDB_dbi states;
    cb_fold *fold = NULL;
    uint64_t position = 0;
    CB_TRY(cb_store_open(&store, directory, false));
    CB_TRY(mdb_txn_begin(store.env, NULL, MDB_RDONLY, &transaction));
    CB_TRY(mdb_dbi_open(transaction, "states", MDB_INTEGERKEY, &states));
    const uint64_t start = cb_now_ns();
    fold = cb_fold_create();
    CB_TRY(take_states(transaction, states, fold, &position));
    CB_TRY(
        fold_events(&store, transaction, position + 1, UINT64_MAX, fold, &result.event_count));
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    result.hash = cb_fold_hash(fold);
end:
    if (transaction != NULL) mdb_txn_abort(transaction);
    cb_fold_destroy(fold);
    cb_store_close(&store);
    return result;
}
