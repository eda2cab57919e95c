#pragma once
// Private to migrator/introspect: the catalogues of PostgreSQL, which take several files.
// Rules: PostgreSQL manual, "System Catalogs".

#include "migrator/introspect/draft.h"

int postgres_describe_columns(struct draft *draft, struct err *err) MUST_CHECK;
int postgres_describe_indexes(struct draft *draft, struct err *err) MUST_CHECK;
int postgres_describe_foreign_keys(struct draft *draft, struct err *err) MUST_CHECK;

// Fills column->value and ->increments from a default as the server writes it.
void postgres_read_default(struct arena *arena, const char *text, struct column *column);
