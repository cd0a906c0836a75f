#ifndef SLOW_FLUSHES_H
#define SLOW_FLUSHES_H

#include <stdint.h>

// Makes a disk with a quick cache behave like one without. fsync, fdatasync, a synchronous msync
// and a pwrite to a file that was opened for synchronous writing (as LMDB writes its meta page)
// stand here in front of the C library's: of the whole process where this is linked into the
// program, of another program where it is preloaded.

// By how much longer each of them takes from now on; 0 for not at all, as at the start. A program
// that this is preloaded into begins with what SLOW_FLUSHES_MICROSECONDS says.
void slow_flushes_set(uint32_t microseconds);

#endif
