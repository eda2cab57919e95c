#pragma once
// What tables, columns and enums are called in a schema's text. Private to migrator/introspect.
//
// A name of the database's stays where the language takes it, and is changed into one that it takes
// otherwise. What a schema at hand already calls something, it goes on being called.

#include "base/map.h"
#include "migrator/model/model.h"

struct names {
    struct arena *arena;
    const struct model *model;
    const struct datamodel *known;        // NULL: none
    struct map *words;                    // of models and enums that are taken
    const char **tables;                  // by position
    struct map **fields;                  // by the table's position: the words that are taken
    const char ***columns;                // by the table's position, and the column's
    const struct dm_model **known_models; // by the table's position; NULL: not known
    const char **enumerations;            // by position
    const struct dm_enum **known_enums;   // by position; NULL: not known
    const struct enumeration **written;   // by position: the enum that is written for it
    const char ***values;                 // by the enum's position, and the value's
};

// Borrows model and datamodel.
void names_init(struct names *names, const struct model *model, const struct datamodel *known);
void names_release(struct names *names);

const char *names_table(const struct names *names, const struct table *table);
const char *names_column(const struct names *names, const struct table *table,
                         const struct column *column);
// The field that the schema at hand has for the column; NULL: none.
const struct dm_field *names_known_field(const struct names *names, const struct table *table,
                                         const struct column *column);
// A value of the enum by its text in the database; NULL: no such value.
const char *names_value(const struct names *names, const struct enumeration *enumeration,
                        const char *value);
// A name for another field of the table, as wished or with a number behind it.
const char *names_take_field(struct names *names, const struct table *table, const char *wish);
