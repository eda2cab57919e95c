#pragma once
// The datamodel: a schema with every name resolved and every rule checked, for one provider.
//
// Everything lies in the datamodel's arena, in the order of the sources; pointers between the parts
// are plain. Names "in the database" (db_name) are final: given by @map, or the default that the
// provider's conventions make, cut to its limit. Spans point into the sources, which outlive it.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "migrator/schema/datasource.h"
#include "migrator/schema/field_types.h"
#include "migrator/schema/index.h"

struct dm_field {
    const char *name;
    const char *db_name; // the column; the name of a relation field means nothing
    struct dm_model *model;
    uint32_t index; // in model->fields
    enum dm_type_kind type_kind;
    enum dm_arity arity;
    enum dm_scalar scalar; // DM_TYPE_SCALAR
    union {
        struct dm_enum *enumeration;  // DM_TYPE_ENUM
        const char *unsupported_type; // DM_TYPE_UNSUPPORTED
        struct dm_model *related;     // DM_TYPE_RELATION
    };
    union {
        struct dm_relation *relation;  // DM_TYPE_RELATION
        struct dm_native_type *native; // the others; NULL: the provider's usual type of the scalar
    };
    struct dm_default default_value;
    bool is_updated_at;
    bool is_ignored;
    const char *documentation; // NULL: none
    struct span span;          // from the name on
};

struct dm_model {
    const char *name;
    const char *db_name;
    size_t index;       // in datamodel->models
    const char *schema; // @@schema; NULL: absent
    struct dm_field *fields;
    size_t field_count;
    struct dm_index *primary_key; // NULL: none
    // But the primary key, in the order of generated SQL: those of fields, @@index, @@unique,
    // @@fulltext.
    struct dm_index **indexes;
    size_t index_count;
    bool is_view;
    bool is_ignored;
    const char *documentation;
    struct span span, name_span;
};

struct dm_enum_value {
    const char *name;
    const char *db_name;
    const char *documentation;
    struct span span;
};
struct dm_enum {
    const char *name;
    const char *db_name;
    const char *schema; // NULL: absent
    struct dm_enum_value *values;
    size_t value_count;
    const char *documentation;
    struct span span, name_span;
};

enum dm_action {
    DM_ACTION_ABSENT, // not written: the default depends on arity, provider and relation mode
    DM_CASCADE,
    DM_RESTRICT,
    DM_NO_ACTION,
    DM_SET_NULL,
    DM_SET_DEFAULT,
};

enum dm_relation_kind { DM_ONE_TO_ONE, DM_ONE_TO_MANY, DM_MANY_TO_MANY };

struct dm_relation {
    enum dm_relation_kind kind;
    const char *name; // given, or "AToB" in byte order of the models' names
    bool has_given_name;
    // one-to-one, one-to-many: `from` holds the foreign key, `to` is the other side.
    // Many-to-many (implicit): `from` is column A, `to` is column B of the table "_<name>".
    struct dm_field *from, *to;
    struct dm_model *from_model, *to_model;
    // The foreign key; counts are equal. None for many-to-many.
    struct dm_field **fields;     // of from_model
    struct dm_field **references; // of to_model
    size_t field_count;
    enum dm_action on_delete, on_update;
    const char *map;     // map:; NULL: absent
    const char *db_name; // the constraint; NULL: none is made (SQLite, many-to-many)
    struct span span;
};

struct datamodel {
    struct arena *arena;
    enum dm_provider provider;
    struct dm_datasource *datasource; // NULL: the schema has none
    struct dm_model **models;         // views too
    size_t model_count;
    struct dm_enum **enums;
    size_t enum_count;
    // In the order of the fields that hold the foreign key; many-to-many in that of column A's
    // field.
    struct dm_relation **relations;
    size_t relation_count;
    const char *const *preview_features; // of all generators
    size_t preview_feature_count;
};

// The actions in force: as written, or the default. Of a relation with a required scalar field
// Restrict (NoAction where the provider lacks it), else SetNull; on update Cascade.
enum dm_action dm_relation_on_delete(const struct datamodel *datamodel,
                                     const struct dm_relation *relation);
enum dm_action dm_relation_on_update(const struct dm_relation *relation);

void datamodel_free(struct datamodel *datamodel); // NULL is fine
