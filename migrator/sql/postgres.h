#pragma once
// Private to migrator/sql: the pieces of PostgreSQL's dialect, which takes three files.

#include "migrator/sql/dialect_sql.h"

void postgres_type(struct sql_writer *writer, const struct column *column);
void postgres_default(struct sql_writer *writer, const struct column *column);
void postgres_column(struct sql_writer *writer, const struct column *column);
void postgres_primary_key(struct sql_writer *writer, const struct index *key,
                          const char *separator);
// " AS ENUM ('a', 'b');\n"
void postgres_enum_values(struct sql_writer *writer, const struct enumeration *enumeration);

// Whether the type of a column changes in a way that takes an expression, and that expression:
// " USING (…)"; nothing where none is needed.
bool postgres_needs_using(const struct column_pair *pair);
void postgres_using(struct sql_writer *writer, const struct column_pair *pair);

void postgres_alter_enum(struct sql_writer *writer, const struct step *step);
void postgres_alter_table(struct sql_writer *writer, const struct step *step);
