// ALTER TABLE and the change of enum types. Where the layout that is followed would not run,
// because a statement names what is not there yet, the statement is left out or put apart.
#include <ctype.h>
#include <string.h>

#include "migrator/sql/postgres.h"

void postgres_enum_values(struct sql_writer *writer, const struct enumeration *enumeration)
{
    sql_put(writer, " AS ENUM (");
    for (size_t i = 0; i < enumeration->value_count; i++) {
        if (i > 0)
            sql_put(writer, ", ");
        sql_string(writer, enumeration->values[i], strlen(enumeration->values[i]));
    }
    sql_put(writer, ");\n");
}

static void alter_column_in(struct sql_writer *writer, const char *schema,
                            const struct table *table, const struct column *column)
{
    sql_put(writer, "ALTER TABLE ");
    sql_qualified(writer, schema, table->name);
    sql_put(writer, " ALTER COLUMN ");
    sql_name(writer, column->name);
}

static void alter_column(struct sql_writer *writer, const struct table *table,
                         const struct column *column)
{
    alter_column_in(writer, table->schema, table, column);
}

static void add_values(struct sql_writer *writer, const struct enum_change *change)
{
    if (change->added_count > 1)
        sql_put(writer, "-- This migration adds more than one value to an enum.\n"
                        "-- With PostgreSQL versions 11 and earlier, this is not possible\n"
                        "-- in a single migration. This can be worked around by creating\n"
                        "-- multiple migrations, each migration adding only one value to\n"
                        "-- the enum.\n\n\n");
    for (size_t i = 0; i < change->added_count; i++) {
        sql_put(writer, "ALTER TYPE ");
        sql_qualified(writer, change->to->schema, change->to->name);
        sql_put(writer, " ADD VALUE ");
        sql_string(writer, change->added[i], strlen(change->added[i]));
        sql_put(writer, ";\n");
    }
}

static void put_suffixed(struct sql_writer *writer, const char *schema, const char *name,
                         const char *suffix)
{
    AUTO_STRBUF suffixed = STRBUF_INIT;
    strbuf_addf(&suffixed, "%s%s", name, suffix);
    sql_qualified(writer, schema, suffixed.data);
}

static void drop_defaults(struct sql_writer *writer, const struct enum_change *change)
{
    for (size_t i = 0; i < change->with_default_count; i++) {
        const struct enum_use *use = &change->with_default[i];
        const char *schema =
            use->table->schema ? use->table->schema : writer->steps->from->own_schema;
        alter_column_in(writer, schema, use->table, use->column);
        sql_put(writer, " DROP DEFAULT;\n");
    }
}

static void retype_uses(struct sql_writer *writer, const struct enum_change *change)
{
    for (size_t i = 0; i < change->retyped_count; i++) {
        const struct enum_use *use = &change->retyped[i];
        const char *list = use->column->arity == COLUMN_LIST ? "[]" : "";
        alter_column(writer, use->table, use->column);
        sql_put(writer, " TYPE ");
        put_suffixed(writer, change->to->schema, change->to->name, "_new");
        strbuf_addf(writer->out, "%s USING (", list);
        sql_name(writer, use->column->name);
        sql_put(writer, "::text::");
        put_suffixed(writer, change->to->schema, change->to->name, "_new");
        strbuf_addf(writer->out, "%s);\n", list);
    }
    // What the migration drops further down must let go of the type now.
    for (size_t i = 0; i < change->abandoned_count; i++) {
        const struct enum_use *use = &change->abandoned[i];
        alter_column(writer, use->table, use->column);
        strbuf_addf(writer->out, " TYPE TEXT%s;\n", use->column->arity == COLUMN_LIST ? "[]" : "");
    }
}

static void set_defaults(struct sql_writer *writer, const struct enum_change *change)
{
    for (size_t i = 0; i < change->with_default_count; i++) {
        const struct enum_use *use = &change->with_default[i];
        if (!use->next_column || use->next_column->value.kind == DEFAULT_NONE ||
            (use->column->arity == COLUMN_LIST) != (use->next_column->arity == COLUMN_LIST))
            continue;
        alter_column(writer, use->next_table, use->next_column);
        sql_put(writer, " SET DEFAULT ");
        postgres_default(writer, use->next_column);
        sql_put(writer, ";\n");
    }
}

void postgres_alter_enum(struct sql_writer *writer, const struct step *step)
{
    const struct enum_change *change = step->enum_change;
    const char *schema = change->to->schema;
    const char *name = change->to->name;
    if (change->removed_count == 0) {
        add_values(writer, change);
        return;
    }
    sql_put(writer, "BEGIN;\nCREATE TYPE ");
    put_suffixed(writer, schema, name, "_new");
    postgres_enum_values(writer, change->to);
    drop_defaults(writer, change);
    retype_uses(writer, change);
    sql_put(writer, "ALTER TYPE ");
    sql_qualified(writer, schema, name);
    sql_put(writer, " RENAME TO ");
    put_suffixed(writer, NULL, name, "_old");
    sql_put(writer, ";\nALTER TYPE ");
    put_suffixed(writer, schema, name, "_new");
    sql_put(writer, " RENAME TO ");
    sql_name(writer, name);
    sql_put(writer, ";\nDROP TYPE ");
    put_suffixed(writer, schema, name, "_old");
    sql_put(writer, ";\n");
    set_defaults(writer, change);
    sql_put(writer, "COMMIT;\n");
}

// One ALTER TABLE that grows clause by clause.
struct clauses {
    struct sql_writer *writer;
    const struct table *table;
    bool is_open;
};

static void begin_clause(struct clauses *clauses)
{
    if (clauses->is_open) {
        sql_put(clauses->writer, ",\n");
        return;
    }
    sql_put(clauses->writer, "ALTER TABLE ");
    sql_table(clauses->writer, clauses->table);
    sql_put(clauses->writer, " ");
    clauses->is_open = true;
}

static void named_clause(struct clauses *clauses, const char *text, const char *name)
{
    begin_clause(clauses);
    sql_put(clauses->writer, text);
    sql_name(clauses->writer, name);
}

static void add_column(struct clauses *clauses, const struct column *column)
{
    begin_clause(clauses);
    sql_put(clauses->writer, "ADD COLUMN     ");
    postgres_column(clauses->writer, column);
}

// table_column_seq, in lower case and without quotes where it may stand so.
static void put_sequence(struct sql_writer *writer, const struct table *table,
                         const struct column *column)
{
    AUTO_STRBUF name = STRBUF_INIT;
    strbuf_addf(&name, "%s_%s_seq", table->name, column->name);
    bool is_plain = !isdigit((unsigned char)name.data[0]);
    for (char *at = name.data; *at; at++) {
        *at = (char)tolower((unsigned char)*at);
        is_plain =
            is_plain && ((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') || *at == '_');
    }
    if (table->schema) {
        sql_name(writer, table->schema);
        sql_put(writer, ".");
    }
    if (is_plain)
        sql_put(writer, name.data);
    else
        sql_name(writer, name.data);
}

static bool gains_sequence(const struct column_pair *pair)
{
    return !pair->recreated && pair->differences & COLUMN_INCREMENT && pair->to->increments;
}

static bool loses_sequence(const struct column_pair *pair)
{
    return !pair->recreated && pair->differences & COLUMN_INCREMENT && !pair->to->increments;
}

static void set_type(struct clauses *clauses, const struct column_pair *pair)
{
    struct sql_writer *writer = clauses->writer;
    named_clause(clauses, "ALTER COLUMN ", pair->to->name);
    sql_put(writer, " SET DATA TYPE ");
    postgres_type(writer, pair->to);
    postgres_using(writer, pair);
}

// A default has no USING: where the column needs one, the old default must be gone before.
static bool resets_default(const struct column_pair *pair)
{
    return postgres_needs_using(pair) && pair->from->value.kind != DEFAULT_NONE;
}

static void drop_hindering_defaults(struct sql_writer *writer, const struct table_change *change)
{
    for (size_t i = 0; i < change->altered_count; i++) {
        if (!resets_default(change->altered[i]))
            continue;
        alter_column(writer, change->to, change->altered[i]->from);
        sql_put(writer, " DROP DEFAULT;\n");
    }
}

static void set_sequence(struct clauses *clauses, const struct column_pair *pair)
{
    AUTO_STRBUF sequence = STRBUF_INIT;
    struct sql_writer inner = *clauses->writer;
    inner.out = &sequence;
    put_sequence(&inner, clauses->table, pair->to);
    named_clause(clauses, "ALTER COLUMN ", pair->to->name);
    sql_put(clauses->writer, " SET DEFAULT nextval(");
    sql_string(clauses->writer, sequence.data, sequence.len);
    sql_put(clauses->writer, ")");
}

static void alter_pair(struct clauses *clauses, const struct column_pair *pair)
{
    if (pair->recreated) {
        named_clause(clauses, "DROP COLUMN ", pair->from->name);
        add_column(clauses, pair->to);
        return;
    }
    if (pair->differences & COLUMN_ARITY && pair->to->arity == COLUMN_REQUIRED) {
        named_clause(clauses, "ALTER COLUMN ", pair->to->name);
        sql_put(clauses->writer, " SET NOT NULL");
    } else if (pair->differences & COLUMN_ARITY && pair->to->arity == COLUMN_NULLABLE) {
        named_clause(clauses, "ALTER COLUMN ", pair->to->name);
        sql_put(clauses->writer, " DROP NOT NULL");
    }
    bool sets_default = pair->differences & COLUMN_DEFAULT ||
                        (resets_default(pair) && pair->to->value.kind != DEFAULT_NONE);
    if (sets_default) {
        named_clause(clauses, "ALTER COLUMN ", pair->to->name);
        sql_put(clauses->writer,
                pair->to->value.kind == DEFAULT_NONE ? " DROP DEFAULT" : " SET DEFAULT ");
        postgres_default(clauses->writer, pair->to);
    }
    if (gains_sequence(pair))
        set_sequence(clauses, pair);
    if (pair->differences & COLUMN_TYPE)
        set_type(clauses, pair);
}

static void create_sequences(struct sql_writer *writer, const struct table_change *change)
{
    for (size_t i = 0; i < change->altered_count; i++) {
        if (!gains_sequence(change->altered[i]))
            continue;
        sql_put(writer, "CREATE SEQUENCE ");
        put_sequence(writer, change->to, change->altered[i]->to);
        sql_put(writer, ";\n");
    }
}

static void settle_sequences(struct sql_writer *writer, const struct table_change *change)
{
    for (size_t i = 0; i < change->altered_count; i++) {
        const struct column_pair *pair = change->altered[i];
        if (gains_sequence(pair)) {
            sql_put(writer, "ALTER SEQUENCE ");
            put_sequence(writer, change->to, pair->to);
            sql_put(writer, " OWNED BY ");
            sql_table(writer, change->to);
            sql_put(writer, ".");
            sql_name(writer, pair->to->name);
            sql_put(writer, ";\n");
        } else if (loses_sequence(pair)) {
            AUTO_STRBUF name = STRBUF_INIT;
            strbuf_addf(&name, "%s_%s_seq", change->from->name, pair->from->name);
            sql_put(writer, "DROP SEQUENCE IF EXISTS ");
            sql_qualified(writer, change->to->schema, name.data);
            sql_put(writer, ";\n");
        }
    }
}

static void rename_key(struct sql_writer *writer, const struct table_change *change)
{
    sql_put(writer, "ALTER TABLE ");
    sql_table(writer, change->to);
    sql_put(writer, " RENAME CONSTRAINT ");
    sql_name(writer, change->from->primary_key->name);
    sql_put(writer, " TO ");
    sql_name(writer, change->to->primary_key->name);
    sql_put(writer, ";\n");
}

void postgres_alter_table(struct sql_writer *writer, const struct step *step)
{
    const struct table_change *change = step->table_change;
    struct clauses clauses = {.writer = writer, .table = change->to};
    create_sequences(writer, change);
    drop_hindering_defaults(writer, change);
    if (change->drops_key)
        named_clause(&clauses, "DROP CONSTRAINT ", change->from->primary_key->name);
    for (size_t i = 0; i < change->dropped_count; i++)
        named_clause(&clauses, "DROP COLUMN ", change->dropped[i]->name);
    for (size_t i = 0; i < change->added_count; i++)
        add_column(&clauses, change->added[i]);
    for (size_t i = 0; i < change->altered_count; i++)
        alter_pair(&clauses, change->altered[i]);
    if (change->adds_key) {
        begin_clause(&clauses);
        sql_put(writer, "ADD ");
        postgres_primary_key(writer, change->to->primary_key, ", ");
    }
    if (clauses.is_open)
        sql_put(writer, ";\n");
    if (change->renames_key) // RENAME is a statement of its own, never a clause among others
        rename_key(writer, change);
    settle_sequences(writer, change);
}
