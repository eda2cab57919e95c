// Schemas, extensions, enums and tables.
#include "migrator/introspect/postgres.h"

#include <string.h>

#include "migrator/introspect/describe.h"

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
    return draft_query(draft,
                       "SELECT e.extname, n.nspname, e.extversion, count(*) OVER () "
                       "FROM pg_catalog.pg_extension e "
                       "JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace "
                       "ORDER BY e.extname COLLATE \"C\"",
                       take_extension, err);
}

static void take_enum_value(void *context, const char *const *values)
{
    struct draft *draft = context;
    draft_add_enum_value(draft, values[0], draft_shown_schema(draft, values[1]), values[2],
                         values[3]);
}

static int describe_enumerations(struct draft *draft, struct err *err)
{
    int status =
        draft_query(draft,
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
    draft_add_table(draft, values[0], draft_shown_schema(draft, values[1]), values[2]);
}

// A partitioned table is one table; its partitions are none.
static int describe_tables(struct draft *draft, struct err *err)
{
    int status =
        draft_query(draft,
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
    return draft_describe_schemas(draft,
                                  "SELECT nspname FROM pg_catalog.pg_namespace "
                                  "WHERE nspname IN (%s) ORDER BY nspname COLLATE \"C\"",
                                  err) ||
                   describe_extensions(draft, err) || describe_enumerations(draft, err) ||
                   describe_tables(draft, err) || postgres_describe_columns(draft, err) ||
                   postgres_describe_indexes(draft, err) ||
                   postgres_describe_foreign_keys(draft, err)
               ? -1
               : 0;
}
