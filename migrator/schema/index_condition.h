#pragma once
// The condition of a partial index: where: raw("…"), or where: { field: value, … }.

#include "migrator/schema/arguments.h"

// Takes the argument `where`, if there is one, into index->where, as SQL. Reports what is mistaken.
void resolve_index_condition(struct arguments *arguments, const struct model_info *model,
                             struct dm_index *index);
