#pragma once
// Private to migrator/introspect: what SQLite keeps as text.

#include <sqlite3.h>

#include "base/strbuf.h"
#include "migrator/introspect/draft.h"

// The type as it was declared; SQLite takes any text.
struct column_type sqlite_read_type(struct arena *arena, const char *declared);
// Fills column->value from the text of the DEFAULT clause.
void sqlite_read_default(struct arena *arena, const char *text, struct column *column);
// What follows WHERE in the CREATE INDEX; NULL of NULL.
const char *sqlite_read_predicate(struct arena *arena, const char *definition);
