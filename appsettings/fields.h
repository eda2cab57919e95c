#pragma once
// The settings berth knows, as tables: they drive reading, the names of variables, warnings about
// near-misses, `config` and the JSON Schema. Source of the rules: the workspace contract,
// section 1.

#include <stdbool.h>
#include <stddef.h>

enum field_type {
    FIELD_TEXT,        // const char *
    FIELD_BOOL,        // bool
    FIELD_INT,         // int, from `min` to `max`
    FIELD_CHOICE,      // const char *, one of `choices` whatever its letter case
    FIELD_TEXTS,       // struct setting_strings
    FIELD_PAIRS,       // struct setting_pairs; names are free
    FIELD_HEALTH_PATH, // const char *, "/…"; false: NULL
    FIELD_OBJECT,      // `fields`, read into the same struct
    FIELD_RECORDS, // an object for each name, of `fields`; each is read into a struct of its own
    FIELD_ANY,     // kept as it lies
};

// `offset` of a field that is only kept
#define FIELD_NOWHERE ((size_t)-1)

struct field_table;

struct field {
    const char *name;
    const char *old_name; // accepted, and treated as `name`
    enum field_type type;
    size_t offset; // in the struct that is read into
    bool required;
    // The default as text; NULL: none. {key} is the record's name, {KEY} the same as a variable's
    // name, {name} the workspace's name.
    const char *fallback;
    const char *inherits; // path of the setting that counts when this one is absent
    int min, max;
    const char *const *choices; // canonical spellings, NULL-terminated
    const struct field_table *fields;
    const char *about; // one line
};

struct field_table {
    const char *title; // "Database"; NULL: has no name of its own in the JSON Schema
    const struct field *items;
    size_t count;
};

// The whole file: FIELD_OBJECT.
const struct field *fields_root(void);
// The member of a table by name, exact letter case; NULL when unknown.
const struct field *field_find(const struct field_table *table, const char *name);
// The same by name or old name in any letter case.
const struct field *field_find_any_case(const struct field_table *table, const char *name);
// The known name nearest to an unknown one, NULL when none is near.
const char *field_suggest(const struct field_table *table, const char *name);
