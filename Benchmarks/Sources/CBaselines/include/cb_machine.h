#ifndef CB_MACHINE_H
#define CB_MACHINE_H

#include <stdint.h>

#include "cb_result.h"

uint64_t cb_now_ns(void);

// Latencies of overwriting 4 KiB of a preallocated file and calling fdatasync, `count` times.
cb_result cb_flush_latencies(const char *directory, uint64_t count, uint64_t *latencies_ns);

// Sum of the sizes of the regular files in `directory`, without descending.
uint64_t cb_directory_byte_count(const char *directory);

// Bytes that anybody may still write to the file system of `directory`; 0 when it does not say.
uint64_t cb_free_byte_count(const char *directory);

// Has the system forget what it holds of the regular files in `directory` in memory; what is
// mapped or not yet written stays. 0, or an errno.
int cb_forget_files(const char *directory);

// Runs a shell's command and drops what it prints, but for errors; what it leaves running goes on,
// which Foundation's processes would wait for. 0, or its exit code.
int cb_run_command(const char *command);

/// Gives freed memory back to the system, so that what is taken next can be seen.
void cb_return_free_memory(void);

// The kind of file system, such as "ext2/ext3/ext4" or "tmpfs"; "unknown" when not recognised.
const char *cb_file_system_name(const char *directory);

const char *cb_lmdb_version(void);
const char *cb_sqlite_version(void);

#endif
