#include <string.h>

#include "migrator/sql/postgres.h"

#include "migrator/model/types_postgres.h"

// What goes is named with its schema, but for the one that the server looks into by itself; where
// nothing at all is to be left, that one is named too.
static const char *schema_to_drop(const struct sql_writer *writer, const char *schema)
{
    if (writer->steps->to->is_empty_source)
        return schema ? schema : "public";
    return schema && strcmp(schema, "public") == 0 ? NULL : schema;
}

void postgres_type(struct sql_writer *writer, const struct column *column)
{
    const struct column_type *type = &column->type;
    switch (type->family) {
    case COLUMN_SCALAR: sql_native_type(writer, type); break;
    case COLUMN_ENUM:
        sql_qualified(writer, type->enumeration->schema, type->enumeration->name);
        break;
    case COLUMN_UNSUPPORTED: sql_put(writer, type->unsupported); break;
    }
    if (column->arity == COLUMN_LIST)
        sql_put(writer, "[]");
}

static void put_value(struct sql_writer *writer, const struct value *value)
{
    sql_value(writer, value, "'\\x", false);
}

void postgres_default(struct sql_writer *writer, const struct column *column)
{
    const struct column_default *value = &column->value;
    switch (value->kind) {
    case DEFAULT_VALUE: put_value(writer, &value->values[0]); break;
    case DEFAULT_LIST:
        sql_put(writer, "ARRAY[");
        for (size_t i = 0; i < value->value_count; i++) {
            if (i > 0)
                sql_put(writer, ", ");
            put_value(writer, &value->values[i]);
        }
        sql_put(writer, "]::");
        postgres_type(writer, column);
        break;
    case DEFAULT_NOW: sql_put(writer, "CURRENT_TIMESTAMP"); break;
    case DEFAULT_EXPRESSION: sql_put(writer, value->expression); break;
    case DEFAULT_NONE:
    case DEFAULT_SEQUENCE: break;
    }
}

// The type of a column that counts; NULL where the engine has none that does.
static const char *serial_type(const struct column *column)
{
    if (column->value.kind != DEFAULT_SEQUENCE || !column->type.native)
        return NULL;
    switch ((enum postgres_type)column->type.native->code) {
    case PG_SMALLINT: return "SMALLSERIAL";
    case PG_INTEGER: return "SERIAL";
    case PG_BIGINT: return "BIGSERIAL";
    default: return NULL;
    }
}

void postgres_column(struct sql_writer *writer, const struct column *column)
{
    sql_name(writer, column->name);
    sql_put(writer, " ");
    const char *serial = serial_type(column);
    if (serial)
        sql_put(writer, serial);
    else
        postgres_type(writer, column);
    if (column->arity == COLUMN_REQUIRED)
        sql_put(writer, " NOT NULL");
    if (column->value.kind != DEFAULT_NONE && column->value.kind != DEFAULT_SEQUENCE) {
        sql_put(writer, " DEFAULT ");
        postgres_default(writer, column);
    }
}

void postgres_primary_key(struct sql_writer *writer, const struct index *key, const char *separator)
{
    sql_put(writer, "CONSTRAINT ");
    sql_name(writer, key->name);
    sql_put(writer, " PRIMARY KEY (");
    sql_index_parts(writer, key, separator);
    sql_put(writer, ")");
}

static void create_schema(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "CREATE SCHEMA IF NOT EXISTS ");
    sql_name(writer, step->next_schema);
    sql_put(writer, ";\n");
}

static void drop_extension(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "DROP EXTENSION ");
    sql_name(writer, step->extension->name);
    sql_put(writer, ";\n");
}

static void create_extension(struct sql_writer *writer, const struct step *step)
{
    const struct extension *extension = step->next_extension;
    sql_put(writer, "CREATE EXTENSION IF NOT EXISTS ");
    sql_name(writer, extension->name);
    if (extension->schema || extension->version)
        sql_put(writer, " WITH");
    if (extension->schema) {
        sql_put(writer, " SCHEMA ");
        sql_name(writer, extension->schema);
    }
    if (extension->version) {
        sql_put(writer, " VERSION ");
        sql_name(writer, extension->version);
    }
    sql_put(writer, ";\n");
}

static void create_enum(struct sql_writer *writer, const struct step *step)
{
    const struct enumeration *enumeration = step->next_enumeration;
    sql_put(writer, "CREATE TYPE ");
    sql_qualified(writer, enumeration->schema, enumeration->name);
    postgres_enum_values(writer, enumeration);
}

static void drop_enum(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "DROP TYPE ");
    sql_qualified(writer, schema_to_drop(writer, step->enumeration->schema),
                  step->enumeration->name);
    sql_put(writer, ";\n");
}

static void drop_foreign_key(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "ALTER TABLE ");
    sql_qualified(writer, schema_to_drop(writer, step->table->schema), step->table->name);
    sql_put(writer, " DROP CONSTRAINT ");
    sql_name(writer, step->foreign_key->name);
    sql_put(writer, ";\n");
}

static void rename_foreign_key(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "ALTER TABLE ");
    sql_table(writer, step->next_table);
    sql_put(writer, " RENAME CONSTRAINT ");
    sql_name(writer, step->foreign_key->name);
    sql_put(writer, " TO ");
    sql_name(writer, step->next_foreign_key->name);
    sql_put(writer, ";\n");
}

static void drop_index(struct sql_writer *writer, const struct step *step)
{
    if (step->index->is_constraint) { // the server refuses to drop its index alone
        sql_put(writer, "ALTER TABLE ");
        sql_table(writer, step->table);
        sql_put(writer, " DROP CONSTRAINT ");
        sql_name(writer, step->index->name);
        sql_put(writer, ";\n");
        return;
    }
    sql_put(writer, "DROP INDEX ");
    sql_qualified(writer, schema_to_drop(writer, step->table->schema), step->index->name);
    sql_put(writer, ";\n");
}

static void create_index(struct sql_writer *writer, const struct step *step)
{
    static const char *const methods[] = {
        [DM_INDEX_TYPE_ABSENT] = "",     [DM_INDEX_BTREE] = "",
        [DM_INDEX_HASH] = " USING HASH", [DM_INDEX_GIST] = " USING GIST",
        [DM_INDEX_GIN] = " USING GIN",   [DM_INDEX_SPGIST] = " USING SPGIST",
        [DM_INDEX_BRIN] = " USING BRIN",
    };
    const struct index *index = step->next_index;
    sql_put(writer, index->kind == DM_INDEX_UNIQUE ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
    sql_name(writer, index->name);
    sql_put(writer, " ON ");
    sql_table(writer, step->next_table);
    sql_put(writer, methods[index->type]);
    sql_put(writer, index->type > DM_INDEX_BTREE ? " (" : "(");
    sql_index_parts(writer, index, ", ");
    sql_put(writer, ")");
    if (index->where)
        strbuf_addf(writer->out, " WHERE (%s)", index->where);
    sql_put(writer, ";\n");
}

static void rename_index(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "ALTER INDEX ");
    sql_qualified(writer, step->next_table->schema, step->index->name);
    sql_put(writer, " RENAME TO ");
    sql_name(writer, step->next_index->name);
    sql_put(writer, ";\n");
}

static void drop_table(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "DROP TABLE ");
    sql_qualified(writer, schema_to_drop(writer, step->table->schema), step->table->name);
    sql_put(writer, ";\n");
}

static void create_table(struct sql_writer *writer, const struct step *step)
{
    const struct table *table = step->next_table;
    sql_put(writer, "CREATE TABLE ");
    sql_table(writer, table);
    sql_put(writer, " (\n");
    for (size_t i = 0; i < table->column_count; i++) {
        sql_put(writer, i > 0 ? ",\n    " : "    ");
        postgres_column(writer, &table->columns[i]);
    }
    if (table->primary_key) {
        sql_put(writer, ",\n\n    ");
        postgres_primary_key(writer, table->primary_key, ",");
    }
    sql_put(writer, "\n);\n");
}

const struct sql_dialect sql_postgres = {
    .quote_open = '"',
    .quote_close = '"',
    .create_schema = create_schema,
    .drop_extension = drop_extension,
    .create_extension = create_extension,
    .create_enum = create_enum,
    .alter_enum = postgres_alter_enum,
    .drop_enum = drop_enum,
    .drop_foreign_key = drop_foreign_key,
    .add_foreign_key = sql_add_foreign_key,
    .rename_foreign_key = rename_foreign_key,
    .drop_index = drop_index,
    .create_index = create_index,
    .rename_index = rename_index,
    .alter_table = postgres_alter_table,
    .drop_table = drop_table,
    .create_table = create_table,
};
