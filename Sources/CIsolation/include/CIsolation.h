#ifndef CAIRN_CISOLATION_H
#define CAIRN_CISOLATION_H

#include <stdint.h>

/// How a child ended.
typedef struct {
    /// Whether it ended by itself with the code; by a signal otherwise.
    int32_t exited;
    /// Its exit code, or the signal's number.
    int32_t code;
    /// Whether it was killed because it got no further.
    int32_t stalled;
    /// The error of waiting for it; 0 where there was none.
    int32_t error;
} cairn_child_end;

/// Opens a file without a name for reading and writing, or returns -errno.
int32_t cairn_isolation_file(void);

/// Copies this process with the calling thread alone.
///
/// Returns the child's id, 0 in the child, or -errno. What the child writes to its standard error
/// goes into `diagnostics`. The child dies of the signals that traps raise, without a core, a
/// handler or a backtrace, and where the system can see to it with its parent.
int32_t cairn_isolation_fork(int32_t diagnostics);

/// Ends a child at once, without running anything that waits for the end of a process.
void cairn_isolation_exit(int32_t code) __attribute__((noreturn));

/// Waits for a child to end.
///
/// `progress` is a file whose first eight bytes change while the child gets on. One in which they
/// stay as they are for `patience` milliseconds is killed.
cairn_child_end cairn_isolation_wait(int32_t child, int32_t progress, int64_t patience);

#endif
