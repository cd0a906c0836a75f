#ifndef CAIRN_CLMDB_SHIM_H
#define CAIRN_CLMDB_SHIM_H

#include <linux/stat.h>
#include <lmdb.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Asks the processor for the cache line of an address; an address without a page is passed over. */
static inline void cairn_prefetch(const void *address) {
    __builtin_prefetch(address);
}

/* Declared by <fcntl.h> only for those who ask for GNU's names. */
extern int fallocate(int, int, off_t, off_t);

/* Gives a file its blocks up to a size. Not posix_fallocate, which writes where the file system
   cannot do it, and so beside those who write there now. */
static inline int cairn_allocate(int file, off_t size) { return fallocate(file, 0, 0, size); }

/* How many names a file has, or -1. Asks for nothing else: where a file's times are finer than the
   clock's ticks, asking for them makes the next write set them anew, and its flush is slower. */
static inline long cairn_name_count(int file) {
    struct statx status;
    const int of_file_itself = 0x1000; /* AT_EMPTY_PATH, also only GNU's */
    if (syscall(SYS_statx, file, "", of_file_itself, STATX_NLINK, &status) != 0) return -1;
    return status.stx_nlink;
}

#endif
