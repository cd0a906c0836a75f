#include "cb_rocks_store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    BLOOM_BITS_PER_KEY = 10,
    // Beyond every level: Bloom filters in all of them.
    BLOOM_BEFORE_LEVEL = 1000,
    TIMELINE_LENGTH_MAX = 16 + 1 + CB_REQUEST_ID_LENGTH + 8 + CB_ROCKS_POSITION_LENGTH,
};

int cb_rocks_code(char *error) {
    if (error == NULL) return 0;
    fprintf(stderr, "RocksDB: %s\n", error);
    cb_rocks.free(error);
    return EIO;
}

static rocks_options *make_options(void) {
    rocks_options *options = cb_rocks.options_create();
    cb_rocks.create_if_missing(options, 1);
    cb_rocks.create_missing_families(options, 1);
    cb_rocks.set_compression(options, 0);
    rocks_table_options *table = cb_rocks.table_options_create();
    cb_rocks.set_filter(
        table, cb_rocks.create_filter(BLOOM_BITS_PER_KEY, BLOOM_BEFORE_LEVEL));
    cb_rocks.set_table_options(options, table);
    cb_rocks.table_options_destroy(table);
    return options;
}

int cb_rocks_store_open(cb_rocks_store *store, const char *directory) {
    static const char *const names[CB_ROCKS_FAMILY_COUNT] = {"default", "sequences", "timeline"};
    memset(store, 0, sizeof *store);
    if (!cb_rocks_load()) return ENOENT;
    store->options = make_options();
    const rocks_options *options[CB_ROCKS_FAMILY_COUNT];
    for (int family = 0; family < CB_ROCKS_FAMILY_COUNT; family++) options[family] = store->options;
    store->reading = cb_rocks.read_options_create();
    store->writing = cb_rocks.write_options_create();
    cb_rocks.set_sync(store->writing, 1);
    char *error = NULL;
    store->database = cb_rocks.open(
        store->options, directory, CB_ROCKS_FAMILY_COUNT, names, options, store->families, &error);
    int code = cb_rocks_code(error);
    if (code != 0) cb_rocks_store_close(store);
    return code;
}

void cb_rocks_store_close(cb_rocks_store *store) {
    for (int family = 0; family < CB_ROCKS_FAMILY_COUNT; family++) {
        if (store->families[family] != NULL) cb_rocks.family_destroy(store->families[family]);
    }
    if (store->database != NULL) cb_rocks.close(store->database);
    if (store->reading != NULL) cb_rocks.read_options_destroy(store->reading);
    if (store->writing != NULL) cb_rocks.write_options_destroy(store->writing);
    if (store->options != NULL) cb_rocks.options_destroy(store->options);
    memset(store, 0, sizeof *store);
}

void cb_rocks_put_number(char *key, uint64_t number) {
    for (int index = 0; index < 8; index++) key[index] = (char)(number >> 8 * (7 - index));
}

// What SQLite's unique index refuses. Two of the same within one batch are not looked for: the
// workload has none.
static int require_absent(const cb_rocks_store *store, const char *key) {
    char *error = NULL;
    rocks_slice *found = cb_rocks.get(
        store->database, store->reading, store->families[CB_ROCKS_SEQUENCES], key,
        CB_ROCKS_SEQUENCE_LENGTH, &error);
    if (found == NULL) return cb_rocks_code(error);
    cb_rocks.slice_destroy(found);
    return EEXIST;
}

static int put_event(
    const cb_rocks_store *store, rocks_batch *batch, const uint8_t *record, uint64_t position) {
    cb_header header;
    char place[CB_ROCKS_POSITION_LENGTH], sequence[CB_ROCKS_SEQUENCE_LENGTH];
    char timeline[TIMELINE_LENGTH_MAX];
    const char *request_id = (const char *)record + CB_REQUEST_ID_OFFSET;
    memcpy(&header, record, sizeof header);
    cb_rocks_put_number(place, position);
    memcpy(sequence, request_id, CB_REQUEST_ID_LENGTH);
    cb_rocks_put_number(sequence + CB_REQUEST_ID_LENGTH, header.sequence);
    int code = require_absent(store, sequence);
    if (code != 0) return code;
    // Ends with the position, as an index that may have equal keys does in SQLite.
    const char *tenant = cb_tenant_name(header.tenant);
    char *end = timeline + strlen(tenant) + 1;
    memcpy(timeline, tenant, strlen(tenant) + 1);
    memcpy(end, request_id, CB_REQUEST_ID_LENGTH);
    cb_rocks_put_number(end + CB_REQUEST_ID_LENGTH, (uint64_t)header.recorded_at_ns);
    end += CB_REQUEST_ID_LENGTH + 8;
    memcpy(end, place, sizeof place);
    end += sizeof place;
    cb_rocks.batch_put(
        batch, store->families[CB_ROCKS_JOURNAL], place, sizeof place, (const char *)record,
        CB_RECORD_BYTE_COUNT);
    cb_rocks.batch_put(
        batch, store->families[CB_ROCKS_SEQUENCES], sequence, sizeof sequence, place,
        sizeof place);
    cb_rocks.batch_put(
        batch, store->families[CB_ROCKS_TIMELINE], timeline, (size_t)(end - timeline), "", 0);
    return 0;
}

int cb_rocks_store_commit(
    const cb_rocks_store *store, const cb_workload *workload, uint64_t first, uint64_t count,
    uint64_t position) {
    rocks_batch *batch = cb_rocks.batch_create();
    int code = 0;
    for (uint64_t index = 0; code == 0 && index < count; index++) {
        const uint8_t *record = workload->records + (first + index) * CB_RECORD_BYTE_COUNT;
        code = put_event(store, batch, record, position + index);
    }
    if (code == 0) {
        char *error = NULL;
        cb_rocks.write(store->database, store->writing, batch, &error);
        code = cb_rocks_code(error);
    }
    cb_rocks.batch_destroy(batch);
    return code;
}

int cb_rocks_store_verify(const cb_rocks_store *store, uint64_t event_count, uint64_t *hash) {
    cb_verifier *verifier = cb_verifier_create();
    int code = 0;
    for (int family = 0; code == 0 && family < CB_ROCKS_FAMILY_COUNT; family++) {
        rocks_iterator *iterator =
            cb_rocks.iterator_create(store->database, store->reading, store->families[family]);
        uint64_t count = 0;
        for (cb_rocks.seek_to_first(iterator); cb_rocks.is_valid(iterator);
             cb_rocks.next(iterator), count++) {
            size_t length;
            if (family != CB_ROCKS_JOURNAL) continue;
            const char *record = cb_rocks.value(iterator, &length);
            if (length == CB_RECORD_BYTE_COUNT) {
                cb_verifier_add(verifier, (const uint8_t *)record);
            }
        }
        char *error = NULL;
        cb_rocks.iterator_error(iterator, &error);
        code = cb_rocks_code(error);
        cb_rocks.iterator_destroy(iterator);
        if (code == 0 && count != event_count) code = EBADMSG;
    }
    *hash = cb_verifier_hash(verifier);
    cb_verifier_destroy(verifier);
    return code;
}
