#pragma once
// Private to migrator/diff: the two models side by side.

#include "base/map.h"
#include "migrator/diff/table_change.h"

struct diff {
    const struct model *from, *to;
    const struct diff_rules *rules;
    struct steps *steps;
    struct table_change **change_of; // by the position of the table of `from`; NULL: dropped
    struct table_change **change_to; // by the position of the table of `to`; NULL: created
    struct map *enumerations_from, *enumerations_to; // by schema_key; NULL: no enum types
};

// What tells a table or an enum from all others of its model.
const char *schema_key(struct arena *arena, const char *space, const char *name);

struct step *diff_push(struct diff *diff, enum step_kind kind); // until the next one is pushed

// STEP_CREATE_ENUM, STEP_ALTER_ENUM; those of STEP_DROP_ENUM come after the tables'.
void diff_enumerations(struct diff *diff);
void diff_dropped_enumerations(struct diff *diff);
// The steps of indexes and of foreign keys, each at its place in the order.
void diff_dropped_indexes(struct diff *diff);
void diff_replaced_indexes(struct diff *diff, const struct table_change *change);
void diff_created_indexes(struct diff *diff);
void diff_renamed_indexes(struct diff *diff);
void diff_dropped_foreign_keys(struct diff *diff);
void diff_renamed_foreign_keys(struct diff *diff);
void diff_added_foreign_keys(struct diff *diff);
