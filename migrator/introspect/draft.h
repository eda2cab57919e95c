#pragma once
// A model while rows of a catalogue come in. Private to migrator/introspect.
//
// Rows of one kind arrive grouped by table. draft_enter says whose rows follow; what was gathered
// for the table before is settled in the model's arena then, so that pointers to columns hold.

#include "base/map.h"
#include "base/vec.h"
#include "migrator/introspect/introspect.h"

struct column_link {
    const struct column *from, *to;
};

struct draft {
    struct driver *driver;
    const struct introspect_scope *scope;
    struct model *model;
    struct map *tables;        // by the engine's own key of them
    struct map *enumerations;  // the same
    VEC_OF(const char *) keys; // of the tables, until draft_close_tables
    VEC_OF(struct table) new_tables;
    VEC_OF(struct enumeration) new_enumerations;
    VEC_OF(const char *) values; // of the last enum
    struct table *open;
    VEC_OF(struct column) columns;
    VEC_OF(struct index) indexes;
    VEC_OF(struct index_part) parts; // of the last index
    VEC_OF(struct foreign_key) foreign_keys;
    VEC_OF(struct column_link) links; // of the last foreign key
    const char *last;                 // the engine's key of the last index or foreign key
    bool is_unusable;                 // the last index or foreign key has what a model cannot hold
};

void draft_init(struct draft *draft, struct driver *driver, const struct introspect_scope *scope,
                enum dm_provider provider);
// The model, owned by the caller.
struct model *draft_finish(struct draft *draft);

const char *draft_copy(struct draft *draft, const char *text); // NULL stays NULL

// Asks the catalogue; "%s" in the query stands for the literals of the schemas in scope.
int draft_query(struct draft *draft, const char *sql, driver_row *row, struct err *err) MUST_CHECK;
// The schemas in scope that there are, as the query names them in byte order. To be done first.
int draft_describe_schemas(struct draft *draft, const char *sql, struct err *err) MUST_CHECK;
// Objects are named with their schemas only where several are asked for: else NULL.
const char *draft_shown_schema(const struct draft *draft, const char *schema);

void draft_add_table(struct draft *draft, const char *key, const char *schema, const char *name);
void draft_close_tables(struct draft *draft);
// A value of an enum, which begins with its first one.
void draft_add_enum_value(struct draft *draft, const char *key, const char *schema,
                          const char *name, const char *value);
void draft_close_enumerations(struct draft *draft);

// The table whose rows follow; NULL: not one of the model's. NULL as the key ends the last one.
struct table *draft_enter(struct draft *draft, const char *key);
// To the table that is open. Positions and texts are the draft's matter.
void draft_add_column(struct draft *draft, struct column column);
// Whether the row begins another index or foreign key of the open table than the one before.
bool draft_is_next(struct draft *draft, const char *key);
void draft_add_index(struct draft *draft, struct index index);
// column NULL: an expression, for which there is no word; the index is left out.
void draft_add_part(struct draft *draft, struct index_part part);
void draft_add_foreign_key(struct draft *draft, struct foreign_key key);
// A row of a catalogue as a link of a foreign key: the table's key, the foreign key's name, the
// column, the target's key, its column, and what happens on delete and on update. The context is
// the draft.
driver_row draft_take_foreign_key;
void draft_add_link(struct draft *draft, const struct column *from, const struct column *to);

// What a catalogue calls "SET NULL" and the like, in any letter case.
enum dm_action action_of_words(const char *words);
