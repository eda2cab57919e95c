#pragma once
// Keys and indexes of the datamodel. Part of migrator/schema/datamodel.h, and of its arena.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

struct dm_field;
struct dm_model;

enum dm_sort { DM_SORT_ABSENT, DM_SORT_ASC, DM_SORT_DESC };

// A column of a key or an index.
struct dm_index_field {
    struct dm_field *field;
    enum dm_sort sort;
    int64_t length; // 0: absent
    // The SQL name: jsonb_path_ops, or the text of raw("…"); NULL: absent.
    const char *operator_class;
};

enum dm_clustering { DM_CLUSTERED_ABSENT, DM_CLUSTERED, DM_NONCLUSTERED };
enum dm_index_kind { DM_INDEX_PRIMARY, DM_INDEX_UNIQUE, DM_INDEX_NORMAL, DM_INDEX_FULLTEXT };
enum dm_index_type {
    DM_INDEX_TYPE_ABSENT,
    DM_INDEX_BTREE,
    DM_INDEX_HASH,
    DM_INDEX_GIST,
    DM_INDEX_GIN,
    DM_INDEX_SPGIST,
    DM_INDEX_BRIN,
};

// @id, @@id, @unique, @@unique, @@index, @@fulltext
struct dm_index {
    enum dm_index_kind kind;
    struct dm_model *model;
    struct dm_index_field *fields;
    size_t field_count;
    enum dm_index_type type;
    enum dm_clustering clustering;
    const char *client_name; // name:; NULL: absent
    const char *map;         // map:; NULL: absent
    const char *db_name;     // map, or the default name; NULL: SQLite's primary key has none
    const char *where;       // partial index: the SQL predicate; NULL: none
    bool on_field;           // @id or @unique of one field
    struct span span;
};
