#pragma once
// What each database can do, as far as the schema language is concerned: one table, so that no rule
// asks for a provider by name.
//
// Source of the rules: the public schema reference, and the manuals of the databases for limits.

#include "migrator/schema/datamodel.h"

enum provider_capability {
    CAN_ENUMS = 1 << 0,
    CAN_LISTS = 1 << 1,
    CAN_JSON = 1 << 2,
    CAN_NAME_PRIMARY_KEYS = 1 << 3,
    CAN_NAME_DEFAULTS = 1 << 4,
    CAN_NAME_FOREIGN_KEYS = 1 << 5,
    CAN_INDEX_PREFIXES = 1 << 6, // length:
    CAN_SORT_PRIMARY_KEYS = 1 << 7,
    CAN_FULLTEXT = 1 << 8,
    CAN_CLUSTER = 1 << 9,
    CAN_FILTER_INDEXES = 1 << 10, // where:
    CAN_USE_SCHEMAS = 1 << 11,
    CAN_USE_EXTENSIONS = 1 << 12,
    CAN_COUNT_MANY = 1 << 13,       // several autoincrement() in a table
    CAN_COUNT_OUTSIDE_ID = 1 << 14, // autoincrement() on other fields than the id
    CAN_COUNT_UNINDEXED = 1 << 15,
    CAN_REFER_IN_ANY_ORDER = 1 << 16,   // references: [b, a] to a key (a, b)
    CAN_SET_NULL_ON_REQUIRED = 1 << 17, // fails only when it happens
    REFUSES_CASCADE_CYCLES = 1 << 18,
    EMULATES_SET_DEFAULT = 1 << 19, // the clause is taken and ignored
};

// Where a name of a constraint must be the only one.
enum name_scope {
    SCOPE_KEYS_AND_INDEXES, // primary keys, unique constraints, indexes: of a schema
    SCOPE_INDEXES,          // unique constraints, indexes: of a schema
    SCOPE_FOREIGN_KEYS,     // of a schema
    SCOPE_CONSTRAINTS,      // primary keys, foreign keys, defaults: of a schema
    SCOPE_MODEL_INDEXES,    // unique constraints, indexes: of a table
    SCOPE_MODEL_KEYS,       // and the primary key: of a table
    SCOPE_MODEL_ALL,        // and foreign keys: of a table
    SCOPE_COUNT
};

struct native_type_rule;

struct provider_rules {
    enum dm_provider provider;
    const char *name;  // "postgresql"
    const char *label; // "PostgreSQL"
    size_t name_limit; // of an identifier, in bytes
    unsigned capabilities;
    unsigned actions;          // bits 1 << enum dm_action
    unsigned emulated_actions; // with relationMode = "prisma"
    unsigned index_types;      // bits 1 << enum dm_index_type
    unsigned scopes;           // bits 1 << enum name_scope
    const struct native_type_rule *native_types;
    size_t native_type_count;
};

const struct provider_rules *provider_rules(enum dm_provider provider);
// By the name in a datasource block; "postgres" and "mssql" are aliases. NULL: unknown.
const struct provider_rules *provider_rules_by_name(const char *name, size_t length);

static inline bool provider_can(const struct provider_rules *rules, unsigned capability)
{
    return (rules->capabilities & capability) != 0;
}

// "String", "Int", …: the scalar of that name, or -1.
int scalar_by_name(const char *name, size_t length);
// "Cascade", …; DM_ACTION_ABSENT: "".
const char *action_name(enum dm_action action);
const char *index_type_name(enum dm_index_type type);
