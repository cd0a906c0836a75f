#include "cb_store.h"

#include <string.h>

static int open_tables(cb_store *store, bool write) {
    unsigned create = write ? MDB_CREATE : 0;
    MDB_txn *transaction = NULL;
    int code = mdb_txn_begin(store->env, NULL, write ? 0 : MDB_RDONLY, &transaction);
    if (code != 0) return code;
    code = mdb_dbi_open(transaction, "journal", create | MDB_INTEGERKEY, &store->journal);
    if (code == 0) {
        code = mdb_dbi_open(
            transaction, "streams",
            create | MDB_INTEGERKEY | MDB_DUPSORT | MDB_DUPFIXED | MDB_INTEGERDUP,
            &store->streams);
    }
    if (code == 0) code = mdb_dbi_open(transaction, "ids", create, &store->ids);
    if (code == 0) return mdb_txn_commit(transaction);
    mdb_txn_abort(transaction);
    return code;
}

int cb_store_open(cb_store *store, const char *directory, bool write) {
    memset(store, 0, sizeof *store);
    int code = mdb_env_create(&store->env);
    if (code == 0) code = mdb_env_set_mapsize(store->env, (size_t)128 << 30);
    if (code == 0) code = mdb_env_set_maxdbs(store->env, 4);
    // No flag touches durability: each commit flushes its pages and then its meta page.
    unsigned flags = MDB_NOTLS | (write ? 0 : MDB_RDONLY);
    if (code == 0) code = mdb_env_open(store->env, directory, flags, 0644);
    if (code == 0) code = open_tables(store, write);
    if (code != 0) cb_store_close(store);
    return code;
}

void cb_store_close(cb_store *store) {
    if (store->env != NULL) mdb_env_close(store->env);
    store->env = NULL;
}

static int put_one(
    const cb_store *store, MDB_txn *transaction, const uint8_t *record, uint64_t position) {
    MDB_val key = {sizeof position, &position};
    MDB_val value = {CB_RECORD_BYTE_COUNT, (void *)record};
    return mdb_put(transaction, store->journal, &key, &value, MDB_APPEND);
}

static int put_packed(
    const cb_store *store, MDB_txn *transaction, const uint8_t *records, uint64_t position,
    uint64_t count) {
    const size_t frame_byte_count = CB_FRAME_PREFIX_BYTE_COUNT + CB_RECORD_BYTE_COUNT;
    const uint64_t frames_per_value = CB_PACKED_VALUE_BYTE_COUNT_MAX / frame_byte_count;
    const uint16_t length = CB_RECORD_BYTE_COUNT;
    for (uint64_t done = 0; done < count;) {
        uint64_t frame_count = count - done < frames_per_value ? count - done : frames_per_value;
        uint64_t first = position + done;
        MDB_val key = {sizeof first, &first};
        MDB_val value = {frame_count * frame_byte_count, NULL};
        int code =
            mdb_put(transaction, store->journal, &key, &value, MDB_APPEND | MDB_RESERVE);
        if (code != 0) return code;
        uint8_t *frame = value.mv_data;
        for (uint64_t index = 0; index < frame_count; index++, frame += frame_byte_count) {
            const uint8_t *record = records + (done + index) * CB_RECORD_BYTE_COUNT;
            memcpy(frame, &length, CB_FRAME_PREFIX_BYTE_COUNT);
            memcpy(frame + CB_FRAME_PREFIX_BYTE_COUNT, record, CB_RECORD_BYTE_COUNT);
        }
        done += frame_count;
    }
    return 0;
}

static int put_trees(
    const cb_store *store, MDB_txn *transaction, const uint8_t *record, const uint8_t *id,
    uint64_t position) {
    uint64_t stream;
    memcpy(&stream, record, sizeof stream);
    MDB_val stream_key = {sizeof stream, &stream};
    MDB_val id_key = {id[0], (void *)(id + 1)};
    MDB_val value = {sizeof position, &position};
    int code = mdb_put(transaction, store->streams, &stream_key, &value, 0);
    if (code != 0) return code;
    return mdb_put(transaction, store->ids, &id_key, &value, MDB_NOOVERWRITE);
}

static int put_batch(
    const cb_store *store, MDB_txn *transaction, const cb_workload *workload, uint64_t first,
    uint64_t count, cb_layout layout, cb_trees trees) {
    const uint8_t *records = workload->records + first * CB_RECORD_BYTE_COUNT;
    const uint8_t *ids =
        trees == CB_TREES_RANDOM_IDS ? workload->random_ids : workload->ordered_ids;
    int code = 0;
    if (layout == CB_LAYOUT_PACKED) {
        code = put_packed(store, transaction, records, workload->start + first + 1, count);
    }
    for (uint64_t index = 0; code == 0 && index < count; index++) {
        const uint8_t *record = records + index * CB_RECORD_BYTE_COUNT;
        uint64_t position = workload->start + first + index + 1;
        if (layout == CB_LAYOUT_ONE_PER_EVENT) {
            code = put_one(store, transaction, record, position);
        }
        if (code == 0 && trees != CB_TREES_NONE) {
            const uint8_t *id = ids + (first + index) * CB_ID_STRIDE;
            code = put_trees(store, transaction, record, id, position);
        }
    }
    return code;
}

int cb_store_commit(
    const cb_store *store, const cb_workload *workload, uint64_t first, uint64_t count,
    cb_layout layout, cb_trees trees) {
    MDB_txn *transaction = NULL;
    int code = mdb_txn_begin(store->env, NULL, 0, &transaction);
    if (code != 0) return code;
    code = put_batch(store, transaction, workload, first, count, layout, trees);
    if (code == 0) return mdb_txn_commit(transaction);
    mdb_txn_abort(transaction);
    return code;
}
