#pragma once
// Predicates of partial indexes, as they compare.
//
// A Postgres server keeps no text: it gives a predicate back with parentheses around every
// operation, casts on literals, and operators in place of IN, LIKE and BETWEEN. SQLite keeps the
// text.

#include "migrator/model/model.h"

// A text in which two predicates are equal when they differ in no more than what the server makes
// of them: ((s)::text = 'x'::text) and s = 'x'. What is not understood stays as it is. NULL stays
// NULL. Borrowed from `sql` or in the model's arena.
const char *predicate_comparable(const struct model *model, const char *sql);
