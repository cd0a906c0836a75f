#include "cb_pq.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

enum { COPY_CHUNK_BYTE_COUNT = 1 << 20 };

cb_pq_calls cb_pq;

static bool load(void) {
    static const char *const names[] = {
        "PQconnectdb", "PQstatus", "PQfinish", "PQexec", "PQexecParams", "PQprepare",
        "PQexecPrepared", "PQresultStatus", "PQntuples", "PQnfields", "PQgetvalue",
        "PQgetlength", "PQgetisnull", "PQclear", "PQputCopyData", "PQputCopyEnd", "PQgetResult",
    };
    enum { CALL_COUNT = sizeof names / sizeof *names };
    _Static_assert(sizeof cb_pq == CALL_COUNT * sizeof(void *), "one name for each call");
    if (cb_pq.connect != NULL) return true;
    void *library = dlopen("libpq.so.5", RTLD_NOW);
    if (library == NULL) return false;
    union {
        cb_pq_calls calls;
        void *addresses[CALL_COUNT];
    } found;
    for (int index = 0; index < CALL_COUNT; index++) {
        found.addresses[index] = dlsym(library, names[index]);
        if (found.addresses[index] == NULL) return false;
    }
    cb_pq = found.calls;
    return true;
}

pg_conn *cb_pq_open(void) { return cb_pq_open_at(getenv("CAIRN_POSTGRES")); }

pg_conn *cb_pq_open_at(const char *server) {
    if (server == NULL || !load()) return NULL;
    pg_conn *connection = cb_pq.connect(server);
    if (cb_pq.status(connection) == CB_PQ_CONNECTION_OK) return connection;
    cb_pq.finish(connection);
    return NULL;
}

int cb_pq_finish_result(pg_result *result) {
    int status = cb_pq.result_status(result);
    cb_pq.clear(result);
    return status == CB_PQ_COMMAND_OK || status == CB_PQ_TUPLES_OK ? 0 : EPROTO;
}

int cb_pq_run(pg_conn *connection, const char *statement) {
    return cb_pq_finish_result(cb_pq.exec(connection, statement));
}

int cb_pq_prepare(pg_conn *connection, const char *name, const char *statement) {
    return cb_pq_finish_result(cb_pq.prepare(connection, name, statement, 0, NULL));
}

int cb_pq_copy(pg_conn *connection, const char *statement, const void *bytes, uint64_t count) {
    pg_result *begun = cb_pq.exec(connection, statement);
    bool isOpen = cb_pq.result_status(begun) == CB_PQ_COPY_IN;
    cb_pq.clear(begun);
    if (!isOpen) return EPROTO;
    bool sent = true;
    for (uint64_t start = 0; sent && start < count; start += COPY_CHUNK_BYTE_COUNT) {
        uint64_t rest = count - start;
        int length = rest < COPY_CHUNK_BYTE_COUNT ? (int)rest : COPY_CHUNK_BYTE_COUNT;
        sent = cb_pq.put_copy_data(connection, (const char *)bytes + start, length) == 1;
    }
    sent = cb_pq.put_copy_end(connection, sent ? NULL : "interrupted") == 1 && sent;
    int code = sent ? 0 : EPROTO;
    for (pg_result *ended; (ended = cb_pq.next_result(connection)) != NULL;) {
        int ending = cb_pq_finish_result(ended);
        if (code == 0) code = ending;
    }
    return code;
}
