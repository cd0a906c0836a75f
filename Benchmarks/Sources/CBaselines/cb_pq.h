#ifndef CB_PQ_H
#define CB_PQ_H

#include <stdint.h>

// What is used of libpq's interface, found at run time: a machine without PostgreSQL needs none
// of its headers to build the rest.
typedef struct pg_conn pg_conn;
typedef struct pg_result pg_result;
enum { CB_PQ_CONNECTION_OK = 0, CB_PQ_COMMAND_OK = 1, CB_PQ_TUPLES_OK = 2, CB_PQ_COPY_IN = 4 };

typedef struct {
    pg_conn *(*connect)(const char *);
    int (*status)(const pg_conn *);
    void (*finish)(pg_conn *);
    pg_result *(*exec)(pg_conn *, const char *);
    pg_result *(*exec_params)(
        pg_conn *, const char *, int, const unsigned *, const char *const *, const int *,
        const int *, int);
    pg_result *(*prepare)(pg_conn *, const char *, const char *, int, const void *);
    pg_result *(*exec_prepared)(
        pg_conn *, const char *, int, const char *const *, const int *, const int *, int);
    int (*result_status)(const pg_result *);
    int (*row_count)(const pg_result *);
    int (*column_count)(const pg_result *);
    char *(*value)(const pg_result *, int, int);
    int (*length)(const pg_result *, int, int);
    int (*is_null)(const pg_result *, int, int);
    void (*clear)(pg_result *);
    int (*put_copy_data)(pg_conn *, const char *, int);
    int (*put_copy_end)(pg_conn *, const char *);
    pg_result *(*next_result)(pg_conn *);
} cb_pq_calls;

// Filled by the first connection that is opened.
extern cb_pq_calls cb_pq;

// A connection to the server that `CAIRN_POSTGRES` names; null where there is none.
pg_conn *cb_pq_open(void);
// The same of another server; null of none.
pg_conn *cb_pq_open_at(const char *server);

// 0, or EPROTO where the server refused.
int cb_pq_finish_result(pg_result *result);
int cb_pq_run(pg_conn *connection, const char *statement);
int cb_pq_prepare(pg_conn *connection, const char *name, const char *statement);

// A COPY from bytes that are in its format already.
int cb_pq_copy(pg_conn *connection, const char *statement, const void *bytes, uint64_t count);

#endif
