#define _GNU_SOURCE
#include "cb_rocks.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "cb_rocksdb.h"

cb_rocks_calls cb_rocks;

static void *open_library(void) {
    // The name without a number comes with the headers; the others are those of Debian 12,
    // Ubuntu 24.04 and Debian 13.
    static const char *const names[] = {
        "librocksdb.so", "librocksdb.so.7.8", "librocksdb.so.8.9", "librocksdb.so.9.10",
    };
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        void *library = dlopen(names[index], RTLD_NOW);
        if (library != NULL) return library;
    }
    return NULL;
}

bool cb_rocks_load(void) {
    static const char *const names[] = {
        "options_create", "options_destroy", "options_set_create_if_missing",
        "options_set_create_missing_column_families", "options_set_compression",
        "block_based_options_create", "block_based_options_destroy",
        // Its arguments never changed, as those of the plain Bloom filter did.
        "filterpolicy_create_ribbon_hybrid", "block_based_options_set_filter_policy",
        "options_set_block_based_table_factory", "open_column_families",
        "column_family_handle_destroy", "close", "readoptions_create", "readoptions_destroy",
        "writeoptions_create", "writeoptions_destroy", "writeoptions_set_sync",
        "writebatch_create", "writebatch_destroy", "writebatch_put_cf", "write",
        "get_pinned_cf", "pinnableslice_value", "pinnableslice_destroy", "create_iterator_cf",
        "iter_destroy", "iter_seek_to_first", "iter_seek", "iter_valid", "iter_next", "iter_key",
        "iter_value", "iter_get_error", "free",
    };
    enum { CALL_COUNT = sizeof names / sizeof *names };
    _Static_assert(sizeof cb_rocks == CALL_COUNT * sizeof(void *), "one name for each call");
    if (cb_rocks.open != NULL) return true;
    void *library = open_library();
    if (library == NULL) return false;
    union {
        cb_rocks_calls calls;
        void *addresses[CALL_COUNT];
    } found;
    for (int index = 0; index < CALL_COUNT; index++) {
        char name[64] = "rocksdb_";
        found.addresses[index] = dlsym(library, strcat(name, names[index]));
        if (found.addresses[index] == NULL) return false;
    }
    cb_rocks = found.calls;
    return true;
}

int cb_rocksdb_is_there(void) { return cb_rocks_load(); }

const char *cb_rocksdb_library(void) {
    static char path[4096];
    Dl_info info;
    if (!cb_rocks_load() || dladdr((void *)cb_rocks.open, &info) == 0) return "";
    if (realpath(info.dli_fname, path) == NULL) return info.dli_fname;
    const char *name = strrchr(path, '/');
    return name == NULL ? path : name + 1;
}
