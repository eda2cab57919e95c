// Conversions for which ALTER COLUMN … SET DATA TYPE alone is refused: PostgreSQL has no cast that
// it would apply by itself, so the expression is written out.
#include "migrator/model/types_postgres.h"
#include "migrator/sql/postgres.h"

enum conversion {
    CONVERSION_NONE, // the server's own cast does
    CONVERSION_TO_LIST,
    CONVERSION_FROM_LIST,
    CONVERSION_BY_TEXT,
    CONVERSION_BY_NUMERIC,
    CONVERSION_BY_TIMESTAMPTZ,
};

static bool is_text(unsigned code)
{
    return code == PG_TEXT || code == PG_VARCHAR || code == PG_CHAR;
}

static bool is_number(unsigned code)
{
    return code == PG_SMALLINT || code == PG_INTEGER || code == PG_BIGINT || code == PG_REAL ||
           code == PG_DOUBLE;
}

static enum conversion conversion_of(const struct column_pair *pair)
{
    const struct column_type *from = &pair->from->type;
    const struct column_type *to = &pair->to->type;
    if (!(pair->differences & COLUMN_TYPE) || pair->recreated)
        return CONVERSION_NONE;
    if (from->family == COLUMN_ENUM && to->family == COLUMN_ENUM)
        return pair->to->arity == COLUMN_LIST ? CONVERSION_TO_LIST : CONVERSION_FROM_LIST;
    if ((pair->from->arity == COLUMN_LIST) != (pair->to->arity == COLUMN_LIST))
        return CONVERSION_NONE; // a list becomes a text
    if (to->family == COLUMN_UNSUPPORTED)
        return CONVERSION_BY_TEXT;
    if (from->family == COLUMN_UNSUPPORTED)
        return is_text(to->native->code) ? CONVERSION_NONE : CONVERSION_BY_TEXT;
    unsigned source = from->native->code;
    unsigned target = to->native->code;
    if (source == PG_CITEXT && !is_text(target))
        return CONVERSION_BY_TEXT;
    if (source == PG_MONEY && is_number(target))
        return CONVERSION_BY_NUMERIC;
    if (source == PG_MONEY && !is_text(target) && target != PG_DECIMAL)
        return CONVERSION_BY_TEXT;
    if (source == PG_TIMESTAMP && target == PG_TIMETZ)
        return CONVERSION_BY_TIMESTAMPTZ;
    return CONVERSION_NONE;
}

bool postgres_needs_using(const struct column_pair *pair)
{
    return conversion_of(pair) != CONVERSION_NONE;
}

void postgres_using(struct sql_writer *writer, const struct column_pair *pair)
{
    static const char *const steps[] = {
        [CONVERSION_BY_TEXT] = "text",
        [CONVERSION_BY_NUMERIC] = "numeric",
        [CONVERSION_BY_TIMESTAMPTZ] = "timestamptz",
    };
    enum conversion conversion = conversion_of(pair);
    if (conversion == CONVERSION_NONE)
        return;
    const char *name = pair->from->name;
    sql_put(writer, " USING (");
    if (conversion == CONVERSION_TO_LIST) {
        sql_put(writer, "CASE WHEN ");
        sql_name(writer, name);
        sql_put(writer, " IS NULL THEN NULL ELSE ARRAY[");
        sql_name(writer, name);
        sql_put(writer, "] END");
    } else if (conversion == CONVERSION_FROM_LIST) {
        sql_name(writer, name);
        sql_put(writer, "[1]");
    } else {
        const char *list = pair->from->arity == COLUMN_LIST ? "[]" : "";
        sql_name(writer, name);
        strbuf_addf(writer->out, "::%s%s::", steps[conversion], list);
        postgres_type(writer, pair->to);
    }
    sql_put(writer, ")");
}
