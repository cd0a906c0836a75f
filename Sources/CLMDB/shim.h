#ifndef CAIRN_CLMDB_SHIM_H
#define CAIRN_CLMDB_SHIM_H

#include <lmdb.h>
#include <sys/vfs.h>

/* Asks the processor for the cache line of an address; an address without a page is passed over. */
static inline void cairn_prefetch(const void *address) {
    __builtin_prefetch(address);
}

#endif
