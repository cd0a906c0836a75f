#include "cb_jobs.h"

#include <stdlib.h>
#include <string.h>

#include "cb_machine.h"
#include "cb_store.h"

// Status, 32 bytes of digest, and room for what a receipt says.
enum { KEY_VALUE_BYTE_COUNT = 48, FILL_PER_COMMIT = 10000 };

static const uint64_t map_byte_count = 4ULL << 30;

uint64_t cb_key_hash(const uint8_t *key) {
    uint64_t hash = 0xCBF29CE484222325ULL;
    for (int index = 0; index < CB_KEY_BYTE_COUNT; index++) {
        hash = (hash ^ key[index]) * 0x100000001B3ULL;
    }
    return hash;
}

uint64_t cb_resume_hash(uint64_t done_count, const uint8_t *first_key) {
    return done_count * 0x9E3779B97F4A7C15ULL + cb_key_hash(first_key);
}

uint64_t cb_step_hash(uint64_t item, uint64_t step, uint64_t result) {
    return (item + 1) * 0x9E3779B97F4A7C15ULL + (step + 1) * (result + 1);
}

static int open_table(
    const char *directory, unsigned int flags, MDB_env **env, MDB_dbi *table) {
    int code = mdb_env_create(env);
    if (code != 0) return code;
    code = mdb_env_set_mapsize(*env, map_byte_count);
    if (code == 0) code = mdb_env_open(*env, directory, 0, 0644);
    MDB_txn *transaction = NULL;
    if (code == 0) code = mdb_txn_begin(*env, NULL, 0, &transaction);
    if (code == 0) code = mdb_dbi_open(transaction, NULL, flags, table);
    if (code == 0) return mdb_txn_commit(transaction);
    mdb_txn_abort(transaction);
    return code;
}

static const uint8_t *key_at(const cb_batch *batch, uint64_t index) {
    return batch->keys + index * CB_KEY_BYTE_COUNT;
}

static int put_key(MDB_txn *transaction, MDB_dbi table, const uint8_t *key) {
    uint8_t value[KEY_VALUE_BYTE_COUNT] = {1};
    MDB_val name = {CB_KEY_BYTE_COUNT, (void *)key};
    MDB_val content = {sizeof value, value};
    return mdb_put(transaction, table, &name, &content, MDB_NOOVERWRITE);
}

cb_result cb_lmdb_keys_fill(const cb_batch *batch, const char *directory) {
    cb_result result = {.event_count = batch->done_count};
    MDB_env *env = NULL;
    MDB_txn *transaction = NULL;
    MDB_dbi table;
    CB_TRY(open_table(directory, 0, &env, &table));
    for (uint64_t index = 0; index < batch->done_count; index++) {
        if (transaction == NULL) CB_TRY(mdb_txn_begin(env, NULL, 0, &transaction));
        CB_TRY(put_key(transaction, table, key_at(batch, index)));
        if ((index + 1) % FILL_PER_COMMIT == 0) {
            MDB_txn *full = transaction;
            transaction = NULL;
            CB_TRY(mdb_txn_commit(full));
        }
    }
    if (transaction != NULL) {
        MDB_txn *last = transaction;
        transaction = NULL;
        CB_TRY(mdb_txn_commit(last));
    }
end:
    if (transaction != NULL) mdb_txn_abort(transaction);
    if (env != NULL) mdb_env_close(env);
    return result;
}

cb_result cb_lmdb_keys_check(
    const cb_batch *batch, const char *directory, const uint32_t *order, uint64_t order_count) {
    cb_result result = {.event_count = order_count};
    MDB_env *env = NULL;
    MDB_txn *transaction = NULL;
    MDB_dbi table;
    CB_TRY(open_table(directory, 0, &env, &table));
    const uint64_t start = cb_now_ns();
    CB_TRY(mdb_txn_begin(env, NULL, MDB_RDONLY, &transaction));
    for (uint64_t index = 0; index < order_count; index++) {
        const uint8_t *key = key_at(batch, order[index]);
        MDB_val name = {CB_KEY_BYTE_COUNT, (void *)key};
        MDB_val value;
        int code = mdb_get(transaction, table, &name, &value);
        if (code == MDB_NOTFOUND) continue;
        CB_TRY(code);
        if (((const uint8_t *)value.mv_data)[0] == 1) result.hash += cb_key_hash(key);
    }
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
end:
    if (transaction != NULL) mdb_txn_abort(transaction);
    if (env != NULL) mdb_env_close(env);
    return result;
}

static int sum_range(
    MDB_cursor *cursor, const uint8_t *first, const uint8_t *last, uint64_t *hash) {
    MDB_val key = {CB_KEY_BYTE_COUNT, (void *)first};
    MDB_val value;
    int code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    while (code == 0 && memcmp(key.mv_data, last, CB_KEY_BYTE_COUNT) <= 0) {
        if (((const uint8_t *)value.mv_data)[0] == 1) *hash += cb_key_hash(key.mv_data);
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

cb_result cb_lmdb_keys_ranges(
    const cb_batch *batch, const char *directory, uint64_t range_length) {
    cb_result result = {.event_count = batch->count};
    MDB_env *env = NULL;
    MDB_txn *transaction = NULL;
    MDB_cursor *cursor = NULL;
    MDB_dbi table;
    CB_TRY(open_table(directory, 0, &env, &table));
    const uint64_t start = cb_now_ns();
    CB_TRY(mdb_txn_begin(env, NULL, MDB_RDONLY, &transaction));
    CB_TRY(mdb_cursor_open(transaction, table, &cursor));
    for (uint64_t first = 0; first < batch->count; first += range_length) {
        uint64_t end = first + range_length < batch->count ? first + range_length : batch->count;
        CB_TRY(sum_range(cursor, key_at(batch, first), key_at(batch, end - 1), &result.hash));
    }
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
end:
    if (cursor != NULL) mdb_cursor_close(cursor);
    if (transaction != NULL) mdb_txn_abort(transaction);
    if (env != NULL) mdb_env_close(env);
    return result;
}

cb_result cb_lmdb_resume(const cb_batch *batch, const char *directory) {
    cb_result result = {.event_count = batch->done_count};
    MDB_env *env = NULL;
    MDB_txn *transaction = NULL;
    MDB_dbi table;
    uint64_t done_count = 0;
    const uint64_t start = cb_now_ns();
    CB_TRY(open_table(directory, 0, &env, &table));
    CB_TRY(mdb_txn_begin(env, NULL, MDB_RDONLY, &transaction));
    for (; done_count < batch->count; done_count++) {
        MDB_val name = {CB_KEY_BYTE_COUNT, (void *)key_at(batch, done_count)};
        MDB_val value;
        int code = mdb_get(transaction, table, &name, &value);
        if (code == MDB_NOTFOUND) break;
        CB_TRY(code);
    }
    mdb_txn_abort(transaction);
    transaction = NULL;
    CB_TRY(mdb_txn_begin(env, NULL, 0, &transaction));
    CB_TRY(put_key(transaction, table, key_at(batch, done_count)));
    MDB_txn *intent = transaction;
    transaction = NULL;
    CB_TRY(mdb_txn_commit(intent));
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    result.hash = cb_resume_hash(done_count, key_at(batch, done_count));
end:
    if (transaction != NULL) mdb_txn_abort(transaction);
    if (env != NULL) mdb_env_close(env);
    return result;
}

typedef struct {
    uint32_t item, step;
    uint64_t result;
    char name[16];
} step_record;

static int sum_steps(MDB_env *env, MDB_dbi table, uint64_t *hash) {
    MDB_txn *transaction = NULL;
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    int code = mdb_txn_begin(env, NULL, MDB_RDONLY, &transaction);
    if (code != 0) return code;
    code = mdb_cursor_open(transaction, table, &cursor);
    while (code == 0 && (code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        step_record record;
        memcpy(&record, value.mv_data, sizeof record);
        *hash += cb_step_hash(record.item, record.step, record.result);
    }
    if (cursor != NULL) mdb_cursor_close(cursor);
    mdb_txn_abort(transaction);
    return code == MDB_NOTFOUND ? 0 : code;
}

cb_result cb_lmdb_steps(
    const char *directory, uint64_t item_count, uint64_t step_count, uint64_t steps_per_commit,
    uint64_t *latencies_ns) {
    const uint64_t total = item_count * step_count;
    cb_result result = {.event_count = total};
    MDB_env *env = NULL;
    MDB_txn *transaction = NULL;
    MDB_dbi table;
    CB_TRY(open_table(directory, MDB_INTEGERKEY, &env, &table));
    const uint64_t start = cb_now_ns();
    uint64_t commit_start = start, committed_count = 0;
    for (uint64_t index = 0; index < total; index++) {
        if (transaction == NULL) CB_TRY(mdb_txn_begin(env, NULL, 0, &transaction));
        step_record record = {
            .item = (uint32_t)(index % item_count),
            .step = (uint32_t)(index / item_count),
            .result = index / item_count,
            .name = "step",
        };
        uint64_t position = index + 1;
        MDB_val key = {sizeof position, &position};
        MDB_val value = {sizeof record, &record};
        CB_TRY(mdb_put(transaction, table, &key, &value, MDB_APPEND));
        if (position % steps_per_commit == 0 || position == total) {
            MDB_txn *full = transaction;
            transaction = NULL;
            CB_TRY(mdb_txn_commit(full));
            const uint64_t now = cb_now_ns();
            while (committed_count < position) latencies_ns[committed_count++] = now - commit_start;
            commit_start = now;
        }
    }
    result.seconds = (double)(cb_now_ns() - start) / 1e9;
    CB_TRY(sum_steps(env, table, &result.hash));
end:
    if (transaction != NULL) mdb_txn_abort(transaction);
    if (env != NULL) mdb_env_close(env);
    return result;
}
