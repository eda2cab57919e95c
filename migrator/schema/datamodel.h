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
#include "base/diag.h"

enum dm_provider { DM_POSTGRESQL, DM_MYSQL, DM_SQLITE, DM_SQLSERVER };

// name in the language, bit of a set of types
#define DM_SCALARS(X)          \
    X(DM_STRING, "String")     \
    X(DM_INT, "Int")           \
    X(DM_BIGINT, "BigInt")     \
    X(DM_FLOAT, "Float")       \
    X(DM_DECIMAL, "Decimal")   \
    X(DM_BOOLEAN, "Boolean")   \
    X(DM_DATETIME, "DateTime") \
    X(DM_JSON, "Json")         \
    X(DM_BYTES, "Bytes")
enum dm_scalar {
#define X(id, name) id,
    DM_SCALARS(X)
#undef X
};

enum dm_arity { DM_REQUIRED, DM_OPTIONAL, DM_LIST };

enum dm_type_kind {
    DM_TYPE_SCALAR,
    DM_TYPE_ENUM,
    DM_TYPE_UNSUPPORTED, // Unsupported("…"): the type's text is the database's
    DM_TYPE_RELATION,    // another model: no column
};

// @db.VarChar(191): the name as in the language, arguments as written
struct dm_native_type {
    const char *name;
    const char *const *arguments;
    size_t argument_count;
    struct span span;
};

enum dm_value_kind {
    DM_VALUE_STRING,  // text unescaped: the default of String, DateTime (RFC 3339), Json, Bytes
                      // (base64)
    DM_VALUE_NUMBER,  // text as written
    DM_VALUE_BOOLEAN, // text "true" or "false"
    DM_VALUE_ENUM,    // enum_value
};
struct dm_value {
    enum dm_value_kind kind;
    const char *text;
    size_t text_length;
    const struct dm_enum_value *enum_value;
};

enum dm_default_kind {
    DM_DEFAULT_NONE,
    DM_DEFAULT_VALUE, // values[0]
    DM_DEFAULT_LIST,  // values, may be none
    DM_DEFAULT_AUTOINCREMENT,
    DM_DEFAULT_SEQUENCE, // CockroachDB's: no provider at hand accepts it
    DM_DEFAULT_NOW,
    DM_DEFAULT_DBGENERATED, // expression: NULL or the SQL
    DM_DEFAULT_CLIENT,      // uuid(), cuid(), ulid(), nanoid(): made by the client, no SQL default
};
struct dm_default {
    const struct dm_value *values;
    const char *expression; // DBGENERATED; of CLIENT the function as written: "uuid(7)"
    const char *map;        // name given with map:; NULL: none
    const char *db_name;    // SQL Server: the constraint's name; NULL elsewhere
    uint32_t value_count;
    enum dm_default_kind kind;
};

struct dm_field {
    const char *name;
    const char *db_name; // the column; the name of a relation field means nothing
    struct dm_model *model;
    uint32_t index; // in model->fields
    enum dm_type_kind type_kind;
    enum dm_arity arity;
    enum dm_scalar scalar;         // DM_TYPE_SCALAR
    struct dm_enum *enumeration;   // DM_TYPE_ENUM
    const char *unsupported_type;  // DM_TYPE_UNSUPPORTED
    struct dm_model *related;      // DM_TYPE_RELATION
    struct dm_relation *relation;  // DM_TYPE_RELATION
    struct dm_native_type *native; // NULL: the provider's usual type of the scalar
    struct dm_default default_value;
    bool is_updated_at;
    bool is_ignored;
    const char *documentation; // NULL: none
    struct span span;          // from the name on
};

enum dm_sort { DM_SORT_ABSENT, DM_SORT_ASC, DM_SORT_DESC };

// A column of a key or an index.
struct dm_index_field {
    struct dm_field *field;
    enum dm_sort sort;
    int64_t length; // 0: absent
    const char
        *operator_class; // the SQL name (jsonb_path_ops, or the text of raw("…")); NULL: absent
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

struct dm_extension {
    const char *name;
    const char *db_name; // map:, else name
    const char *schema;  // NULL: absent
    const char *version; // NULL: absent
    struct span span;
};

enum dm_relation_mode { DM_FOREIGN_KEYS, DM_EMULATED };

// A setting that is a text, or the name of an environment variable: env("X"). Both NULL: absent.
struct dm_setting {
    const char *text;
    const char *variable;
    struct span span;
};

struct dm_datasource {
    const char *name;
    enum dm_provider provider;
    const char *provider_text; // as written: "postgres"
    struct dm_setting url, direct_url, shadow_database_url;
    enum dm_relation_mode relation_mode;
    const char *const *schemas; // as written; db.schemas
    size_t schema_count;
    struct dm_extension *extensions;
    size_t extension_count;
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

const char *dm_provider_name(enum dm_provider provider); // "postgresql"
const char *dm_scalar_name(enum dm_scalar scalar);
