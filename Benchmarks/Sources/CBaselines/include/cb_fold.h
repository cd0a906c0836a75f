#ifndef CB_FOLD_H
#define CB_FOLD_H

#include <stddef.h>
#include <stdint.h>

#include "cb_workload.h"

// The state of one request, the answer of the replay question. A side that folds in another
// language fills this struct and hashes it with `cb_state_hash`.
typedef struct {
    uint64_t stream;  // 0 marks a free slot of the table
    uint64_t last_sequence;
    int64_t recorded_at_ns;
    int64_t retry_at_ns;
    uint64_t duration_total_ms;
    uint32_t event_count;
    uint32_t failure_count;
    uint32_t retry_count;
    uint32_t gap_count;  // events whose sequence did not follow the one before
    uint32_t attempt;
    uint8_t stage;
    uint8_t status;
} cb_state;

void cb_state_apply(cb_state *state, const cb_header *header);
uint64_t cb_state_hash(const cb_state *state);

// An open-addressing table of states by stream number.
typedef struct cb_fold cb_fold;

cb_fold *cb_fold_create(void);
void cb_fold_destroy(cb_fold *fold);
void cb_fold_apply(cb_fold *fold, const cb_header *header);
// Wrapping sum of the hashes of all states: the order of the table does not matter.
uint64_t cb_fold_hash(const cb_fold *fold);

// Hash of every byte of `count` records in their order; the result of one timeline.
uint64_t cb_records_hash(const uint8_t *records, uint64_t count);

// Reads a store back: every byte of every record, and the order within each request. The order
// between requests does not count, because concurrent appenders do not agree on it.
typedef struct cb_verifier cb_verifier;

cb_verifier *cb_verifier_create(void);
void cb_verifier_add(cb_verifier *verifier, const uint8_t *record);
uint64_t cb_verifier_count(const cb_verifier *verifier);
uint64_t cb_verifier_hash(const cb_verifier *verifier);
void cb_verifier_destroy(cb_verifier *verifier);

#endif
