#ifndef CB_RESULT_H
#define CB_RESULT_H

#include <stdint.h>

// What one measured run returns. `failed_call` is null when the run succeeded; otherwise `code` is
// what that call returned: an LMDB code, a SQLite code or an errno.
typedef struct {
    const char *failed_call;
    int32_t code;
    double seconds;
    uint64_t event_count;  // events the measured part handled
    uint64_t hash;         // of the result, equal on every side that did the same work
} cb_result;

#endif
