#ifndef CB_TABLE_H
#define CB_TABLE_H

#include <sqlite3.h>

#include "cb_store.h"

// Columns of a SELECT that cb_table_read can turn back into a record, in this order.
#define CB_TABLE_COLUMNS                                                                         \
    "tenant, pagw_id, stage, event_type, status, sequence_no, attempt, next_retry_at, "           \
    "external_reference, duration_ms, error_message, worker_id, service_name, created_at"

// Opens the database of the directory in WAL mode with synchronous=FULL, creating its table.
int cb_table_open(sqlite3 **database, const char *directory);

// Adds the other indexes of the original system to a new table.
int cb_table_add_indexes(sqlite3 *database);

// Inserts one record with the prepared statement of cb_table_prepare_insert.
int cb_table_prepare_insert(sqlite3 *database, sqlite3_stmt **statement);
int cb_table_insert(sqlite3_stmt *statement, const uint8_t *record);

// The header of the current row; and the whole record, byte for byte what was inserted.
cb_header cb_table_read_header(sqlite3_stmt *statement);
void cb_table_read(sqlite3_stmt *statement, uint8_t *record);

#endif
