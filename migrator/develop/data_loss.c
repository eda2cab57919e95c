#include "migrator/develop/data_loss.h"

#include <stdio.h>

#include "migrator/sql_quote.h"

enum { COUNT_MAX = 1000 };

struct search {
    struct driver *driver;
    struct data_loss *out;
};

void data_loss_release(struct data_loss *loss)
{
    vec_each (line, &loss->lost)
        free(*line);
    vec_each (line, &loss->impossible)
        free(*line);
    vec_release(&loss->lost);
    vec_release(&loss->impossible);
}

static bool has_default(const struct column *column)
{
    return column->value.kind != DEFAULT_NONE || column->increments;
}

static void put_table(const struct search *search, const struct table *table, struct strbuf *out)
{
    const enum sql_dialect dialect = search->driver->script.dialect;
    // A login of SQL Server has a schema of its own that plain names are looked for in.
    const char *schema =
        table->schema || dialect != SQL_SQLSERVER ? table->schema : search->driver->schema;
    if (schema) {
        sql_quote_identifier(dialect, schema, out);
        strbuf_addch(out, '.');
    }
    sql_quote_identifier(dialect, table->name, out);
}

// How many rows of the table fulfil a condition: "", or "WHERE ..."
static long count_rows(const struct search *search, const struct table *table,
                       const char *condition)
{
    struct err ignored;
    AUTO_STRBUF sql = STRBUF_INIT;
    AUTOFREE char *count = NULL;
    const bool has_top = search->driver->script.dialect == SQL_SQLSERVER;
    AUTOFREE char *limit = mem_printf(has_top ? "TOP (%d)" : "LIMIT %d", COUNT_MAX + 1);
    strbuf_addf(&sql, "SELECT count(*) FROM (SELECT %s 1 AS one FROM ", has_top ? limit : "");
    put_table(search, table, &sql);
    strbuf_addf(&sql, " %s %s) AS found", condition, has_top ? "" : limit);
    if (search->driver->ops->query(search->driver, sql.data, driver_take_first, &count, &ignored))
        return 0;
    return count ? strtol(count, NULL, 10) : 0;
}

static long count_values(const struct search *search, const struct table *table,
                         const struct column *column, bool nulls)
{
    AUTO_STRBUF condition = STRBUF_INIT;
    strbuf_adds(&condition, "WHERE ");
    sql_quote_identifier(search->driver->script.dialect, column->name, &condition);
    strbuf_adds(&condition, nulls ? " IS NULL" : " IS NOT NULL");
    return count_rows(search, table, condition.data);
}

// "1 row", "more than 1000 rows"
struct amount {
    char text[48];
};
static const char *amount_of(long count, const char *noun, struct amount *amount)
{
    if (count > COUNT_MAX)
        snprintf(amount->text, sizeof amount->text, "more than %d %ss", COUNT_MAX, noun);
    else
        snprintf(amount->text, sizeof amount->text, "%ld %s%s", count, noun, count == 1 ? "" : "s");
    return amount->text;
}

static void find_dropped_column(const struct search *search, const struct table *table,
                                const struct column *column)
{
    struct amount amount;
    const long count = count_values(search, table, column, false);
    if (count > 0)
        vec_push(&search->out->lost,
                 mem_printf("the column \"%s\" of \"%s\" is dropped with %s", column->name,
                            table->name, amount_of(count, "value", &amount)));
}

static void find_added_column(const struct search *search, const struct table *table,
                              const struct column *column)
{
    struct amount amount;
    if (column->arity != COLUMN_REQUIRED || has_default(column))
        return;
    const long count = count_rows(search, table, "");
    if (count > 0)
        vec_push(&search->out->impossible,
                 mem_printf("the required column \"%s\" has no default for the %s of \"%s\"",
                            column->name, amount_of(count, "row", &amount), table->name));
}

static void find_recreated_column(const struct search *search, const struct table *table,
                                  const struct column_pair *pair)
{
    struct amount amount;
    if (pair->to->arity == COLUMN_REQUIRED && !has_default(pair->to)) {
        find_added_column(search, table, pair->to);
        return;
    }
    const long count = count_values(search, table, pair->from, false);
    if (count > 0)
        vec_push(&search->out->lost,
                 mem_printf("the column \"%s\" of \"%s\" is made anew, as no cast leads to its "
                            "new type: %s are lost",
                            pair->to->name, table->name, amount_of(count, "value", &amount)));
}

static void find_altered_column(const struct search *search, const struct table *table,
                                const struct column_pair *pair, bool fills_nulls)
{
    struct amount amount;
    const struct column *from = pair->from, *to = pair->to;
    if (pair->recreated) {
        find_recreated_column(search, table, pair);
        return;
    }
    const bool is_made_required = from->arity == COLUMN_NULLABLE && to->arity == COLUMN_REQUIRED;
    const long nulls = is_made_required && !(fills_nulls && has_default(to))
                           ? count_values(search, table, from, true)
                           : 0;
    if (nulls > 0)
        vec_push(&search->out->impossible,
                 mem_printf("the column \"%s\" of \"%s\" becomes required, and is NULL in %s",
                            to->name, table->name, amount_of(nulls, "row", &amount)));
    const bool is_made_list = from->arity != COLUMN_LIST && to->arity == COLUMN_LIST;
    const long values =
        is_made_list || pair->is_risky ? count_values(search, table, from, false) : 0;
    if (values > 0 && is_made_list)
        vec_push(&search->out->impossible,
                 mem_printf("the column \"%s\" of \"%s\" becomes a list, and has %s", to->name,
                            table->name, amount_of(values, "value", &amount)));
    else if (values > 0)
        vec_push(&search->out->lost,
                 mem_printf("the column \"%s\" of \"%s\" gets another type: %s may not fit it",
                            to->name, table->name, amount_of(values, "value", &amount)));
}

static void find_in_change(const struct search *search, const struct table_change *change)
{
    const struct table *table = change->from;
    for (size_t i = 0; i < change->dropped_count; i++)
        find_dropped_column(search, table, change->dropped[i]);
    for (size_t i = 0; i < change->added_count; i++)
        find_added_column(search, table, change->added[i]);
    for (size_t i = 0; i < change->altered_count; i++)
        find_altered_column(search, table, change->altered[i], change->is_redefined);
}

static void find_dropped_table(const struct search *search, const struct table *table)
{
    struct amount amount;
    const long count = count_rows(search, table, "");
    if (count > 0)
        vec_push(&search->out->lost, mem_printf("the table \"%s\" is dropped with %s", table->name,
                                                amount_of(count, "row", &amount)));
}

// Of all columns; NULLs are unequal to each other, but for SQL Server.
static void add_known_values(const struct search *search, const struct index *index,
                             struct strbuf *condition)
{
    const char *separator = "WHERE ";
    if (search->driver->script.dialect != SQL_SQLSERVER)
        for (size_t i = 0; i < index->part_count; i++) {
            strbuf_adds(condition, separator);
            sql_quote_identifier(search->driver->script.dialect, index->parts[i].column->name,
                                 condition);
            strbuf_adds(condition, " IS NOT NULL");
            separator = " AND ";
        }
    if (index->where)
        strbuf_addf(condition, "%s(%s)", separator, index->where);
}

static void find_duplicates(const struct search *search, const struct step *step)
{
    const struct index *index = step->next_index;
    AUTO_STRBUF condition = STRBUF_INIT, columns = STRBUF_INIT;
    if (index->kind != DM_INDEX_UNIQUE || !step->table)
        return;
    for (size_t i = 0; i < index->part_count; i++) {
        strbuf_adds(&columns, i > 0 ? ", " : "");
        sql_quote_identifier(search->driver->script.dialect, index->parts[i].column->name,
                             &columns);
    }
    add_known_values(search, index, &condition);
    strbuf_addf(&condition, " GROUP BY %s HAVING count(*) > 1", columns.data);
    struct amount amount;
    const long count = count_rows(search, step->table, condition.data);
    if (count > 0)
        vec_push(&search->out->lost,
                 mem_printf("\"%s\" will fail: %s of %s in \"%s\" %s in several rows", index->name,
                            amount_of(count, "value", &amount), columns.data, step->table->name,
                            count == 1 ? "is" : "are"));
}

static void find_removed_values(const struct search *search, const struct enum_change *change)
{
    AUTO_STRBUF values = STRBUF_INIT;
    for (size_t i = 0; i < change->removed_count; i++) {
        strbuf_adds(&values, i > 0 ? ", " : "");
        sql_quote_literal(SQL_POSTGRES, change->removed[i], &values);
    }
    for (size_t i = 0; i < change->retyped_count && change->removed_count; i++) {
        const struct enum_use *use = &change->retyped[i];
        if (!use->table || !use->column || use->column->arity == COLUMN_LIST)
            continue;
        struct amount amount;
        AUTO_STRBUF condition = STRBUF_INIT;
        strbuf_adds(&condition, "WHERE ");
        sql_quote_identifier(search->driver->script.dialect, use->column->name, &condition);
        strbuf_addf(&condition, "::text IN (%s)", values.data);
        const long count = count_rows(search, use->table, condition.data);
        if (count > 0)
            vec_push(&search->out->lost,
                     mem_printf("\"%s\" loses values, which will fail: %s of \"%s\" hold them",
                                change->from->name, amount_of(count, "row", &amount),
                                use->table->name));
    }
}

static void find_in_step(const struct search *search, const struct step *step)
{
    switch (step->kind) {
    case STEP_ALTER_TABLE: find_in_change(search, step->table_change); break;
    case STEP_REDEFINE_TABLES:
        for (size_t i = 0; i < step->redefined_count; i++)
            find_in_change(search, step->redefined[i]);
        break;
    case STEP_DROP_TABLE: find_dropped_table(search, step->table); break;
    case STEP_CREATE_INDEX: find_duplicates(search, step); break;
    case STEP_ALTER_ENUM: find_removed_values(search, step->enum_change); break;
    default: break; // the others touch no rows
    }
}

void data_loss_find(struct driver *driver, const struct steps *steps, struct data_loss *out)
{
    const struct search search = {driver, out};
    vec_each (step, &steps->items)
        find_in_step(&search, step);
}
