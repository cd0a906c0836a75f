#include "cb_fold.h"

#include <stdlib.h>

#include "cb_fold_table.h"

static void *require(void *memory) {
    // A benchmark that ran out of memory has nothing left to measure.
    if (memory == NULL) abort();
    return memory;
}

cb_fold *cb_fold_create(void) {
    cb_fold *fold = require(malloc(sizeof *fold));
    fold->slot_count = 4096;
    fold->used_count = 0;
    fold->slots = require(calloc(fold->slot_count, sizeof *fold->slots));
    return fold;
}

void cb_fold_destroy(cb_fold *fold) {
    if (fold == NULL) return;
    free(fold->slots);
    free(fold);
}

void cb_fold_grow(cb_fold *fold) {
    uint64_t slot_count = fold->slot_count * 2;
    cb_state *slots = require(calloc(slot_count, sizeof *slots));
    for (uint64_t slot = 0; slot < fold->slot_count; slot++) {
        uint64_t stream = fold->slots[slot].stream;
        if (stream != 0) *cb_fold_find(slots, slot_count, stream) = fold->slots[slot];
    }
    free(fold->slots);
    fold->slots = slots;
    fold->slot_count = slot_count;
}

void cb_fold_put(cb_fold *fold, const cb_state *state) {
    if (++fold->used_count * 2 > fold->slot_count) cb_fold_grow(fold);
    *cb_fold_find(fold->slots, fold->slot_count, state->stream) = *state;
}

void cb_state_apply(cb_state *state, const cb_header *header) {
    cb_state_apply_inline(state, header);
}

void cb_fold_apply(cb_fold *fold, const cb_header *header) { cb_fold_apply_inline(fold, header); }

uint64_t cb_state_hash(const cb_state *state) {
    uint64_t hash = cb_mix(state->stream);
    hash = cb_mix(hash ^ state->last_sequence);
    hash = cb_mix(hash ^ (uint64_t)state->recorded_at_ns);
    hash = cb_mix(hash ^ (uint64_t)state->retry_at_ns);
    hash = cb_mix(hash ^ state->duration_total_ms);
    hash = cb_mix(hash ^ ((uint64_t)state->event_count << 32 | state->failure_count));
    hash = cb_mix(hash ^ ((uint64_t)state->retry_count << 32 | state->gap_count));
    return cb_mix(
        hash ^ ((uint64_t)state->attempt << 32 | (uint64_t)state->stage << 8 | state->status));
}

uint64_t cb_fold_hash(const cb_fold *fold) {
    uint64_t sum = 0;
    for (uint64_t slot = 0; slot < fold->slot_count; slot++) {
        if (fold->slots[slot].stream != 0) sum += cb_state_hash(&fold->slots[slot]);
    }
    return sum;
}
