#pragma once
// Private to migrator/sql: parts of what MySQL and MariaDB are written.

#include "migrator/sql/dialect_sql.h"

// " DEFAULT …"; nothing where the column has none.
void mysql_default(struct sql_writer *writer, const struct column *column);
