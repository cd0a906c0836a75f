#include <stdlib.h>
#include <string.h>

#include "cb_fold.h"
#include "cb_hash.h"

struct cb_verifier {
    cb_fold *fold;
    uint64_t count;
    uint64_t sum;
};

static uint64_t record_hash(uint64_t hash, const uint8_t *record) {
    size_t offset = 0;
    for (; offset + 8 <= CB_RECORD_BYTE_COUNT; offset += 8) {
        uint64_t word;
        memcpy(&word, record + offset, sizeof word);
        hash = cb_mix(hash ^ word);
    }
    uint64_t rest = 0;
    memcpy(&rest, record + offset, CB_RECORD_BYTE_COUNT - offset);
    return cb_mix(hash ^ rest);
}

uint64_t cb_records_hash(const uint8_t *records, uint64_t count) {
    uint64_t hash = count;
    for (uint64_t index = 0; index < count; index++) {
        hash = record_hash(hash, records + index * CB_RECORD_BYTE_COUNT);
    }
    return hash;
}

cb_verifier *cb_verifier_create(void) {
    cb_verifier *verifier = calloc(1, sizeof *verifier);
    if (verifier == NULL) abort();
    verifier->fold = cb_fold_create();
    return verifier;
}

void cb_verifier_add(cb_verifier *verifier, const uint8_t *record) {
    cb_header header;
    memcpy(&header, record, sizeof header);
    cb_fold_apply(verifier->fold, &header);
    verifier->sum += record_hash(0, record);
    verifier->count++;
}

uint64_t cb_verifier_count(const cb_verifier *verifier) { return verifier->count; }

uint64_t cb_verifier_hash(const cb_verifier *verifier) {
    return cb_mix(verifier->sum ^ cb_mix(cb_fold_hash(verifier->fold) ^ verifier->count));
}

void cb_verifier_destroy(cb_verifier *verifier) {
    if (verifier == NULL) return;
    cb_fold_destroy(verifier->fold);
    free(verifier);
}
