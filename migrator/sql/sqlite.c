#include <string.h>

#include "migrator/sql/dialect_sql.h"

static void put_type(struct sql_writer *writer, const struct column_type *type)
{
    static const char *const names[] = {
        [DM_STRING] = "TEXT",       [DM_INT] = "INTEGER",     [DM_BIGINT] = "BIGINT",
        [DM_FLOAT] = "REAL",        [DM_DECIMAL] = "DECIMAL", [DM_BOOLEAN] = "BOOLEAN",
        [DM_DATETIME] = "DATETIME", [DM_JSON] = "JSONB",      [DM_BYTES] = "BLOB",
    };
    switch (type->family) {
    case COLUMN_SCALAR: sql_put(writer, names[type->scalar]); break;
    case COLUMN_ENUM: sql_put(writer, "TEXT"); break;
    case COLUMN_UNSUPPORTED: sql_put(writer, type->unsupported); break;
    }
}

static void put_value(struct sql_writer *writer, const struct value *value)
{
    sql_value(writer, value, "X'", false);
}

static void put_default(struct sql_writer *writer, const struct column_default *value)
{
    switch (value->kind) {
    case DEFAULT_VALUE: put_value(writer, &value->values[0]); break;
    case DEFAULT_NOW: sql_put(writer, "CURRENT_TIMESTAMP"); break;
    case DEFAULT_EXPRESSION: sql_put(writer, value->expression); break;
    case DEFAULT_LIST:
    case DEFAULT_NONE:
    case DEFAULT_SEQUENCE: break;
    }
}

static bool has_default(const struct column *column)
{
    enum default_kind kind = column->value.kind;
    return kind == DEFAULT_VALUE || kind == DEFAULT_NOW || kind == DEFAULT_EXPRESSION;
}

static void put_column(struct sql_writer *writer, const struct column *column, bool is_key)
{
    sql_name(writer, column->name);
    sql_put(writer, " ");
    put_type(writer, &column->type);
    if (column->arity == COLUMN_REQUIRED)
        sql_put(writer, " NOT NULL");
    if (is_key)
        sql_put(writer, column->increments ? " PRIMARY KEY AUTOINCREMENT" : " PRIMARY KEY");
    if (has_default(column)) {
        sql_put(writer, " DEFAULT ");
        put_default(writer, &column->value);
    }
}

static void put_foreign_key(struct sql_writer *writer, const struct foreign_key *key)
{
    sql_put(writer, ",\n    CONSTRAINT ");
    sql_name(writer, key->name);
    sql_put(writer, " FOREIGN KEY (");
    sql_column_names(writer, key->columns, key->column_count, ", ");
    sql_put(writer, ") REFERENCES ");
    sql_name(writer, key->target->name);
    sql_put(writer, " (");
    sql_column_names(writer, key->target_columns, key->column_count, ", ");
    sql_put(writer, ")");
    sql_actions(writer, key);
}

static void put_table(struct sql_writer *writer, const struct table *table, const char *prefix)
{
    AUTO_STRBUF name = STRBUF_INIT;
    strbuf_addf(&name, "%s%s", prefix, table->name);
    const struct column *key = table_key_column(table);
    sql_put(writer, "CREATE TABLE ");
    sql_name(writer, name.data);
    sql_put(writer, " (\n");
    for (size_t i = 0; i < table->column_count; i++) {
        sql_put(writer, i > 0 ? ",\n    " : "    ");
        put_column(writer, &table->columns[i], &table->columns[i] == key);
    }
    if (table->primary_key && !key) {
        sql_put(writer, ",\n\n    PRIMARY KEY (");
        sql_index_parts(writer, table->primary_key, ", ");
        sql_put(writer, ")");
    }
    for (size_t i = 0; i < table->foreign_key_count; i++)
        put_foreign_key(writer, &table->foreign_keys[i]);
    sql_put(writer, "\n);\n");
}

static void create_table(struct sql_writer *writer, const struct step *step)
{
    put_table(writer, step->next_table, "");
}

static void drop_table(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "PRAGMA foreign_keys=off;\nDROP TABLE ");
    sql_name(writer, step->table->name);
    sql_put(writer, ";\nPRAGMA foreign_keys=on;\n");
}

// Names that begin so are SQLite's own, and taken only where its schema is writable.
static bool is_reserved(const char *name)
{
    return strncmp(name, "sqlite_", strlen("sqlite_")) == 0;
}

static void put_index(struct sql_writer *writer, const struct table *table,
                      const struct index *index)
{
    if (is_reserved(index->name))
        sql_put(writer, "Pragma writable_schema=1;\n");
    sql_put(writer, index->kind == DM_INDEX_UNIQUE ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
    sql_name(writer, index->name);
    sql_put(writer, " ON ");
    sql_name(writer, table->name);
    sql_put(writer, "(");
    sql_index_parts(writer, index, ", ");
    sql_put(writer, ")");
    if (index->where)
        strbuf_addf(writer->out, " WHERE %s", index->where);
    sql_put(writer, ";\n");
    if (is_reserved(index->name))
        sql_put(writer, "Pragma writable_schema=0;\n");
}

static void create_index(struct sql_writer *writer, const struct step *step)
{
    put_index(writer, step->next_table, step->next_index);
}

static void drop_index(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "DROP INDEX ");
    sql_name(writer, step->index->name);
    sql_put(writer, ";\n");
}

static void redefine_index(struct sql_writer *writer, const struct step *step)
{
    drop_index(writer, step);
    create_index(writer, step);
}

// Only columns are ever added: everything else redefines the table.
static void alter_table(struct sql_writer *writer, const struct step *step)
{
    const struct table_change *change = step->table_change;
    for (size_t i = 0; i < change->added_count; i++) {
        sql_put(writer, "ALTER TABLE ");
        sql_name(writer, change->from->name);
        sql_put(writer, " ADD COLUMN ");
        put_column(writer, change->added[i], false);
        sql_put(writer, ";\n");
    }
}

static void copy_rows(struct sql_writer *writer, const struct table_change *change)
{
    if (change->pair_count == 0)
        return;
    AUTO_STRBUF new_name = STRBUF_INIT;
    strbuf_addf(&new_name, "new_%s", change->to->name);
    sql_put(writer, "INSERT INTO ");
    sql_name(writer, new_name.data);
    sql_put(writer, " (");
    for (size_t i = 0; i < change->pair_count; i++) {
        if (i > 0)
            sql_put(writer, ", ");
        sql_name(writer, change->pairs[i].to->name);
    }
    sql_put(writer, ") SELECT ");
    for (size_t i = 0; i < change->pair_count; i++) {
        const struct column_pair *pair = &change->pairs[i];
        bool fills = pair->from->arity != COLUMN_REQUIRED && pair->to->arity == COLUMN_REQUIRED &&
                     has_default(pair->to);
        sql_put(writer, i > 0 ? ", " : "");
        sql_put(writer, fills ? "coalesce(" : "");
        sql_name(writer, pair->from->name);
        if (fills) {
            sql_put(writer, ", ");
            put_default(writer, &pair->to->value);
            sql_put(writer, ") AS ");
            sql_name(writer, pair->to->name);
        }
    }
    sql_put(writer, " FROM ");
    sql_name(writer, change->from->name);
    sql_put(writer, ";\n");
}

static void redefine_table(struct sql_writer *writer, const struct table_change *change)
{
    AUTO_STRBUF new_name = STRBUF_INIT;
    strbuf_addf(&new_name, "new_%s", change->to->name);
    put_table(writer, change->to, "new_");
    copy_rows(writer, change);
    sql_put(writer, "DROP TABLE ");
    sql_name(writer, change->from->name);
    sql_put(writer, ";\nALTER TABLE ");
    sql_name(writer, new_name.data);
    sql_put(writer, " RENAME TO ");
    sql_name(writer, change->to->name);
    sql_put(writer, ";\n");
    for (size_t i = 0; i < change->to->index_count; i++)
        put_index(writer, change->to, &change->to->indexes[i]);
}

static void redefine_tables(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "PRAGMA defer_foreign_keys=ON;\nPRAGMA foreign_keys=OFF;\n");
    for (size_t i = 0; i < step->redefined_count; i++)
        redefine_table(writer, step->redefined[i]);
    sql_put(writer, "PRAGMA foreign_keys=ON;\nPRAGMA defer_foreign_keys=OFF;\n");
}

const struct sql_dialect sql_sqlite = {
    .quote_open = '"',
    .quote_close = '"',
    .drop_index = drop_index,
    .create_index = create_index,
    .redefine_index = redefine_index,
    .alter_table = alter_table,
    .drop_table = drop_table,
    .create_table = create_table,
    .redefine_tables = redefine_tables,
};
