#include "cb_machine.h"

#include <malloc.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lmdb.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK_BYTE_COUNT = 4096, BLOCK_COUNT = 256 };

uint64_t cb_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int write_block(int file, const uint8_t *block, uint64_t index) {
    off_t offset = (off_t)(index % BLOCK_COUNT * BLOCK_BYTE_COUNT);
    ssize_t written = pwrite(file, block, BLOCK_BYTE_COUNT, offset);
    if (written == BLOCK_BYTE_COUNT) return 0;
    return written < 0 ? errno : ENOSPC;
}

cb_result cb_flush_latencies(const char *directory, uint64_t count, uint64_t *latencies_ns) {
    cb_result result = {.failed_call = "cb_flush_latencies"};
    char path[PATH_MAX];
    uint8_t block[BLOCK_BYTE_COUNT];
    snprintf(path, sizeof path, "%s/flush-probe", directory);
    memset(block, 0x5a, sizeof block);
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (file < 0) {
        result.code = errno;
        return result;
    }
    for (uint64_t index = 0; result.code == 0 && index < BLOCK_COUNT; index++) {
        result.code = write_block(file, block, index);
    }
    if (result.code == 0 && fsync(file) != 0) result.code = errno;
    for (uint64_t index = 0; result.code == 0 && index < count; index++) {
        block[0] = (uint8_t)index;
        const uint64_t start = cb_now_ns();
        result.code = write_block(file, block, index);
        if (result.code == 0 && fdatasync(file) != 0) result.code = errno;
        latencies_ns[index] = cb_now_ns() - start;
    }
    close(file);
    unlink(path);
    if (result.code == 0) result.failed_call = NULL;
    return result;
}

int cb_forget_files(const char *directory) {
    DIR *stream = opendir(directory);
    if (stream == NULL) return errno;
    int code = 0;
    for (struct dirent *entry; code == 0 && (entry = readdir(stream)) != NULL;) {
        char path[PATH_MAX];
        struct stat status;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (stat(path, &status) != 0) continue;
        if (S_ISDIR(status.st_mode) && entry->d_name[0] != '.') code = cb_forget_files(path);
        if (!S_ISREG(status.st_mode)) continue;
        int file = open(path, O_RDONLY);
        if (file < 0) continue;
        if (fsync(file) != 0) code = errno;
        if (code == 0) code = posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
        close(file);
    }
    closedir(stream);
    return code;
}

int cb_run_command(const char *command) {
    char line[PATH_MAX];
    int length = snprintf(line, sizeof line, "{ %s\n} >/dev/null </dev/null", command);
    if (length >= (int)sizeof line) return E2BIG;
    const int status = system(line);
    return WIFEXITED(status) ? WEXITSTATUS(status) : status;
}

void cb_return_free_memory(void) {
    malloc_trim(0);
}

uint64_t cb_directory_byte_count(const char *directory) {
    uint64_t sum = 0;
    DIR *stream = opendir(directory);
    if (stream == NULL) return 0;
    for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        char path[PATH_MAX];
        struct stat status;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) sum += (uint64_t)status.st_size;
    }
    closedir(stream);
    return sum;
}

uint64_t cb_free_byte_count(const char *directory) {
    struct statfs status;
    if (statfs(directory, &status) != 0) return 0;
    return (uint64_t)status.f_bavail * (uint64_t)status.f_bsize;
}

const char *cb_file_system_name(const char *directory) {
    struct statfs status;
    if (statfs(directory, &status) != 0) return "unknown";
    switch ((uint32_t)status.f_type) {
    case 0x0000ef53: return "ext2/ext3/ext4";
    case 0x01021994: return "tmpfs";
    case 0x58465342: return "xfs";
    case 0x9123683e: return "btrfs";
    case 0x2fc12fc1: return "zfs";
    case 0x794c7630: return "overlayfs";
    case 0x00006969: return "nfs";
    default: return "unknown";
    }
}

const char *cb_lmdb_version(void) { return mdb_version(NULL, NULL, NULL); }
const char *cb_sqlite_version(void) { return sqlite3_libversion(); }
