#ifndef CAIRN_CWRITERECORDER_H
#define CAIRN_CWRITERECORDER_H

#include <stddef.h>
#include <stdint.h>

/* A program that is linked with this has its file calls go through here first, those of the shared
   libraries that it uses too: their names are defined in the program itself. Each call is passed
   on to the kernel; those on files of one folder can be recorded, and can be made to fail. */

/// What a record is of.
enum {
    /// Bytes written to a file at an offset.
    CAIRN_TAPE_WRITE = 1,
    /// Everything written to a file so far has been flushed.
    CAIRN_TAPE_FLUSH = 2,
    /// A file was given the length that stands in `offset`.
    CAIRN_TAPE_LENGTH = 3,
    /// A file was made; `bytes` is its path.
    CAIRN_TAPE_FILE_MADE = 4,
    /// The names in a folder were flushed; `bytes` is its path.
    CAIRN_TAPE_NAMES_FLUSHED = 5,
    /// Something was renamed; `bytes` is the new path.
    CAIRN_TAPE_RENAMED = 6,
    /// A word of the program's own: `file` says which, `offset` is its number.
    CAIRN_TAPE_MARK = 7,
    /// A write that failed: the drive may have it.
    CAIRN_TAPE_WRITE_FAILED = 8,
    /// A flush that failed: what it was to flush may never be flushed.
    CAIRN_TAPE_FLUSH_FAILED = 9,
};

typedef struct {
    uint32_t kind;
    /// Whether a write is durable when it is done, because its descriptor says so (O_DSYNC).
    uint32_t is_durable;
    /// The file's inode.
    uint64_t file;
    uint64_t offset;
    uint64_t byte_count;
    /// Kept until the next recording starts.
    const uint8_t *bytes;
} cairn_tape_record;

/// Begins an empty tape of what is done to the files under a folder, given without links in it.
void cairn_tape_start(const char *folder);

/// Ends the recording; the tape can be read until the next one starts.
void cairn_tape_stop(void);

/// Writes a word of the program's own on the tape.
void cairn_tape_mark(uint64_t kind, uint64_t number);

/// Writes the tape to a file, for another process.
///
/// Returns 0, or -1 where that fails.
int cairn_tape_save(const char *path);

/// Reads a tape that was saved, as if it had been recorded here.
///
/// Returns 0, or -1 where there is none.
int cairn_tape_load(const char *path);

size_t cairn_tape_count(void);
cairn_tape_record cairn_tape_record_at(size_t index);

/// Stands for an error number where a call is to do only a part of what it is asked for.
///
/// Or where the process is to be killed there.
/// Its tape is then saved beside the folder, with `.tape` behind the folder's name.
enum { CAIRN_FAULT_SHORT = -1, CAIRN_FAULT_KILL = -2 };

/// Lets calls on the files under a folder fail.
///
/// `first` is the number of the first call that fails, counted from 1, and `count` how many calls
/// fail from there on. They fail with `error`, do half of what they are asked for, or end the process.
void cairn_faults_start(const char *folder, uint64_t first, uint64_t count, int32_t error);

/// Ends the faults.
///
/// Returns how many calls there were under the folder.
uint64_t cairn_faults_stop(void);

/// Lets the next flush of a file that is recorded fail: another process has had a flush of it fail,
/// and the system tells everybody who had the file open then.
void cairn_faults_next_flush(int32_t error);

/// The name of the first call that failed since the last start; empty if none did.
const char *cairn_faults_name(void);

#endif
