#include "migrator/model/dialect.h"

#include <string.h>

#include "migrator/model/types_mysql.h"
#include "migrator/model/types_postgres.h"
#include "migrator/model/types_sqlserver.h"

#define X(id, type_name, type_sql, type_scalar, type_arguments) \
    [id] = {.name = (type_name),                                \
            .sql = (type_sql),                                  \
            .scalar = (type_scalar),                            \
            .arguments = (type_arguments),                      \
            .code = (id)},
static const struct native_type postgres_types[] = {POSTGRES_TYPES(X)};
static const struct native_type mysql_types[] = {MYSQL_TYPES(X)};
static const struct native_type sqlserver_types[] = {SQLSERVER_TYPES(X)};
#undef X

static const struct dialect dialects[] = {
    [DM_POSTGRESQL] = {.provider = DM_POSTGRESQL,
                       .name_limit = 63,
                       .types = postgres_types,
                       .type_count = PG_TYPE_COUNT,
                       .usual = {[DM_STRING] = {.code = PG_TEXT},
                                 [DM_INT] = {.code = PG_INTEGER},
                                 [DM_BIGINT] = {.code = PG_BIGINT},
                                 [DM_FLOAT] = {.code = PG_DOUBLE},
                                 [DM_DECIMAL] = {PG_DECIMAL, {65, 30}, 2},
                                 [DM_BOOLEAN] = {.code = PG_BOOLEAN},
                                 [DM_DATETIME] = {PG_TIMESTAMP, {3}, 1},
                                 [DM_JSON] = {.code = PG_JSONB},
                                 [DM_BYTES] = {.code = PG_BYTEA}},
                       .type_argument_separator = ",",
                       .default_schema = "public",
                       .has_enums = true,
                       .join_table_has_primary_key = true,
                       .has_restrict = true},
    [DM_MYSQL] = {.provider = DM_MYSQL,
                  .name_limit = 64,
                  .types = mysql_types,
                  .type_count = MY_TYPE_COUNT,
                  .usual = {[DM_STRING] = {MY_VARCHAR, {191}, 1},
                            [DM_INT] = {.code = MY_INT},
                            [DM_BIGINT] = {.code = MY_BIGINT},
                            [DM_FLOAT] = {.code = MY_DOUBLE},
                            [DM_DECIMAL] = {MY_DECIMAL, {65, 30}, 2},
                            [DM_BOOLEAN] = {.code = MY_TINYINT},
                            [DM_DATETIME] = {MY_DATETIME, {3}, 1},
                            [DM_JSON] = {.code = MY_JSON},
                            [DM_BYTES] = {.code = MY_LONGBLOB}},
                  .type_argument_separator = ", ",
                  .has_restrict = true},
    [DM_SQLITE] = {.provider = DM_SQLITE, .integer_key_increments = true, .has_restrict = true},
    [DM_SQLSERVER] = {.provider = DM_SQLSERVER,
                      .name_limit = 128,
                      .types = sqlserver_types,
                      .type_count = MS_TYPE_COUNT,
                      .usual = {[DM_STRING] = {MS_NVARCHAR, {1000}, 1},
                                [DM_INT] = {.code = MS_INT},
                                [DM_BIGINT] = {.code = MS_BIGINT},
                                [DM_FLOAT] = {MS_FLOAT, {53}, 1},
                                [DM_DECIMAL] = {MS_DECIMAL, {32, 16}, 2},
                                [DM_BOOLEAN] = {.code = MS_BIT},
                                [DM_DATETIME] = {.code = MS_DATETIME2},
                                [DM_JSON] = {MS_NVARCHAR, {TYPE_ARGUMENT_MAX}, 1},
                                [DM_BYTES] = {MS_VARBINARY, {TYPE_ARGUMENT_MAX}, 1}},
                      .default_schema = "dbo",
                      .type_argument_separator = ","},
};

const struct dialect *dialect_of(enum dm_provider provider)
{
    return &dialects[provider];
}

const struct native_type *dialect_type(const struct dialect *dialect, const char *name)
{
    for (size_t i = 0; i < dialect->type_count; i++) {
        if (strcmp(dialect->types[i].name, name) == 0)
            return &dialect->types[i];
    }
    return NULL;
}

const char *dialect_space(const struct dialect *dialect, const char *schema)
{
    bool is_default =
        schema && dialect->default_schema && strcmp(schema, dialect->default_schema) == 0;
    return is_default ? NULL : schema;
}
