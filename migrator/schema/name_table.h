#pragma once
// A hash table from (scope, name) to a pointer, for names that lie in a source: nothing is copied,
// so that looking a word up costs no allocation. The scope keeps the fields of different models
// apart in one table.

#include <stddef.h>
#include <stdint.h>

struct name_table {
    struct name_entry *entries;
    uint32_t *slots;   // numbers of entries, from 1; 0: free
    size_t slot_count; // a power of two
    size_t used;       // of the entries
};

// Zero-initialised is empty. Keys are borrowed.
void name_table_release(struct name_table *table);
// Makes room for that many names in all, so that the table does not grow on the way.
void name_table_reserve(struct name_table *table, size_t names);
// Puts where nothing is; returns what is there already, else NULL.
void *name_table_put(struct name_table *table, const void *scope, const char *name, size_t length,
                     void *value);
void *name_table_get(const struct name_table *table, const void *scope, const char *name,
                     size_t length);
