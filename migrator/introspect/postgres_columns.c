// Columns and their types.
#include <stdlib.h>
#include <string.h>

#include "migrator/introspect/postgres.h"
#include "migrator/model/types_postgres.h"

enum { PRECISION_OF_TIMES = 6 }; // where none is given

// What a type's modifier (pg_attribute.atttypmod) says.
enum modifier {
    MODIFIER_NONE,
    MODIFIER_LENGTH,          // of characters: 4 more than the length
    MODIFIER_BITS,            // the length
    MODIFIER_TIME,            // digits of the second's fraction
    MODIFIER_PRECISION_SCALE, // precision << 16 | scale, 4 more
};

static const struct {
    const char *name; // pg_type.typname
    enum postgres_type code;
    enum modifier modifier;
} types[] = {
    {"int2", PG_SMALLINT, MODIFIER_NONE},
    {"int4", PG_INTEGER, MODIFIER_NONE},
    {"int8", PG_BIGINT, MODIFIER_NONE},
    {"oid", PG_OID, MODIFIER_NONE},
    {"float4", PG_REAL, MODIFIER_NONE},
    {"float8", PG_DOUBLE, MODIFIER_NONE},
    {"numeric", PG_DECIMAL, MODIFIER_PRECISION_SCALE},
    {"money", PG_MONEY, MODIFIER_NONE},
    {"bool", PG_BOOLEAN, MODIFIER_NONE},
    {"text", PG_TEXT, MODIFIER_NONE},
    {"varchar", PG_VARCHAR, MODIFIER_LENGTH},
    {"bpchar", PG_CHAR, MODIFIER_LENGTH},
    {"citext", PG_CITEXT, MODIFIER_NONE},
    {"uuid", PG_UUID, MODIFIER_NONE},
    {"xml", PG_XML, MODIFIER_NONE},
    {"inet", PG_INET, MODIFIER_NONE},
    {"bit", PG_BIT, MODIFIER_BITS},
    {"varbit", PG_VARBIT, MODIFIER_BITS},
    {"timestamp", PG_TIMESTAMP, MODIFIER_TIME},
    {"timestamptz", PG_TIMESTAMPTZ, MODIFIER_TIME},
    {"date", PG_DATE, MODIFIER_NONE},
    {"time", PG_TIME, MODIFIER_TIME},
    {"timetz", PG_TIMETZ, MODIFIER_TIME},
    {"json", PG_JSON, MODIFIER_NONE},
    {"jsonb", PG_JSONB, MODIFIER_NONE},
    {"bytea", PG_BYTEA, MODIFIER_NONE},
};

static void take_modifier(struct column_type *type, enum modifier meaning, int32_t modifier,
                          bool is_list)
{
    int32_t *arguments = type->arguments;
    if (meaning == MODIFIER_NONE)
        return;
    if (modifier < 0) {
        arguments[0] = PRECISION_OF_TIMES;
        type->argument_count = meaning == MODIFIER_TIME && !is_list;
        type->arguments_are_usual = true;
        return;
    }
    type->argument_count = 1;
    switch (meaning) {
    case MODIFIER_LENGTH:
        arguments[0] = modifier - 4;
        type->arguments_are_usual = type->native->code == PG_CHAR && arguments[0] == 1;
        break;
    case MODIFIER_PRECISION_SCALE:
        arguments[0] = (modifier - 4) >> 16;
        arguments[1] = (((modifier - 4) & 0x7FF) ^ 0x400) - 0x400; // 11 bits with a sign
        type->argument_count = 2;
        break;
    case MODIFIER_BITS:
        arguments[0] = modifier;
        type->arguments_are_usual = type->native->code == PG_BIT && modifier == 1;
        break;
    case MODIFIER_TIME: arguments[0] = modifier; break;
    case MODIFIER_NONE: break;
    }
}

// In the order of the query's columns.
struct column_row {
    const char *table, *name, *is_required, *is_list, *type, *type_key, *modifier, *shown, *value,
        *identity;
};

static struct column_type read_type(struct draft *draft, const struct column_row *row, bool is_list)
{
    struct column_type type = {.family = COLUMN_UNSUPPORTED};
    type.enumeration = map_get(draft->enumerations, row->type_key);
    if (type.enumeration) {
        type.family = COLUMN_ENUM;
        return type;
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].name, row->type) != 0)
            continue;
        type.family = COLUMN_SCALAR;
        type.native = &draft->model->dialect->types[types[i].code];
        type.scalar = type.native->scalar;
        take_modifier(&type, types[i].modifier, (int32_t)strtol(row->modifier, NULL, 10), is_list);
        return type;
    }
    type.unsupported = draft_copy(draft, row->shown);
    return type;
}

static void take_column(void *context, const char *const *values)
{
    struct draft *draft = context;
    const struct column_row row = {values[0], values[1], values[2], values[3], values[4],
                                   values[5], values[6], values[7], values[8], values[9]};
    if (!draft_enter(draft, row.table))
        return;
    bool is_list = *row.is_list == 't';
    struct column column = {.name = draft_copy(draft, row.name)};
    column.type = read_type(draft, &row, is_list && *row.type);
    // The type of a list as the server says it ends in [], which the arity says already.
    size_t length = column.type.unsupported ? strlen(column.type.unsupported) : 0;
    if (is_list && length > 2 && strcmp(column.type.unsupported + length - 2, "[]") == 0)
        column.type.unsupported =
            arena_strndup(draft->model->arena, column.type.unsupported, length - 2);
    column.arity = is_list                   ? COLUMN_LIST
                   : *row.is_required == 't' ? COLUMN_REQUIRED
                                             : COLUMN_NULLABLE;
    if (row.value)
        postgres_read_default(draft->model->arena, row.value, &column);
    column.increments = column.increments || *row.identity;
    draft_add_column(draft, column);
}

// The type of a list's elements, and the one below a domain.
int postgres_describe_columns(struct draft *draft, struct err *err)
{
    int status =
        draft_query(draft,
                    "SELECT c.oid, a.attname, a.attnotnull, e.oid IS NOT NULL, "
                    "coalesce(e.typname, b.typname, t.typname), coalesce(e.oid, b.oid, t.oid), "
                    "CASE WHEN b.oid IS NULL THEN a.atttypmod ELSE t.typtypmod END, "
                    "pg_catalog.format_type(a.atttypid, a.atttypmod), "
                    "pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attidentity "
                    "FROM pg_catalog.pg_class c "
                    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                    "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
                    "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
                    "LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A' "
                    "LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype AND t.typtype = 'd' "
                    "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum "
                    "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN (%s) "
                    "AND a.attnum > 0 AND NOT a.attisdropped "
                    "ORDER BY c.oid, a.attnum",
                    take_column, err);
    draft_enter(draft, NULL);
    return status;
}
