#include "migrator/sql/mysql.h"

#include <string.h>

#include "migrator/model/types_mysql.h"

static void put_type(struct sql_writer *writer, const struct column_type *type)
{
    switch (type->family) {
    case COLUMN_SCALAR:
        if (type->scalar == DM_BOOLEAN && type->native->code == MY_TINYINT)
            sql_put(writer, "BOOLEAN");
        else
            sql_native_type(writer, type);
        break;
    case COLUMN_ENUM:
        sql_put(writer, "ENUM(");
        for (size_t i = 0; i < type->enumeration->value_count; i++) {
            const char *value = type->enumeration->values[i];
            sql_put(writer, i > 0 ? ", " : "");
            sql_string(writer, value, strlen(value));
        }
        sql_put(writer, ")");
        break;
    case COLUMN_UNSUPPORTED: sql_put(writer, type->unsupported); break;
    }
}

static void put_column(struct sql_writer *writer, const struct column *column)
{
    sql_name(writer, column->name);
    sql_put(writer, " ");
    put_type(writer, &column->type);
    sql_put(writer, column->arity == COLUMN_REQUIRED ? " NOT NULL" : " NULL");
    mysql_default(writer, column);
    if (column->increments)
        sql_put(writer, " AUTO_INCREMENT");
}

static const char *index_keyword(const struct index *index)
{
    return index->kind == DM_INDEX_UNIQUE     ? "UNIQUE INDEX "
           : index->kind == DM_INDEX_FULLTEXT ? "FULLTEXT INDEX "
                                              : "INDEX ";
}

static void put_primary_key(struct sql_writer *writer, const struct index *key)
{
    sql_put(writer, "PRIMARY KEY (");
    sql_index_parts(writer, key, ", ");
    sql_put(writer, ")");
}

static void put_index(struct sql_writer *writer, const struct index *index)
{
    sql_put(writer, index_keyword(index));
    sql_name(writer, index->name);
    sql_put(writer, "(");
    sql_index_parts(writer, index, ", ");
    sql_put(writer, ")");
}

static void create_table(struct sql_writer *writer, const struct step *step)
{
    const struct table *table = step->next_table;
    sql_put(writer, "CREATE TABLE ");
    sql_table(writer, table);
    sql_put(writer, " (\n");
    for (size_t i = 0; i < table->column_count; i++) {
        sql_put(writer, i > 0 ? ",\n    " : "    ");
        put_column(writer, &table->columns[i]);
    }
    sql_put(writer, table->index_count > 0 || table->primary_key ? ",\n" : "");
    for (size_t i = 0; i < table->index_count; i++) {
        sql_put(writer, i > 0 ? ",\n    " : "\n    ");
        put_index(writer, &table->indexes[i]);
    }
    if (table->primary_key) {
        sql_put(writer, table->index_count > 0 ? ",\n    " : "\n    ");
        put_primary_key(writer, table->primary_key);
    }
    sql_put(writer, "\n) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;\n");
}

static void drop_table(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "DROP TABLE ");
    sql_table(writer, step->table);
    sql_put(writer, ";\n");
}

static void create_index(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "CREATE ");
    sql_put(writer, index_keyword(step->next_index));
    sql_name(writer, step->next_index->name);
    sql_put(writer, " ON ");
    sql_table(writer, step->next_table);
    sql_put(writer, "(");
    sql_index_parts(writer, step->next_index, ", ");
    sql_put(writer, ");\n");
}

static void drop_index(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "DROP INDEX ");
    sql_name(writer, step->index->name);
    sql_put(writer, " ON ");
    sql_table(writer, step->table);
    sql_put(writer, ";\n");
}

static void rename_index(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "ALTER TABLE ");
    sql_table(writer, step->table);
    sql_put(writer, " RENAME INDEX ");
    sql_name(writer, step->index->name);
    sql_put(writer, " TO ");
    sql_name(writer, step->next_index->name);
    sql_put(writer, ";\n");
}

static void drop_foreign_key(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "ALTER TABLE ");
    sql_table(writer, step->table);
    sql_put(writer, " DROP FOREIGN KEY ");
    sql_name(writer, step->foreign_key->name);
    sql_put(writer, ";\n");
}

// A clause of ALTER TABLE, behind the others.
static void begin_clause(struct sql_writer *writer, const struct table *table, size_t *count)
{
    if (*count > 0) {
        sql_put(writer, ",\n    ");
    } else {
        sql_put(writer, "ALTER TABLE ");
        sql_table(writer, table);
        sql_put(writer, " ");
    }
    ++*count;
}

static void column_clause(struct sql_writer *writer, const struct table *table, size_t *count,
                          const char *text, const struct column *column)
{
    begin_clause(writer, table, count);
    sql_put(writer, text);
    put_column(writer, column);
}

static void alter_pair(struct sql_writer *writer, const struct table *table, size_t *count,
                       const struct column_pair *pair)
{
    bool drops_default =
        pair->differences == COLUMN_DEFAULT && pair->to->value.kind == DEFAULT_NONE;
    if (!pair->recreated && !drops_default) {
        column_clause(writer, table, count, "MODIFY ", pair->to);
        return;
    }
    begin_clause(writer, table, count);
    sql_put(writer, drops_default ? "ALTER COLUMN " : "DROP COLUMN ");
    sql_name(writer, pair->from->name);
    if (drops_default)
        sql_put(writer, " DROP DEFAULT");
    else
        column_clause(writer, table, count, "ADD COLUMN ", pair->to);
}

static void alter_table(struct sql_writer *writer, const struct step *step)
{
    const struct table_change *change = step->table_change;
    const struct table *table = change->from;
    size_t count = 0;
    if (change->drops_key) {
        begin_clause(writer, table, &count);
        sql_put(writer, "DROP PRIMARY KEY");
    }
    for (size_t i = 0; i < change->dropped_index_count; i++) {
        begin_clause(writer, table, &count);
        sql_put(writer, "DROP INDEX ");
        sql_name(writer, change->dropped_indexes[i]->name);
    }
    for (size_t i = 0; i < change->dropped_count; i++) {
        begin_clause(writer, table, &count);
        sql_put(writer, "DROP COLUMN ");
        sql_name(writer, change->dropped[i]->name);
    }
    for (size_t i = 0; i < change->added_count; i++)
        column_clause(writer, table, &count, "ADD COLUMN ", change->added[i]);
    for (size_t i = 0; i < change->altered_count; i++)
        alter_pair(writer, table, &count, change->altered[i]);
    if (change->adds_key) {
        begin_clause(writer, table, &count);
        sql_put(writer, "ADD ");
        put_primary_key(writer, change->to->primary_key);
    }
    for (size_t i = 0; i < change->added_index_count; i++) {
        begin_clause(writer, table, &count);
        sql_put(writer, "ADD ");
        put_index(writer, change->added_indexes[i]);
    }
    sql_put(writer, ";\n");
}

const struct sql_dialect sql_mysql = {
    .quote_open = '`',
    .quote_close = '`',
    .drop_foreign_key = drop_foreign_key,
    .add_foreign_key = sql_add_foreign_key,
    .drop_index = drop_index,
    .create_index = create_index,
    .rename_index = rename_index,
    .alter_table = alter_table,
    .drop_table = drop_table,
    .create_table = create_table,
};
