#pragma once
// What a field of the datamodel can be: its type, its native type, its default.
// Part of migrator/schema/datamodel.h, and of its arena.

#include <stddef.h>
#include <stdint.h>

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
    DM_VALUE_STRING,  // text unescaped: of String, DateTime (RFC 3339), Json, Bytes (base64)
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
    union {
        const struct dm_value *values; // VALUE, LIST
        const char *expression;        // DBGENERATED; of CLIENT the function as written: "uuid(7)"
    };
    const char *map;     // name given with map:; NULL: none
    const char *db_name; // SQL Server: the constraint's name; NULL elsewhere
    uint32_t value_count;
    enum dm_default_kind kind;
};

const char *dm_provider_name(enum dm_provider provider); // "postgresql"
const char *dm_scalar_name(enum dm_scalar scalar);
