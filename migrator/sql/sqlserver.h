#pragma once
// Private to migrator/sql: the pieces of SQL Server's dialect, which takes two files.

#include "migrator/sql/dialect_sql.h"

// A table with its schema, which is dbo unless said otherwise.
void sqlserver_table(struct sql_writer *writer, const struct table *table, const char *prefix);
const char *sqlserver_schema(const struct sql_writer *writer, const struct table *table);
void sqlserver_type(struct sql_writer *writer, const struct column_type *type);
void sqlserver_default(struct sql_writer *writer, const struct column_default *value);
void sqlserver_column(struct sql_writer *writer, const struct column *column);
void sqlserver_create_table(struct sql_writer *writer, const struct table *table,
                            const char *prefix);
void sqlserver_create_index(struct sql_writer *writer, const struct table *table,
                            const struct index *index);
void sqlserver_drop_index(struct sql_writer *writer, const struct table *table,
                          const struct index *index);
// "CONSTRAINT [name] PRIMARY KEY CLUSTERED ([id])"
void sqlserver_primary_key(struct sql_writer *writer, const struct index *key, bool quotes_name);

void sqlserver_alter_table(struct sql_writer *writer, const struct step *step);
void sqlserver_redefine_tables(struct sql_writer *writer, const struct step *step);
