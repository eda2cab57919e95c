// Schemas, extensions, enums and tables.
#include "migrator/introspect/postgres.h"

#include <string.h>

#include "migrator/introspect/describe.h"
#include "migrator/sql_quote.h"

int postgres_catalogue(struct draft *draft, const char *sql, driver_row *row, struct err *err)
{
    const struct introspect_scope *scope = draft->scope;
    AUTO_STRBUF schemas = STRBUF_INIT;
    AUTO_STRBUF query = STRBUF_INIT;
    for (size_t i = 0; i < scope->schema_count; i++) {
        strbuf_adds(&schemas, i > 0 ? ", " : "");
        sql_quote_literal(SQL_POSTGRES, scope->schemas[i], &schemas);
    }
    if (scope->schema_count == 0)
        sql_quote_literal(SQL_POSTGRES, draft->driver->schema, &schemas);
    const char *mark = strstr(sql, "%s");
    strbuf_add(&query, sql, mark ? (size_t)(mark - sql) : strlen(sql));
    if (mark) {
        strbuf_adds(&query, schemas.data);
        strbuf_adds(&query, mark + strlen("%s"));
    }
    return draft->driver->ops->query(draft->driver, query.data, row, draft, err);
}

// Objects are named with their schemas only where several are asked for.
static const char *schema_shown(const struct draft *draft, const char *schema)
{
    return draft->scope->schema_count > 0 ? schema : NULL;
}

static void take_schema(void *context, const char *const *values)
{
    struct draft *draft = context;
    struct model *model = draft->model;
    model->schemas[model->schema_count++] = draft_copy(draft, values[0]);
    model->listed_schemas = model->schemas; // a database lists what it has
    model->listed_schema_count = model->schema_count;
}

static int describe_schemas(struct draft *draft, struct err *err)
{
    size_t count = draft->scope->schema_count;
    draft->model->schemas = ARENA_ARRAY(draft->model->arena, const char *, count + 1);
    if (count == 0)
        return 0;
    return postgres_catalogue(draft,
                              "SELECT nspname FROM pg_catalog.pg_namespace "
                              "WHERE nspname IN (%s) ORDER BY nspname COLLATE \"C\"",
                              take_schema, err);
}

static void take_extension(void *context, const char *const *values)
{
    struct draft *draft = context;
    struct model *model = draft->model;
    if (model->extension_count == 0) {
        size_t count = (size_t)strtoull(values[3], NULL, 10);
        model->extensions = ARENA_ARRAY(model->arena, struct extension, count);
    }
    model->extensions[model->extension_count++] =
        (struct extension){.name = draft_copy(draft, values[0]),
                           .schema = draft_copy(draft, values[1]),
                           .version = draft_copy(draft, values[2])};
}

static int describe_extensions(struct draft *draft, struct err *err)
{
    if (!draft->scope->extensions)
        return 0;
    return postgres_catalogue(draft,
                              "SELECT e.extname, n.nspname, e.extversion, count(*) OVER () "
                              "FROM pg_catalog.pg_extension e "
                              "JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace "
                              "ORDER BY e.extname COLLATE \"C\"",
                              take_extension, err);
}

static void take_enum_value(void *context, const char *const *values)
{
    struct draft *draft = context;
    draft_add_enum_value(draft, values[0], schema_shown(draft, values[1]), values[2], values[3]);
}

static int describe_enumerations(struct draft *draft, struct err *err)
{
    int status = postgres_catalogue(
        draft,
        "SELECT t.oid, n.nspname, t.typname, v.enumlabel "
        "FROM pg_catalog.pg_type t "
        "JOIN pg_catalog.pg_enum v ON v.enumtypid = t.oid "
        "JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace "
        "WHERE n.nspname IN (%s) "
        "ORDER BY n.nspname COLLATE \"C\", t.typname COLLATE \"C\", v.enumsortorder",
        take_enum_value, err);
    draft_close_enumerations(draft);
    return status;
}

static void take_table(void *context, const char *const *values)
{
    struct draft *draft = context;
    draft_add_table(draft, values[0], schema_shown(draft, values[1]), values[2]);
}

// A partitioned table is one table; its partitions are none.
static int describe_tables(struct draft *draft, struct err *err)
{
    int status = postgres_catalogue(
        draft,
        "SELECT c.oid, n.nspname, c.relname "
        "FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN (%s) "
        "ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\"",
        take_table, err);
    draft_close_tables(draft);
    return status;
}

int postgres_describe(struct draft *draft, struct err *err)
{
    if (draft->scope->schema_count == 0)
        draft->model->own_schema = draft_copy(draft, draft->driver->schema);
    return describe_schemas(draft, err) || describe_extensions(draft, err) ||
                   describe_enumerations(draft, err) || describe_tables(draft, err) ||
                   postgres_describe_columns(draft, err) || postgres_describe_indexes(draft, err) ||
                   postgres_describe_foreign_keys(draft, err)
               ? -1
               : 0;
}
