#define _GNU_SOURCE
#include "CIsolation.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/mman.h>
#include <sys/prctl.h>
#endif

int32_t cairn_isolation_file(void) {
#ifdef __linux__
    int file = memfd_create("cairn-isolation", MFD_CLOEXEC);
    if (file >= 0 || errno != ENOSYS) return file >= 0 ? file : -errno;
#endif
    char path[] = "/tmp/cairn-isolation.XXXXXX";
    int other = mkstemp(path);
    if (other < 0) return -errno;
    unlink(path);
    fcntl(other, F_SETFD, FD_CLOEXEC);
    return other;
}

static void leave_no_core(void) {
#ifdef __linux__
    // Where cores go into a pipe, a limit of zero is passed over; one byte means none of either.
    struct rlimit one = {1, 1};
    if (setrlimit(RLIMIT_CORE, &one) != 0) prctl(PR_SET_DUMPABLE, 0);
#else
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
#endif
}

int32_t cairn_isolation_fork(int32_t diagnostics) {
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0) return -errno;
    if (child > 0) return child;
#ifdef __linux__
    // The parent may be gone already, and would then never be heard of.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
#else
    (void)parent;
#endif
    leave_no_core();
    int traps[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGSYS};
    for (size_t index = 0; index < sizeof traps / sizeof *traps; index++) {
        signal(traps[index], SIG_DFL);
    }
    sigset_t all;
    sigemptyset(&all);
    for (size_t index = 0; index < sizeof traps / sizeof *traps; index++) {
        sigaddset(&all, traps[index]);
    }
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    dup2(diagnostics, STDERR_FILENO);
    return 0;
}

void cairn_isolation_exit(int32_t code) { _exit(code); }

static int64_t milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

cairn_child_end cairn_isolation_wait(int32_t child, int32_t progress, int64_t patience) {
    cairn_child_end end = {0, 0, 0, 0};
    uint64_t last = 0, current = 0;
    int64_t since = milliseconds();
    long pause = 20000;
    for (;;) {
        int status = 0;
        pid_t found = waitpid(child, &status, end.stalled ? 0 : WNOHANG);
        if (found == child) {
            end.exited = WIFEXITED(status);
            end.code = end.exited ? WEXITSTATUS(status) : WTERMSIG(status);
            return end;
        }
        if (found < 0 && errno != EINTR) {
            end.error = errno;
            return end;
        }
        if (pread(progress, &current, sizeof current, 0) == sizeof current && current != last) {
            last = current;
            since = milliseconds();
        } else if (milliseconds() - since > patience) {
            kill(child, SIGKILL);
            end.stalled = 1;
        }
        struct timespec wait = {0, pause};
        nanosleep(&wait, NULL);
        if (pause < 2000000) pause += pause / 2;
    }
}
