#ifndef CB_ROCKS_H
#define CB_ROCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What is used of RocksDB's interface for C, found at run time, as libpq is: a machine without it
// needs none of its headers to build the rest, and none of its libraries to run it.
typedef struct rocks_database rocks_database;
typedef struct rocks_family rocks_family;
typedef struct rocks_options rocks_options;
typedef struct rocks_table_options rocks_table_options;
typedef struct rocks_filter rocks_filter;
typedef struct rocks_read_options rocks_read_options;
typedef struct rocks_write_options rocks_write_options;
typedef struct rocks_batch rocks_batch;
typedef struct rocks_slice rocks_slice;
typedef struct rocks_iterator rocks_iterator;

typedef struct {
    rocks_options *(*options_create)(void);
    void (*options_destroy)(rocks_options *);
    void (*create_if_missing)(rocks_options *, unsigned char);
    void (*create_missing_families)(rocks_options *, unsigned char);
    void (*set_compression)(rocks_options *, int);
    rocks_table_options *(*table_options_create)(void);
    void (*table_options_destroy)(rocks_table_options *);
    rocks_filter *(*create_filter)(double, int);
    void (*set_filter)(rocks_table_options *, rocks_filter *);
    void (*set_table_options)(rocks_options *, rocks_table_options *);
    rocks_database *(*open)(
        const rocks_options *, const char *, int, const char *const *,
        const rocks_options *const *, rocks_family **, char **);
    void (*family_destroy)(rocks_family *);
    void (*close)(rocks_database *);
    rocks_read_options *(*read_options_create)(void);
    void (*read_options_destroy)(rocks_read_options *);
    rocks_write_options *(*write_options_create)(void);
    void (*write_options_destroy)(rocks_write_options *);
    void (*set_sync)(rocks_write_options *, unsigned char);
    rocks_batch *(*batch_create)(void);
    void (*batch_destroy)(rocks_batch *);
    void (*batch_put)(
        rocks_batch *, rocks_family *, const char *, size_t, const char *, size_t);
    void (*write)(rocks_database *, const rocks_write_options *, rocks_batch *, char **);
    rocks_slice *(*get)(
        rocks_database *, const rocks_read_options *, rocks_family *, const char *, size_t,
        char **);
    const char *(*slice_value)(const rocks_slice *, size_t *);
    void (*slice_destroy)(rocks_slice *);
    rocks_iterator *(*iterator_create)(
        rocks_database *, const rocks_read_options *, rocks_family *);
    void (*iterator_destroy)(rocks_iterator *);
    void (*seek_to_first)(rocks_iterator *);
    void (*seek)(rocks_iterator *, const char *, size_t);
    unsigned char (*is_valid)(const rocks_iterator *);
    void (*next)(rocks_iterator *);
    const char *(*key)(const rocks_iterator *, size_t *);
    const char *(*value)(const rocks_iterator *, size_t *);
    void (*iterator_error)(const rocks_iterator *, char **);
    void (*free)(void *);
} cb_rocks_calls;

// Filled by the first call of cb_rocks_load that finds the library.
extern cb_rocks_calls cb_rocks;
bool cb_rocks_load(void);

#endif
