#define _GNU_SOURCE
#include "CWriteRecorder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// What every call here asks first; nothing else is looked at while neither is set.
static atomic_bool is_recording;
static atomic_bool is_failing;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char tape_folder[PATH_MAX];
static cairn_tape_record *records;
static size_t record_count;
static size_t record_room;

static char fault_folder[PATH_MAX];
static uint64_t fault_first;
static uint64_t fault_count;
static int32_t fault_error;
static uint64_t call_count;
static char fault_name[32];
static _Atomic int32_t next_flush_error;

static int is_under(const char *folder, const char *path) {
    size_t count = strlen(folder);
    return strncmp(path, folder, count) == 0 && (path[count] == '/' || path[count] == 0);
}

static int path_of(int file, char *path) {
    char link[64];
    int count = 0;
    for (int rest = file; rest > 0 || count == 0; rest /= 10) link[count++] = '0' + rest % 10;
    char name[64] = "/proc/self/fd/";
    size_t end = strlen(name);
    while (count > 0) name[end++] = link[--count];
    name[end] = 0;
    long length = syscall(SYS_readlinkat, AT_FDCWD, name, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

// A call in work: which error it is to have, and whether it is recorded.
typedef struct {
    int32_t error;
    int is_recorded;
    char path[PATH_MAX];
} call;

static int save_all(int file, const void *bytes, size_t byte_count) {
    for (size_t done = 0; done < byte_count;) {
        long count = syscall(SYS_write, file, (const char *)bytes + done, byte_count - done);
        if (count <= 0) return -1;
        done += count;
    }
    return 0;
}

// Called with the lock held.
static int save(const char *path) {
    int file = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0) return -1;
    int result = 0;
    for (size_t index = 0; index < record_count && result == 0; index++) {
        result = save_all(file, &records[index], sizeof records[index]);
        if (result != 0) break;
        result = save_all(file, records[index].bytes, records[index].byte_count);
    }
    syscall(SYS_close, file);
    return result;
}

// Leaves the tape, and ends the process as a signal does that nothing can catch.
static void end_process(void) {
    char path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s.tape", fault_folder);
    if (save(path) != 0) abort();
    kill(getpid(), SIGKILL);
}

static void count_call(call *call, const char *name) {
    if (!atomic_load(&is_failing) || !is_under(fault_folder, call->path)) return;
    pthread_mutex_lock(&lock);
    call_count++;
    if (call_count >= fault_first && call_count - fault_first < fault_count) {
        if (fault_error == CAIRN_FAULT_KILL) end_process();
        call->error = fault_error;
        if (fault_name[0] == 0) strncpy(fault_name, name, sizeof fault_name - 1);
    }
    pthread_mutex_unlock(&lock);
}

// Looks at a call on a path; false where nobody wants to know.
static int begin_path(call *call, const char *path, const char *name) {
    call->error = 0;
    call->is_recorded = 0;
    if (!atomic_load(&is_recording) && !atomic_load(&is_failing)) return 0;
    strncpy(call->path, path, PATH_MAX - 1);
    call->path[PATH_MAX - 1] = 0;
    call->is_recorded = atomic_load(&is_recording) && is_under(tape_folder, call->path);
    count_call(call, name);
    return 1;
}

static int begin(call *call, int file, const char *name) {
    call->error = 0;
    call->is_recorded = 0;
    if (!atomic_load(&is_recording) && !atomic_load(&is_failing)) return 0;
    int saved = errno;
    if (!path_of(file, call->path)) call->path[0] = 0;
    errno = saved;
    call->is_recorded = atomic_load(&is_recording) && is_under(tape_folder, call->path);
    count_call(call, name);
    return 1;
}

// Whether the call is to fail as a whole.
static int fails(const call *call) {
    if (call->error <= 0) return 0;
    errno = call->error;
    return 1;
}

static uint64_t identity(int file) {
    struct stat status;
    if (syscall(SYS_fstat, file, &status) != 0) return 0;
    return status.st_ino;
}

static void put(uint32_t kind, int is_durable, uint64_t file, uint64_t offset, const void *bytes,
                size_t byte_count) {
    uint8_t *copy = NULL;
    if (byte_count > 0) {
        copy = malloc(byte_count);
        if (copy == NULL) abort();
        memcpy(copy, bytes, byte_count);
    }
    pthread_mutex_lock(&lock);
    if (record_count == record_room) {
        record_room = record_room == 0 ? 1024 : 2 * record_room;
        records = realloc(records, record_room * sizeof *records);
        if (records == NULL) abort();
    }
    records[record_count++] =
        (cairn_tape_record){kind, is_durable, file, offset, byte_count, copy};
    pthread_mutex_unlock(&lock);
}

static void put_path(uint32_t kind, const char *path) {
    put(kind, 0, 0, 0, path, strlen(path));
}

// Called with the lock held.
static void clear(void) {
    for (size_t index = 0; index < record_count; index++) free((void *)records[index].bytes);
    record_count = 0;
}

int cairn_tape_save(const char *path) {
    pthread_mutex_lock(&lock);
    int result = save(path);
    pthread_mutex_unlock(&lock);
    return result;
}

int cairn_tape_load(const char *path) {
    pthread_mutex_lock(&lock);
    clear();
    pthread_mutex_unlock(&lock);
    FILE *file = fopen(path, "r");
    if (file == NULL) return -1;
    cairn_tape_record record;
    while (fread(&record, sizeof record, 1, file) == 1) {
        uint8_t *bytes = malloc(record.byte_count > 0 ? record.byte_count : 1);
        if (bytes == NULL) abort();
        if (fread(bytes, 1, record.byte_count, file) != record.byte_count) abort();
        put(record.kind, record.is_durable, record.file, record.offset, bytes, record.byte_count);
        free(bytes);
    }
    fclose(file);
    return 0;
}

void cairn_tape_start(const char *folder) {
    atomic_store(&is_recording, 0);
    pthread_mutex_lock(&lock);
    clear();
    strncpy(tape_folder, folder, PATH_MAX - 1);
    pthread_mutex_unlock(&lock);
    atomic_store(&is_recording, 1);
}

void cairn_tape_stop(void) { atomic_store(&is_recording, 0); }

void cairn_tape_mark(uint64_t kind, uint64_t number) {
    if (atomic_load(&is_recording)) put(CAIRN_TAPE_MARK, 0, kind, number, NULL, 0);
}

size_t cairn_tape_count(void) { return record_count; }

cairn_tape_record cairn_tape_record_at(size_t index) { return records[index]; }

void cairn_faults_start(const char *folder, uint64_t first, uint64_t count, int32_t error) {
    atomic_store(&is_failing, 0);
    pthread_mutex_lock(&lock);
    strncpy(fault_folder, folder, PATH_MAX - 1);
    fault_first = first;
    fault_count = count;
    fault_error = error;
    call_count = 0;
    fault_name[0] = 0;
    pthread_mutex_unlock(&lock);
    atomic_store(&is_failing, 1);
}

uint64_t cairn_faults_stop(void) {
    atomic_store(&is_failing, 0);
    return call_count;
}

void cairn_faults_next_flush(int32_t error) { atomic_store(&next_flush_error, error); }

const char *cairn_faults_name(void) { return fault_name; }

#ifdef __linux__

// Writing.

static size_t allowed(const call *call, size_t byte_count) {
    return call->error == CAIRN_FAULT_SHORT && byte_count > 1 ? byte_count / 2 : byte_count;
}

static int is_durable(int file) {
    long flags = syscall(SYS_fcntl, file, F_GETFL, 0);
    return flags >= 0 && (flags & O_DSYNC) != 0;
}

ssize_t pwrite(int file, const void *bytes, size_t byte_count, off_t offset) {
    call call;
    if (begin(&call, file, "pwrite")) {
        if (fails(&call)) {
            if (call.is_recorded) {
                uint64_t number = identity(file);
                put(CAIRN_TAPE_WRITE_FAILED, 0, number, offset, bytes, byte_count);
                errno = call.error;
            }
            return -1;
        }
        byte_count = allowed(&call, byte_count);
        // Before the call: a crash can come while it is under way.
        if (call.is_recorded) {
            int through = is_durable(file);
            put(CAIRN_TAPE_WRITE, through, identity(file), offset, bytes, byte_count);
        }
    }
    return syscall(SYS_pwrite64, file, bytes, byte_count, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t byte_count, off_t offset) {
    return pwrite(file, bytes, byte_count, offset);
}

static ssize_t write_all(int file, const struct iovec *parts, int count, const char *name) {
    size_t byte_count = 0;
    for (int index = 0; index < count; index++) byte_count += parts[index].iov_len;
    call call;
    if (!begin(&call, file, name)) return syscall(SYS_writev, file, parts, count);
    if (fails(&call)) return -1;
    if (!call.is_recorded && call.error == 0) return syscall(SYS_writev, file, parts, count);
    uint8_t *joined = malloc(byte_count > 0 ? byte_count : 1);
    if (joined == NULL) abort();
    size_t end = 0;
    for (int index = 0; index < count; index++) {
        memcpy(joined + end, parts[index].iov_base, parts[index].iov_len);
        end += parts[index].iov_len;
    }
    byte_count = allowed(&call, byte_count);
    if (call.is_recorded) {
        off_t offset = syscall(SYS_lseek, file, 0, SEEK_CUR);
        int through = is_durable(file);
        put(CAIRN_TAPE_WRITE, through, identity(file), offset, joined, byte_count);
    }
    ssize_t result = syscall(SYS_write, file, joined, byte_count);
    free(joined);
    return result;
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    return write_all(file, parts, count, "writev");
}

ssize_t write(int file, const void *bytes, size_t byte_count) {
    if (!atomic_load(&is_recording) && !atomic_load(&is_failing)) {
        return syscall(SYS_write, file, bytes, byte_count);
    }
    struct iovec part = {(void *)bytes, byte_count};
    return write_all(file, &part, 1, "write");
}

static int flush(int file, long number, const char *name) {
    call call;
    int is_watched = begin(&call, file, name);
    if (is_watched && call.is_recorded && call.error == 0) {
        call.error = atomic_exchange(&next_flush_error, 0);
    }
    if (is_watched && fails(&call)) {
        if (call.is_recorded) {
            put(CAIRN_TAPE_FLUSH_FAILED, 0, identity(file), 0, NULL, 0);
            errno = call.error;
        }
        return -1;
    }
    int result = syscall(number, file);
    if (is_watched && call.is_recorded && result == 0) {
        struct stat status;
        syscall(SYS_fstat, file, &status);
        if (S_ISDIR(status.st_mode)) {
            put_path(CAIRN_TAPE_NAMES_FLUSHED, call.path);
        } else {
            put(CAIRN_TAPE_FLUSH, 0, status.st_ino, 0, NULL, 0);
        }
    }
    return result;
}

int fdatasync(int file) { return flush(file, SYS_fdatasync, "fdatasync"); }

int fsync(int file) { return flush(file, SYS_fsync, "fsync"); }

// Lengths and blocks.

int ftruncate(int file, off_t length) {
    call call;
    if (begin(&call, file, "ftruncate")) {
        if (fails(&call)) return -1;
        if (call.is_recorded) put(CAIRN_TAPE_LENGTH, 0, identity(file), length, NULL, 0);
    }
    return syscall(SYS_ftruncate, file, length);
}

int ftruncate64(int file, off_t length) { return ftruncate(file, length); }

int fallocate(int file, int mode, off_t offset, off_t length) {
    call call;
    if (begin(&call, file, "fallocate")) {
        if (fails(&call)) return -1;
        if (call.is_recorded) {
            put(CAIRN_TAPE_LENGTH, 0, identity(file), offset + length, NULL, 0);
        }
    }
    return syscall(SYS_fallocate, file, mode, offset, length);
}

int fallocate64(int file, int mode, off_t offset, off_t length) {
    return fallocate(file, mode, offset, length);
}

// Names.

static int open_at(const char *path, int flags, mode_t mode) {
    call call;
    int is_watched = begin_path(&call, path, "open");
    if (is_watched && fails(&call)) return -1;
    int is_new = 0;
    if (is_watched && call.is_recorded && (flags & O_CREAT) != 0) {
        struct stat status;
        is_new = syscall(SYS_newfstatat, AT_FDCWD, path, &status, 0) != 0;
    }
    int file = syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (is_new && file >= 0) put_path(CAIRN_TAPE_FILE_MADE, path);
    return file;
}

static mode_t mode_of(int flags, va_list rest) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    return open_at(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    return open_at(path, flags, mode);
}

int rename(const char *from, const char *to) {
    call call;
    int is_watched = begin_path(&call, to, "rename");
    if (is_watched && fails(&call)) return -1;
    int result = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    if (is_watched && call.is_recorded && result == 0) put_path(CAIRN_TAPE_RENAMED, to);
    return result;
}

int mkdir(const char *path, mode_t mode) {
    call call;
    if (begin_path(&call, path, "mkdir") && fails(&call)) return -1;
    return syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

// Reading and looking.

ssize_t pread(int file, void *bytes, size_t byte_count, off_t offset) {
    call call;
    if (begin(&call, file, "pread")) {
        if (fails(&call)) return -1;
        byte_count = allowed(&call, byte_count);
    }
    return syscall(SYS_pread64, file, bytes, byte_count, offset);
}

ssize_t pread64(int file, void *bytes, size_t byte_count, off_t offset) {
    return pread(file, bytes, byte_count, offset);
}

off_t lseek(int file, off_t offset, int origin) {
    call call;
    if (begin(&call, file, "lseek") && fails(&call)) return -1;
    return syscall(SYS_lseek, file, offset, origin);
}

off_t lseek64(int file, off_t offset, int origin) { return lseek(file, offset, origin); }

int fstat(int file, struct stat *status) {
    call call;
    if (begin(&call, file, "fstat") && fails(&call)) return -1;
    return syscall(SYS_fstat, file, status);
}

// Libraries built for older systems know fstat under this name.
int __fxstat(int version, int file, struct stat *status) {
    (void)version;
    return fstat(file, status);
}

int stat(const char *path, struct stat *status) {
    call call;
    if (begin_path(&call, path, "stat") && fails(&call)) return -1;
    return syscall(SYS_newfstatat, AT_FDCWD, path, status, 0);
}

int statfs(const char *path, struct statfs *status) {
    call call;
    if (begin_path(&call, path, "statfs") && fails(&call)) return -1;
    return syscall(SYS_statfs, path, status);
}

int fstatfs(int file, struct statfs *status) {
    call call;
    if (begin(&call, file, "fstatfs") && fails(&call)) return -1;
    return syscall(SYS_fstatfs, file, status);
}

void *mmap64(void *place, size_t byte_count, int protection, int flags, int file, off_t offset)
    __attribute__((alias("mmap")));

void *mmap(void *place, size_t byte_count, int protection, int flags, int file, off_t offset) {
    call call;
    if (file >= 0 && begin(&call, file, "mmap") && fails(&call)) return MAP_FAILED;
    return (void *)syscall(SYS_mmap, place, byte_count, protection, flags, file, offset);
}

int fcntl(int file, int command, ...) {
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    call call;
    if (begin(&call, file, "fcntl") && fails(&call)) return -1;
    return syscall(SYS_fcntl, file, command, argument);
}

int fcntl64(int file, int command, ...) {
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    return fcntl(file, command, argument);
}

#endif
