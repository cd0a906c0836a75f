#ifndef CAIRN_CLMDB_SHIM_H
#define CAIRN_CLMDB_SHIM_H

#include <lmdb.h>
#include <sys/vfs.h>

/* Asks the processor for the cache line of an address; an address without a page is passed over. */
static inline void cairn_prefetch(const void *address) {
    __builtin_prefetch(address);
}

/* Declared by <fcntl.h> only for those who ask for GNU's names. */
extern int fallocate(int, int, off_t, off_t);

/* Gives a file its blocks up to a size. Not posix_fallocate, which writes where the file system
   cannot do it, and so beside those who write there now. */
static inline int cairn_allocate(int file, off_t size) { return fallocate(file, 0, 0, size); }

#endif
