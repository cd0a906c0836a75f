#ifndef CB_POSTGRES_H
#define CB_POSTGRES_H

#include <stdint.h>

#include "cb_lmdb.h"
#include "cb_result.h"
#include "cb_workload.h"

// PostgreSQL through libpq, which is looked for when it is wanted; 0 where there is none or no
// server answers. `CAIRN_POSTGRES` names the server.
int cb_postgres_is_there(void);
// Whether the server flushes what it commits.
int cb_postgres_flushes(void);
// Fills in the server's version; 0, or an errno.
int cb_postgres_version(char *text, uint64_t capacity);

// The original system's event_tracker table with all of its indexes, in a schema of its own that
// those of these functions make anew that fill it. Hashes as in cb_lmdb.h.

// A COPY for each commit, the quickest way in. The schema stays where nothing is measured.
cb_result cb_postgres_append(
    const cb_workload *workload, const char *schema, cb_append_options options);

// Removes a schema, if it is there.
int cb_postgres_drop(const char *server, const char *schema);

// `client_count` connections to a server with a thread each; every event is a prepared INSERT and a
// commit. `latencies_ns` has an element for each event.
cb_result cb_postgres_group(
    const cb_workload *workload, const char *server, const char *schema, uint64_t event_count,
    uint64_t client_count, uint64_t *latencies_ns);

// The quickest of some commits of a server, in nanoseconds; 0 where none answers.
uint64_t cb_postgres_commit_ns(const char *server, const char *schema);
// Fills in where the server keeps its files; 0, or an errno.
int cb_postgres_data_directory(char *path, uint64_t capacity);

// Takes rows over from a text in a format of COPY, such as "FORMAT text", and counts them for the
// planner; the COPY alone is measured.
cb_result cb_postgres_load(
    const char *schema, const char *columns, const char *format, const uint8_t *rows,
    uint64_t byte_count);

cb_result cb_postgres_timelines(
    const char *schema, const uint64_t *streams, uint64_t stream_count, uint64_t *latencies_ns);

// Asks a prepared statement once for each parameter, or `ask_count` times where `parameters` is
// null. Where `counts_opening`, the first latency begins before the connection is made. The hash is
// that of the cells as text, row by row, of those columns whose bit is set, and of all answers in
// turn.
cb_result cb_postgres_ask(
    const char *schema, const char *statement, const char *const *parameters,
    uint64_t ask_count, bool counts_opening, uint32_t hashed_columns, uint64_t *latencies_ns);

// FNV-1a over one more cell of an answer, and over the end of a row.
uint64_t cb_cell_hash(uint64_t hash, const char *text, uint64_t length);
uint64_t cb_row_end_hash(uint64_t hash);

#endif
