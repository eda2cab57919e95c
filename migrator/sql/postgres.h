#pragma once
// Private to migrator/sql: the pieces of PostgreSQL's dialect, which takes two files.

#include "migrator/sql/dialect_sql.h"

void postgres_type(struct sql_writer *writer, const struct column *column);
void postgres_default(struct sql_writer *writer, const struct column *column);
void postgres_column(struct sql_writer *writer, const struct column *column);
void postgres_primary_key(struct sql_writer *writer, const struct index *key,
                          const char *separator);
// " AS ENUM ('a', 'b');\n"
void postgres_enum_values(struct sql_writer *writer, const struct enumeration *enumeration);

void postgres_alter_enum(struct sql_writer *writer, const struct step *step);
void postgres_alter_table(struct sql_writer *writer, const struct step *step);
