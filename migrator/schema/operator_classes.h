#pragma once
// The operator classes of PostgreSQL that the language knows by name (ops: JsonbPathOps).

#include "migrator/schema/provider.h"

struct operator_class {
    const char *name; // in the language
    const char *sql;
    unsigned index_types; // bits 1 << enum dm_index_type
    // What it works on: native types of these names, separated by spaces, and fields of this scalar
    // that have no native type (-1: none). "" and -1: lists of any type.
    const char *native_types;
    int scalar;
};

// NULL: unknown.
const struct operator_class *operator_class_find(const char *name, size_t length);
// By the SQL name; NULL: one that was given as raw("…").
const struct operator_class *operator_class_by_sql(const char *sql);
// By the SQL name as a database says it; NULL: none that the language knows.
const struct operator_class *operator_class_find_sql(const char *sql);
// Fills in the names of all, for suggestions; returns how many.
enum { MOST_OPERATOR_CLASSES = 64 };
size_t operator_class_names(const char *out[MOST_OPERATOR_CLASSES]);
