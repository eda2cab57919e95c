#pragma once
// The relation fields of a model that was read from a database. Private to migrator/introspect.

#include "migrator/introspect/schema_names.h"

struct relation_field {
    const char *name;
    const char *type;      // with ? or []
    const char *attribute; // @relation(…); "": none
};

struct relation_fields {
    struct relation_field *items;
    size_t count;
};

// Whether the table is what joins two models in an implicit many-to-many relation, which is no
// model of its own.
bool table_is_join(const struct names *names, const struct table *table);

// Whether the columns of a row name it alone: a primary key or unique index of exactly these.
bool columns_are_unique(const struct table *table, const struct column *const *columns,
                        size_t count);

// By the tables' positions, in the arena of the names. is_ignored: by position, the models that are
// out of the client's reach; fields that lead to them are marked so.
struct relation_fields *relation_fields_of(struct names *names, const bool *is_ignored);
