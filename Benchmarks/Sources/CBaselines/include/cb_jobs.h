#ifndef CB_JOBS_H
#define CB_JOBS_H

#include <stdint.h>

#include "cb_result.h"

// A batch of messages, each with an idempotency key; the first `done_count` are sent already.
// `keys` holds `count` keys of CB_KEY_BYTE_COUNT bytes, back to back, in ascending order.
enum { CB_KEY_BYTE_COUNT = 21 };

typedef struct {
    const uint8_t *keys;
    uint64_t count;
    uint64_t done_count;
} cb_batch;

// FNV-1a over a key: what the answers of all sides are added up from.
uint64_t cb_key_hash(const uint8_t *key);
// The result of a resume: what was found done, and which message was sent first.
uint64_t cb_resume_hash(uint64_t done_count, const uint8_t *first_key);
// The result of one step; that of a whole run is the wrapping sum over its steps.
uint64_t cb_step_hash(uint64_t item, uint64_t step, uint64_t result);

// LMDB in C: a tree from key to status and digest, full sync mode.
cb_result cb_lmdb_keys_fill(const cb_batch *batch, const char *directory);
// One get for each key of `order`; the hash is the sum of the hashes of those that are there.
cb_result cb_lmdb_keys_check(
    const cb_batch *batch, const char *directory, const uint32_t *order, uint64_t order_count);
// All keys between the first and the last of each `range_length`, in the order of the batch.
cb_result cb_lmdb_keys_ranges(
    const cb_batch *batch, const char *directory, uint64_t range_length);
// Opens, looks every key up in order until one is missing, and commits an intent for it.
cb_result cb_lmdb_resume(const cb_batch *batch, const char *directory);
// `item_count` items of `step_count` steps each, one record a step, `steps_per_commit` a commit.
// `latencies_ns` has an element for each step, which is that of its commit.
cb_result cb_lmdb_steps(
    const char *directory, uint64_t item_count, uint64_t step_count, uint64_t steps_per_commit,
    uint64_t *latencies_ns);

// PostgreSQL, as in cb_postgres.h.
cb_result cb_postgres_keys_fill(const cb_batch *batch);
cb_result cb_postgres_keys_check(
    const cb_batch *batch, const uint32_t *order, uint64_t order_count);
cb_result cb_postgres_keys_ranges(const cb_batch *batch, uint64_t range_length);
cb_result cb_postgres_resume(const cb_batch *batch);
// Each item on a connection of its own and in a thread of its own; one commit a step.
// `latencies_ns` has an element for each step.
cb_result cb_postgres_steps(uint64_t item_count, uint64_t step_count, uint64_t *latencies_ns);

#endif
