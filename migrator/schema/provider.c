#include "migrator/schema/provider.h"

#include <string.h>

#include "migrator/schema/native_types.h"

#define BIT(x) (1u << (x))

enum {
    ALL_BUT_DEFAULT = 1 << DM_CASCADE | 1 << DM_RESTRICT | 1 << DM_NO_ACTION | 1 << DM_SET_NULL,
    ALL_ACTIONS = ALL_BUT_DEFAULT | 1 << DM_SET_DEFAULT,
    ALL_INDEX_TYPES = 1 << DM_INDEX_BTREE | 1 << DM_INDEX_HASH | 1 << DM_INDEX_GIST |
                      1 << DM_INDEX_GIN | 1 << DM_INDEX_SPGIST | 1 << DM_INDEX_BRIN,
};

const struct provider_rules *provider_rules(enum dm_provider provider)
{
    static const struct provider_rules all[] = {
        [DM_POSTGRESQL] = {.provider = DM_POSTGRESQL,
                           .name = "postgresql",
                           .label = "PostgreSQL",
                           .name_limit = 63,
                           .capabilities = CAN_ENUMS | CAN_LISTS | CAN_JSON |
                                           CAN_NAME_PRIMARY_KEYS | CAN_NAME_FOREIGN_KEYS |
                                           CAN_FILTER_INDEXES | CAN_USE_SCHEMAS |
                                           CAN_USE_EXTENSIONS | CAN_COUNT_MANY |
                                           CAN_COUNT_OUTSIDE_ID | CAN_COUNT_UNINDEXED |
                                           CAN_REFER_IN_ANY_ORDER | CAN_SET_NULL_ON_REQUIRED,
                           .actions = ALL_ACTIONS,
                           .emulated_actions = ALL_BUT_DEFAULT & ~BIT(DM_NO_ACTION),
                           .index_types = ALL_INDEX_TYPES,
                           .scopes = BIT(SCOPE_KEYS_AND_INDEXES) | BIT(SCOPE_MODEL_ALL),
                           .native_types = postgresql_native_types,
                           .native_type_count = POSTGRESQL_NATIVE_TYPES},
        [DM_MYSQL] = {.provider = DM_MYSQL,
                      .name = "mysql",
                      .label = "MySQL",
                      .name_limit = 64,
                      .capabilities = CAN_ENUMS | CAN_JSON | CAN_NAME_FOREIGN_KEYS |
                                      CAN_INDEX_PREFIXES | CAN_FULLTEXT | CAN_COUNT_OUTSIDE_ID |
                                      CAN_REFER_IN_ANY_ORDER | EMULATES_SET_DEFAULT,
                      .actions = ALL_ACTIONS,
                      .emulated_actions = ALL_BUT_DEFAULT,
                      .index_types = BIT(DM_INDEX_BTREE),
                      .scopes = BIT(SCOPE_FOREIGN_KEYS) | BIT(SCOPE_MODEL_INDEXES),
                      .native_types = mysql_native_types,
                      .native_type_count = MYSQL_NATIVE_TYPES},
        [DM_SQLITE] = {.provider = DM_SQLITE,
                       .name = "sqlite",
                       .label = "SQLite",
                       .name_limit = 10000,
                       .capabilities =
                           CAN_ENUMS | CAN_JSON | CAN_FILTER_INDEXES | CAN_REFER_IN_ANY_ORDER,
                       .actions = ALL_ACTIONS,
                       .emulated_actions = ALL_BUT_DEFAULT & ~BIT(DM_NO_ACTION),
                       .index_types = BIT(DM_INDEX_BTREE),
                       .scopes = BIT(SCOPE_INDEXES)},
        [DM_SQLSERVER] = {.provider = DM_SQLSERVER,
                          .name = "sqlserver",
                          .label = "SQL Server",
                          .name_limit = 128,
                          .capabilities = CAN_NAME_PRIMARY_KEYS | CAN_NAME_DEFAULTS |
                                          CAN_NAME_FOREIGN_KEYS | CAN_SORT_PRIMARY_KEYS |
                                          CAN_CLUSTER | CAN_FILTER_INDEXES | CAN_USE_SCHEMAS |
                                          CAN_COUNT_MANY | CAN_COUNT_OUTSIDE_ID |
                                          CAN_COUNT_UNINDEXED | REFUSES_CASCADE_CYCLES,
                          .actions = ALL_ACTIONS & ~BIT(DM_RESTRICT),
                          .emulated_actions = ALL_BUT_DEFAULT,
                          .index_types = BIT(DM_INDEX_BTREE),
                          .scopes = BIT(SCOPE_CONSTRAINTS) | BIT(SCOPE_MODEL_KEYS),
                          .native_types = sqlserver_native_types,
                          .native_type_count = SQLSERVER_NATIVE_TYPES},
    };
    return &all[provider];
}

const struct provider_rules *provider_rules_by_name(const char *name, size_t length)
{
    static const struct {
        const char *name;
        enum dm_provider provider;
    } names[] = {
        {"postgresql", DM_POSTGRESQL}, {"postgres", DM_POSTGRESQL}, {"mysql", DM_MYSQL},
        {"sqlite", DM_SQLITE},         {"sqlserver", DM_SQLSERVER}, {"mssql", DM_SQLSERVER},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i].name) == length && memcmp(names[i].name, name, length) == 0)
            return provider_rules(names[i].provider);
    return NULL;
}

const char *dm_provider_name(enum dm_provider provider)
{
    return provider_rules(provider)->name;
}

const char *dm_scalar_name(enum dm_scalar scalar)
{
    static const char *const names[] = {
#define X(id, name) [id] = (name),
        DM_SCALARS(X)
#undef X
    };
    return names[scalar];
}

int scalar_by_name(const char *name, size_t length)
{
    static const uint8_t lengths[] = {
#define X(id, name) [id] = sizeof(name) - 1,
        DM_SCALARS(X)
#undef X
    };
    for (int scalar = DM_STRING; scalar <= DM_BYTES; scalar++)
        if (lengths[scalar] == length &&
            memcmp(dm_scalar_name((enum dm_scalar)scalar), name, length) == 0)
            return scalar;
    return -1;
}

const char *action_name(enum dm_action action)
{
    static const char *const names[] = {
        [DM_ACTION_ABSENT] = "",     [DM_CASCADE] = "Cascade",  [DM_RESTRICT] = "Restrict",
        [DM_NO_ACTION] = "NoAction", [DM_SET_NULL] = "SetNull", [DM_SET_DEFAULT] = "SetDefault",
    };
    return names[action];
}

const char *index_type_name(enum dm_index_type type)
{
    static const char *const names[] = {
        [DM_INDEX_TYPE_ABSENT] = "", [DM_INDEX_BTREE] = "BTree", [DM_INDEX_HASH] = "Hash",
        [DM_INDEX_GIST] = "Gist",    [DM_INDEX_GIN] = "Gin",     [DM_INDEX_SPGIST] = "SpGist",
        [DM_INDEX_BRIN] = "Brin",
    };
    return names[type];
}
