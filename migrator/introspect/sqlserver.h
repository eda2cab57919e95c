#pragma once
// Private to migrator/introspect: what SQL Server's catalogue keeps as numbers and as text.

#include "migrator/introspect/draft.h"

// A column's type as sys.types and sys.columns have it. `length`: in bytes, -1 for "max".
struct sqlserver_type {
    const char *name;
    int32_t length, precision, scale;
};
struct column_type sqlserver_read_type(struct draft *draft, const struct sqlserver_type *declared);
// Fills column->value from the text of a default constraint: "((1))", "(N'a')", "(getdate())".
void sqlserver_read_default(struct arena *arena, const char *text, struct column *column);
