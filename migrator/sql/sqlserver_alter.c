// ALTER TABLE and the rebuilding of tables whose IDENTITY changes. Each kind of change is a
// statement of its own, in an order in which none needs what a later one makes.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "migrator/sql/sqlserver.h"

static void open_statement(struct sql_writer *writer, const struct table *table, const char *text,
                           size_t *count)
{
    if (*count > 0) {
        sql_put(writer, ",\n");
    } else {
        sql_put(writer, "ALTER TABLE ");
        sqlserver_table(writer, table, "");
        sql_put(writer, text);
    }
    ++*count;
}

static bool has_default(const struct column *column)
{
    return column->value.kind != DEFAULT_NONE;
}

static bool changes_default(const struct column_pair *pair)
{
    return !pair->recreated && pair->differences & COLUMN_DEFAULT;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

// Constraints go in byte order of their names.
static void drop_constraints(struct sql_writer *writer, const struct table_change *change)
{
    const char **names = mem_grow(NULL, change->from->column_count + 2, sizeof *names);
    size_t count = 0;
    if (change->drops_key)
        names[count++] = change->from->primary_key->name;
    for (size_t i = 0; i < change->altered_count; i++) {
        const struct column_pair *pair = change->altered[i];
        bool loses_default = changes_default(pair) || pair->recreated;
        if (loses_default && has_default(pair->from) && pair->from->value.name)
            names[count++] = pair->from->value.name;
    }
    // A column does not go while it has a default.
    for (size_t i = 0; i < change->dropped_count; i++) {
        if (has_default(change->dropped[i]) && change->dropped[i]->value.name)
            names[count++] = change->dropped[i]->value.name;
    }
    qsort(names, count, sizeof *names, compare_names);
    size_t written = 0;
    for (size_t i = 0; i < count; i++) {
        open_statement(writer, change->from, " DROP CONSTRAINT ", &written);
        sql_name(writer, names[i]);
    }
    sql_put(writer, written > 0 ? ";\n" : "");
    free(names);
}

static void modify_columns(struct sql_writer *writer, const struct table_change *change)
{
    for (size_t i = 0; i < change->altered_count; i++) {
        const struct column_pair *pair = change->altered[i];
        if (pair->recreated || pair->differences == COLUMN_DEFAULT)
            continue;
        size_t count = 0;
        open_statement(writer, change->from, " ALTER COLUMN ", &count);
        sql_name(writer, pair->to->name);
        sql_put(writer, " ");
        sqlserver_type(writer, &pair->to->type);
        sql_put(writer, pair->to->arity == COLUMN_REQUIRED ? " NOT NULL;\n" : " NULL;\n");
    }
}

static void drop_columns(struct sql_writer *writer, const struct table_change *change)
{
    size_t count = 0;
    for (size_t i = 0; i < change->dropped_count; i++) {
        open_statement(writer, change->from, " DROP COLUMN ", &count);
        sql_name(writer, change->dropped[i]->name);
    }
    for (size_t i = 0; i < change->altered_count; i++) {
        if (!change->altered[i]->recreated)
            continue;
        open_statement(writer, change->from, " DROP COLUMN ", &count);
        sql_name(writer, change->altered[i]->from->name);
    }
    sql_put(writer, count > 0 ? ";\n" : "");
}

static void add_columns(struct sql_writer *writer, const struct table_change *change)
{
    size_t count = 0;
    for (size_t i = 0; i < change->added_count; i++) {
        open_statement(writer, change->from, " ADD ", &count);
        sqlserver_column(writer, change->added[i]);
    }
    for (size_t i = 0; i < change->altered_count; i++) {
        if (!change->altered[i]->recreated)
            continue;
        open_statement(writer, change->from, " ADD ", &count);
        sqlserver_column(writer, change->altered[i]->to);
    }
    sql_put(writer, count > 0 ? ";\n" : "");
}

// A word that needs no brackets.
static bool is_plain(const char *name)
{
    for (const char *at = name; *at; at++) {
        if (!isalnum((unsigned char)*at) && *at != '_')
            return false;
    }
    return *name != '\0' && !isdigit((unsigned char)*name);
}

static void add_key(struct sql_writer *writer, const struct table_change *change, size_t *count)
{
    const struct index *key = change->to->primary_key;
    sql_put(writer, *count > 0 ? ", " : "");
    if (*count == 0)
        open_statement(writer, change->from, " ADD ", count);
    sqlserver_primary_key(writer, key, !is_plain(key->name));
}

static void add_constraints(struct sql_writer *writer, const struct table_change *change,
                            bool with_key)
{
    size_t count = 0;
    for (size_t i = 0; i < change->altered_count; i++) {
        const struct column *to = change->altered[i]->to;
        if (!changes_default(change->altered[i]) || !has_default(to))
            continue;
        sql_put(writer, count > 0 ? ", " : "");
        if (count++ == 0) {
            size_t none = 0;
            open_statement(writer, change->from, " ADD ", &none);
        }
        sql_put(writer, "CONSTRAINT ");
        sql_name(writer, to->value.name);
        sql_put(writer, " DEFAULT ");
        sqlserver_default(writer, &to->value);
        sql_put(writer, " FOR ");
        sql_name(writer, to->name);
    }
    if (with_key)
        add_key(writer, change, &count);
    sql_put(writer, count > 0 ? ";\n" : "");
}

static bool key_needs_new_column(const struct table_change *change)
{
    for (size_t i = 0; i < change->added_count; i++) {
        if (index_has_column(change->to->primary_key, change->added[i]))
            return true;
    }
    for (size_t i = 0; i < change->altered_count; i++) {
        if (change->altered[i]->recreated &&
            index_has_column(change->to->primary_key, change->altered[i]->to))
            return true;
    }
    return false;
}

static void rename_key(struct sql_writer *writer, const struct table_change *change)
{
    AUTO_STRBUF name = STRBUF_INIT;
    const char *next = change->to->primary_key->name;
    strbuf_addf(&name, "%s.%s", sqlserver_schema(writer, change->from),
                change->from->primary_key->name);
    sql_put(writer, "EXEC SP_RENAME N");
    sql_string(writer, name.data, name.len);
    sql_put(writer, ", N");
    sql_string(writer, next, strlen(next));
    sql_put(writer, ";\n");
}

void sqlserver_alter_table(struct sql_writer *writer, const struct step *step)
{
    const struct table_change *change = step->table_change;
    bool key_is_late = change->adds_key && key_needs_new_column(change);
    drop_constraints(writer, change);
    if (change->renames_key)
        rename_key(writer, change);
    modify_columns(writer, change);
    drop_columns(writer, change);
    add_constraints(writer, change, change->adds_key && !key_is_late);
    add_columns(writer, change);
    if (key_is_late) {
        size_t count = 0;
        add_key(writer, change, &count);
        sql_put(writer, ";\n");
    }
}

// Frees the names of all constraints for the new table.
static void drop_all_constraints(struct sql_writer *writer, const struct table *table)
{
    sql_put(writer, "DECLARE @SQL NVARCHAR(MAX) = N''\n"
                    "SELECT @SQL += N'ALTER TABLE '\n"
                    "    + QUOTENAME(OBJECT_SCHEMA_NAME(PARENT_OBJECT_ID))\n"
                    "    + '.'\n"
                    "    + QUOTENAME(OBJECT_NAME(PARENT_OBJECT_ID))\n"
                    "    + ' DROP CONSTRAINT '\n"
                    "    + OBJECT_NAME(OBJECT_ID) + ';'\n"
                    "FROM SYS.OBJECTS\n"
                    "WHERE TYPE_DESC LIKE '%CONSTRAINT'\n"
                    "    AND OBJECT_NAME(PARENT_OBJECT_ID) = ");
    sql_string(writer, table->name, strlen(table->name));
    sql_put(writer, "\n    AND SCHEMA_NAME(SCHEMA_ID) = ");
    sql_string(writer, sqlserver_schema(writer, table), strlen(sqlserver_schema(writer, table)));
    sql_put(writer, "\nEXEC sp_executesql @SQL\n;\n");
}

static void set_identity_insert(struct sql_writer *writer, const struct table *table,
                                const char *state)
{
    sql_put(writer, "SET IDENTITY_INSERT ");
    sqlserver_table(writer, table, "_prisma_new_");
    strbuf_addf(writer->out, " %s;\n", state);
}

static void copied_columns(struct sql_writer *writer, const struct table_change *change)
{
    for (size_t i = 0; i < change->pair_count; i++) {
        sql_put(writer, i > 0 ? "," : "");
        sql_name(writer, change->pairs[i].to->name);
    }
}

static void copy_rows(struct sql_writer *writer, const struct table_change *change)
{
    bool is_identity = false;
    if (change->pair_count == 0)
        return;
    for (size_t i = 0; i < change->pair_count; i++)
        is_identity = is_identity || change->pairs[i].to->increments;
    if (is_identity)
        set_identity_insert(writer, change->to, "ON");
    sql_put(writer, "IF EXISTS(SELECT * FROM ");
    sqlserver_table(writer, change->from, "");
    sql_put(writer, ")\n    EXEC('INSERT INTO ");
    sqlserver_table(writer, change->to, "_prisma_new_");
    sql_put(writer, " (");
    copied_columns(writer, change);
    sql_put(writer, ") SELECT ");
    copied_columns(writer, change);
    sql_put(writer, " FROM ");
    sqlserver_table(writer, change->from, "");
    sql_put(writer, " WITH (holdlock tablockx)');\n");
    if (is_identity)
        set_identity_insert(writer, change->to, "OFF");
}

static void redefine_table(struct sql_writer *writer, const struct table_change *change)
{
    for (size_t i = 0; i < change->from->index_count; i++)
        sqlserver_drop_index(writer, change->from, &change->from->indexes[i]);
    drop_all_constraints(writer, change->from);
    sqlserver_create_table(writer, change->to, "_prisma_new_");
    copy_rows(writer, change);
    sql_put(writer, "DROP TABLE ");
    sqlserver_table(writer, change->from, "");
    AUTO_STRBUF name = STRBUF_INIT;
    strbuf_addf(&name, "%s._prisma_new_%s", sqlserver_schema(writer, change->to), change->to->name);
    sql_put(writer, ";\nEXEC SP_RENAME N");
    sql_string(writer, name.data, name.len);
    sql_put(writer, ", N");
    sql_string(writer, change->to->name, strlen(change->to->name));
    sql_put(writer, ";\n");
    for (size_t i = 0; i < change->to->index_count; i++) {
        if (change->to->indexes[i].kind != DM_INDEX_UNIQUE)
            sqlserver_create_index(writer, change->to, &change->to->indexes[i]);
    }
}

void sqlserver_redefine_tables(struct sql_writer *writer, const struct step *step)
{
    sql_put(writer, "BEGIN TRANSACTION;\n");
    for (size_t i = 0; i < step->redefined_count; i++)
        redefine_table(writer, step->redefined[i]);
    sql_put(writer, "COMMIT;\n");
}
