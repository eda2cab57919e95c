#include "migrator/sql/sqlserver.h"

#include <string.h>

const char *sqlserver_schema(const struct sql_writer *writer, const struct table *table)
{
    const char *own = writer->steps->from->own_schema;
    return table->schema ? table->schema : own ? own : "dbo";
}

void sqlserver_table(struct sql_writer *writer, const struct table *table, const char *prefix)
{
    AUTO_STRBUF name = STRBUF_INIT;
    strbuf_addf(&name, "%s%s", prefix, table->name);
    sql_qualified(writer, sqlserver_schema(writer, table), name.data);
}

void sqlserver_type(struct sql_writer *writer, const struct column_type *type)
{
    if (type->family == COLUMN_UNSUPPORTED)
        sql_put(writer, type->unsupported);
    else
        sql_native_type(writer, type);
}

static void put_value(struct sql_writer *writer, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NUMBER: strbuf_add(writer->out, value->text, value->length); break;
    case VALUE_BOOLEAN: sql_put(writer, strcmp(value->text, "true") == 0 ? "1" : "0"); break;
    case VALUE_BYTES:
        sql_put(writer, "0x");
        sql_hexadecimal(writer, value);
        break;
    case VALUE_DATETIME:
        sql_put(writer, "'");
        sql_datetime(writer, value, false);
        sql_put(writer, "'");
        break;
    case VALUE_STRING:
    case VALUE_ENUM:
    case VALUE_JSON: sql_string(writer, value->text, value->length); break;
    }
}

void sqlserver_default(struct sql_writer *writer, const struct column_default *value)
{
    if (value->kind == DEFAULT_NOW)
        sql_put(writer, "CURRENT_TIMESTAMP");
    else if (value->kind == DEFAULT_EXPRESSION)
        sql_put(writer, value->expression);
    else if (value->kind == DEFAULT_VALUE)
        put_value(writer, &value->values[0]);
}

void sqlserver_column(struct sql_writer *writer, const struct column *column)
{
    enum default_kind kind = column->value.kind;
    sql_name(writer, column->name);
    sql_put(writer, " ");
    sqlserver_type(writer, &column->type);
    if (column->arity == COLUMN_REQUIRED)
        sql_put(writer, " NOT NULL");
    if (column->increments) {
        sql_put(writer, " IDENTITY(1,1)");
    } else if (kind == DEFAULT_VALUE || kind == DEFAULT_NOW || kind == DEFAULT_EXPRESSION) {
        sql_put(writer, " CONSTRAINT ");
        sql_name(writer, column->value.name ? column->value.name : column->name);
        sql_put(writer, " DEFAULT ");
        sqlserver_default(writer, &column->value);
    }
}

static const char *clustering_text(const struct index *index)
{
    bool is_clustered = index->clustering == DM_CLUSTERED_ABSENT
                            ? index->kind == DM_INDEX_PRIMARY
                            : index->clustering == DM_CLUSTERED;
    return is_clustered ? "CLUSTERED" : "NONCLUSTERED";
}

void sqlserver_primary_key(struct sql_writer *writer, const struct index *key, bool quotes_name)
{
    sql_put(writer, "CONSTRAINT ");
    if (quotes_name)
        sql_name(writer, key->name);
    else
        sql_put(writer, key->name);
    strbuf_addf(writer->out, " PRIMARY KEY %s (", clustering_text(key));
    sql_index_parts(writer, key, ",");
    sql_put(writer, ")");
}

void sqlserver_create_table(struct sql_writer *writer, const struct table *table,
                            const char *prefix)
{
    sql_put(writer, "CREATE TABLE ");
    sqlserver_table(writer, table, prefix);
    sql_put(writer, " (\n");
    for (size_t i = 0; i < table->column_count; i++) {
        sql_put(writer, i > 0 ? ",\n    " : "    ");
        sqlserver_column(writer, &table->columns[i]);
    }
    if (table->primary_key) {
        sql_put(writer, ",\n    ");
        sqlserver_primary_key(writer, table->primary_key, true);
    }
    for (size_t i = 0; i < table->index_count; i++) {
        const struct index *index = &table->indexes[i];
        if (index->kind != DM_INDEX_UNIQUE)
            continue;
        sql_put(writer, ",\n    CONSTRAINT ");
        sql_name(writer, index->name);
        strbuf_addf(writer->out, " UNIQUE %s (", clustering_text(index));
        sql_index_parts(writer, index, ",");
        sql_put(writer, ")");
    }
    sql_put(writer, "\n);\n");
}

static void create_table(struct sql_writer *writer, const struct step *step)
{
    sqlserver_create_table(writer, step->next_table, "");
}

void sqlserver_create_index(struct sql_writer *writer, const struct table *table,
                            const struct index *index)
{
    bool is_unique = index->kind == DM_INDEX_UNIQUE;
    if (is_unique) {
        sql_put(writer, "ALTER TABLE ");
        sqlserver_table(writer, table, "");
        sql_put(writer, " ADD CONSTRAINT ");
        sql_name(writer, index->name);
        strbuf_addf(writer->out, " UNIQUE %s (", clustering_text(index));
    } else {
        strbuf_addf(writer->out, "CREATE %s INDEX ", clustering_text(index));
        sql_name(writer, index->name);
        sql_put(writer, " ON ");
        sqlserver_table(writer, table, "");
        sql_put(writer, "(");
    }
    sql_index_parts(writer, index, ", ");
    sql_put(writer, ");\n");
}

static void create_index(struct sql_writer *writer, const struct step *step)
{
    sqlserver_create_index(writer, step->next_table, step->next_index);
}

// A unique constraint is not an index that DROP INDEX would take.
void sqlserver_drop_index(struct sql_writer *writer, const struct table *table,
                          const struct index *index)
{
    if (index->is_constraint) {
        sql_put(writer, "ALTER TABLE ");
        sqlserver_table(writer, table, "");
        sql_put(writer, " DROP CONSTRAINT ");
        sql_name(writer, index->name);
    } else {
        sql_put(writer, "DROP INDEX ");
        sql_name(writer, index->name);
        sql_put(writer, " ON ");
        sqlserver_table(writer, table, "");
    }
    sql_put(writer, ";\n");
}

static void drop_index(struct sql_writer *writer, const struct step *step)
{
    sqlserver_drop_index(writer, step->table, step->index);
}

// A name inside the string literals that sp_rename takes.
static void put_literal(struct sql_writer *writer, const char *text)
{
    sql_put(writer, "N");
    sql_string(writer, text, strlen(text));
}

static void rename_index(struct sql_writer *writer, const struct step *step)
{
    AUTO_STRBUF name = STRBUF_INIT;
    strbuf_addf(&name, "%s.%s.%s", sqlserver_schema(writer, step->table), step->table->name,
                step->index->name);
    sql_put(writer, "EXEC SP_RENAME ");
    put_literal(writer, name.data);
    sql_put(writer, ", ");
    put_literal(writer, step->next_index->name);
    sql_put(writer, ", N'INDEX';\n");
}

static void rename_foreign_key(struct sql_writer *writer, const struct step *step)
{
    AUTO_STRBUF name = STRBUF_INIT;
    strbuf_addf(&name, "%s.%s", sqlserver_schema(writer, step->table), step->foreign_key->name);
    sql_put(writer, "EXEC sp_rename ");
    sql_string(writer, name.data, name.len);
    sql_put(writer, ", ");
    sql_string(writer, step->next_foreign_key->name, strlen(step->next_foreign_key->name));
    sql_put(writer, ", 'OBJECT';\n");
}

static void drop_foreign_key(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "ALTER TABLE ");
    sqlserver_table(writer, step->table, "");
    sql_put(writer, " DROP CONSTRAINT ");
    sql_name(writer, step->foreign_key->name);
    sql_put(writer, ";\n");
}

static void add_foreign_key(struct sql_writer *writer, const struct step *step)
{
    const struct foreign_key *key = step->next_foreign_key;
    sql_put(writer, "ALTER TABLE ");
    sqlserver_table(writer, step->next_table, "");
    sql_put(writer, " ADD CONSTRAINT ");
    sql_name(writer, key->name);
    sql_put(writer, " FOREIGN KEY (");
    sql_column_names(writer, key->columns, key->column_count, ", ");
    sql_put(writer, ") REFERENCES ");
    sqlserver_table(writer, key->target, "");
    sql_put(writer, "(");
    sql_column_names(writer, key->target_columns, key->column_count, ",");
    sql_put(writer, ")");
    sql_actions(writer, key);
    sql_put(writer, ";\n");
}

static void create_schema(struct sql_writer *writer, const struct step *step)
{
    AUTO_STRBUF statement = STRBUF_INIT;
    struct sql_writer inner = *writer;
    inner.out = &statement;
    sql_put(&inner, "CREATE SCHEMA ");
    sql_name(&inner, step->next_schema);
    sql_put(&inner, ";");
    sql_put(writer, "IF NOT EXISTS (SELECT * FROM sys.schemas WHERE name = ");
    put_literal(writer, step->next_schema);
    sql_put(writer, ") EXEC sp_executesql ");
    put_literal(writer, statement.data);
    sql_put(writer, ";\n");
}

static void drop_table(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "DROP TABLE ");
    sqlserver_table(writer, step->table, "");
    sql_put(writer, ";\n");
}

const struct sql_dialect sql_sqlserver = {
    .quote_open = '[',
    .quote_close = ']',
    .create_schema = create_schema,
    .drop_foreign_key = drop_foreign_key,
    .add_foreign_key = add_foreign_key,
    .rename_foreign_key = rename_foreign_key,
    .drop_index = drop_index,
    .create_index = create_index,
    .rename_index = rename_index,
    .alter_table = sqlserver_alter_table,
    .drop_table = drop_table,
    .create_table = create_table,
    .redefine_tables = sqlserver_redefine_tables,
    .prologue = "BEGIN TRY\n\nBEGIN TRAN;\n\n",
    .epilogue = "\nCOMMIT TRAN;\n\nEND TRY\nBEGIN CATCH\n\nIF @@TRANCOUNT > 0\nBEGIN\n"
                "    ROLLBACK TRAN;\nEND;\nTHROW\n\nEND CATCH\n",
};
