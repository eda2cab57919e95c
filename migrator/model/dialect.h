#pragma once
// What the relational model must know of a database engine: the column types it has, which of them
// a scalar gets unless told otherwise, and a few conventions. Pure tables; how SQL is written is
// the matter of migrator/sql, what a change costs that of migrator/diff.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "migrator/schema/datamodel.h"

enum { TYPE_ARGUMENTS_MAX = 2, TYPE_ARGUMENT_MAX = -1 };

// How the arguments of a native type are written.
enum type_arguments {
    TYPE_PLAIN,     // none
    TYPE_LENGTH,    // (n), may be absent
    TYPE_PRECISION, // (p,s), may be absent
};

struct native_type {
    const char *name; // in the schema language: @db.<name>
    const char *sql;  // in a column's definition, before the arguments
    enum dm_scalar scalar;
    enum type_arguments arguments;
    unsigned code; // the dialect's own number, for tables of casts
};

// The type of a scalar without an @db attribute.
struct usual_type {
    unsigned code;
    int32_t arguments[TYPE_ARGUMENTS_MAX]; // TYPE_ARGUMENT_MAX: "max"
    uint8_t argument_count;
};

struct dialect {
    enum dm_provider provider;
    size_t name_limit;               // of identifiers, in bytes; 0: none
    const struct native_type *types; // indexed by code; NULL: types follow the scalar alone
    size_t type_count;
    struct usual_type usual[DM_BYTES + 1]; // by scalar
    const char *type_argument_separator;   // "," or ", "
    const char *default_schema;            // what no schema means; NULL: the engine has none
    bool has_enums;                        // types of their own, or inside the column (MySQL)
    bool join_table_has_primary_key;       // many-to-many: PRIMARY KEY instead of UNIQUE
    bool integer_key_increments;           // a single Int @id counts by itself (SQLite's rowid)
    bool has_restrict;                     // the referential action RESTRICT
};

const struct dialect *dialect_of(enum dm_provider provider);

// The native type of that name; NULL: unknown.
const struct native_type *dialect_type(const struct dialect *dialect, const char *name);

// What tells a schema from the others: NULL for none and for the engine's default schema.
const char *dialect_space(const struct dialect *dialect, const char *schema);
