#pragma once
// The second half of building a model: foreign keys and the tables of implicit many-to-many
// relations. Private to migrator/model.

#include "base/map.h"
#include "migrator/model/model.h"

// A model's table, and its columns by the index of their fields (NULL: a relation field).
struct table_source {
    struct table *table;
    struct column **columns;
};

struct build {
    struct model *model;
    struct table_source *tables; // by the index of the model; no table: a view
    struct map *enumerations;    // enum's name -> struct enumeration
    bool has_foreign_keys;       // false: relationMode = "prisma"
};

void build_relations(struct build *build, const struct datamodel *datamodel);
