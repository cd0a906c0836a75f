#ifndef CB_FOLD_TABLE_H
#define CB_FOLD_TABLE_H

#include "cb_fold.h"
#include "cb_hash.h"

// The fold's hot path, inlined into the scans: a baseline that pays a call for every event would
// flatter whatever is compared with it.

struct cb_fold {
    cb_state *slots;
    uint64_t slot_count;  // a power of two
    uint64_t used_count;
};

void cb_fold_grow(cb_fold *fold);
// Takes over a state of a stream that has none yet.
void cb_fold_put(cb_fold *fold, const cb_state *state);

static inline cb_state *cb_fold_find(cb_state *slots, uint64_t slot_count, uint64_t stream) {
    uint64_t slot = cb_mix(stream) & (slot_count - 1);
    while (slots[slot].stream != stream && slots[slot].stream != 0) {
        slot = (slot + 1) & (slot_count - 1);
    }
    return &slots[slot];
}

static inline void cb_state_apply_inline(cb_state *state, const cb_header *header) {
    state->gap_count += header->sequence != state->last_sequence + 1;
    state->last_sequence = header->sequence;
    state->recorded_at_ns = header->recorded_at_ns;
    state->duration_total_ms += header->duration_ms;
    state->event_count++;
    state->failure_count += header->status == CB_STATUS_FAILED;
    state->retry_count += header->status == CB_STATUS_RETRY_SCHEDULED;
    state->attempt = header->attempt;
    state->stage = header->stage;
    state->status = header->status;
    // A retry stays due until the request makes progress.
    if (header->status == CB_STATUS_RETRY_SCHEDULED) {
        state->retry_at_ns = header->retry_at_ns;
    } else if (header->status == CB_STATUS_COMPLETED) {
        state->retry_at_ns = 0;
    }
}

static inline void cb_fold_apply_inline(cb_fold *fold, const cb_header *header) {
    cb_state *state = cb_fold_find(fold->slots, fold->slot_count, header->stream);
    if (state->stream == 0) {
        if (++fold->used_count * 2 > fold->slot_count) {
            cb_fold_grow(fold);
            state = cb_fold_find(fold->slots, fold->slot_count, header->stream);
        }
        state->stream = header->stream;
    }
    cb_state_apply_inline(state, header);
}

#endif
