#define _GNU_SOURCE
#include "slow_flushes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

_Static_assert(
    sizeof(off_t) == 8 && sizeof(long) == 8, "offsets are handed to the system in one register");

static atomic_uint delay_us;

void slow_flushes_set(uint32_t microseconds) { atomic_store(&delay_us, microseconds); }

__attribute__((constructor)) static void read_environment(void) {
    const char *text = getenv("SLOW_FLUSHES_MICROSECONDS");
    if (text != NULL) slow_flushes_set((uint32_t)strtoul(text, NULL, 10));
}

static long slowed(long result) {
    const uint32_t microseconds = atomic_load_explicit(&delay_us, memory_order_relaxed);
    if (microseconds == 0) return result;
    const int error = errno;
    struct timespec rest = {microseconds / 1000000, microseconds % 1000000 * 1000};
    // A signal must not make a flush quicker.
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {}
    errno = error;
    return result;
}

int fsync(int file) { return (int)slowed(syscall(SYS_fsync, file)); }
int fdatasync(int file) { return (int)slowed(syscall(SYS_fdatasync, file)); }

int msync(void *address, size_t length, int flags) {
    long result = syscall(SYS_msync, address, length, flags);
    return (int)((flags & MS_SYNC) != 0 ? slowed(result) : result);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
    long result = syscall(SYS_pwrite64, file, bytes, count, offset);
    if (atomic_load_explicit(&delay_us, memory_order_relaxed) == 0) return result;
    const int error = errno;
    const int flags = fcntl(file, F_GETFL);
    errno = error;
    return flags >= 0 && (flags & O_DSYNC) != 0 ? slowed(result) : result;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    return pwrite64(file, bytes, count, offset);
}
