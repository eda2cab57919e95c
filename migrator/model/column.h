#pragma once
// A column of the relational model: its type, its default, and whether it may be left out.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "migrator/model/dialect.h"

struct enumeration; // migrator/model/model.h

enum column_family { COLUMN_SCALAR, COLUMN_ENUM, COLUMN_UNSUPPORTED };
enum column_arity { COLUMN_REQUIRED, COLUMN_NULLABLE, COLUMN_LIST };

struct column_type {
    enum column_family family;
    enum dm_scalar scalar;                 // COLUMN_SCALAR
    const struct native_type *native;      // COLUMN_SCALAR; NULL where the dialect has none
    int32_t arguments[TYPE_ARGUMENTS_MAX]; // TYPE_ARGUMENT_MAX: "max"
    uint8_t argument_count;
    bool arguments_are_usual; // of a described database: those that the engine takes for none
    const struct enumeration *enumeration; // COLUMN_ENUM
    const char *unsupported;               // COLUMN_UNSUPPORTED: the type as the database says it
};

enum value_kind {
    VALUE_STRING,
    VALUE_NUMBER,
    VALUE_BOOLEAN,
    VALUE_ENUM,
    VALUE_DATETIME,
    VALUE_JSON,
    VALUE_BYTES, // text: base64
};
struct value {
    enum value_kind kind;
    const char *text;
    size_t length;
};

enum default_kind {
    DEFAULT_NONE,
    DEFAULT_VALUE,
    DEFAULT_LIST,
    DEFAULT_NOW,
    DEFAULT_SEQUENCE,   // counts up; on dialects that count by a column's property, see increments
    DEFAULT_EXPRESSION, // SQL
};
struct column_default {
    enum default_kind kind;
    const struct value *values; // DEFAULT_VALUE: one
    size_t value_count;
    // SQL. Of a described database each default's own text is here too: one that a schema gives as
    // SQL is compared with it.
    const char *expression;
    const char *name; // SQL Server: of the constraint; NULL elsewhere
};

struct column {
    const char *name;
    struct column_type type;
    enum column_arity arity;
    struct column_default value; // what an INSERT that leaves the column out stores
    bool increments;             // SERIAL, AUTO_INCREMENT, IDENTITY, AUTOINCREMENT
    bool client_fills;           // uuid() and the like: a default, but none that the database has
    bool is_described;           // of a described database
    size_t position;             // in the table
};
