#include "migrator/diff/dialect_rules.h"

#include <string.h>

#include "migrator/model/types_postgres.h"

// SQLite stores enums as texts, and compares nothing but the scalar.
enum type_change sqlite_type_change(const struct column *from, const struct column *to)
{
    bool from_text = from->type.family == COLUMN_ENUM ||
                     (from->type.family == COLUMN_SCALAR && from->type.scalar == DM_STRING);
    bool to_text = to->type.family == COLUMN_ENUM ||
                   (to->type.family == COLUMN_SCALAR && to->type.scalar == DM_STRING);
    if (from_text && to_text)
        return TYPE_SAME;
    bool is_same = from->type.family == to->type.family;
    if (is_same && from->type.family == COLUMN_UNSUPPORTED)
        is_same = strcmp(from->type.unsupported, to->type.unsupported) == 0;
    else if (is_same)
        is_same = from->type.scalar == to->type.scalar;
    if (is_same)
        return TYPE_SAME;
    return to_text ? TYPE_CAST : TYPE_RISKY_CAST;
}

// A column of a primary key and one that is made as SERIAL are NOT NULL. OID counts up by no such
// type, so it does not count.
static unsigned postgres_unavoidable(const struct column *from, const struct column *to,
                                     bool is_key)
{
    const bool is_oid = to->type.family == COLUMN_SCALAR && to->type.native->code == PG_OID;
    unsigned found = 0;
    if (from->arity == COLUMN_REQUIRED && to->arity == COLUMN_NULLABLE &&
        (is_key || to->increments))
        found |= COLUMN_ARITY;
    if (is_oid && to->increments && from->value.kind == DEFAULT_NONE)
        found |= COLUMN_INCREMENT | COLUMN_DEFAULT;
    return found;
}

// A column of a primary key is NOT NULL, whatever the schema says.
static unsigned sqlserver_unavoidable(const struct column *from, const struct column *to,
                                      bool is_key)
{
    const bool is_loosened = from->arity == COLUMN_REQUIRED && to->arity == COLUMN_NULLABLE;
    return is_key && is_loosened ? COLUMN_ARITY : 0;
}

static const struct diff_rules rules[] = {
    [DM_POSTGRESQL] = {.type_change = postgres_type_change,
                       .same_expression = expressions_equal,
                       .unavoidable = postgres_unavoidable,
                       .has_enum_types = true,
                       .renames_foreign_keys = true,
                       .names_foreign_keys = true,
                       .names_primary_keys = true,
                       .renames_indexes = true,
                       .recreates_indexes = true},
    [DM_SQLITE] = {.type_change = sqlite_type_change,
                   .same_expression = expressions_equal,
                   .redefines_tables = true,
                   .inlines_foreign_keys = true},
    [DM_MYSQL] = {.type_change = mysql_type_change,
                  .same_expression = expressions_equal,
                  .names_foreign_keys = true,
                  .renames_indexes = true,
                  .inlines_indexes = true,
                  .reindexes_recreated = true,
                  .counts_by_index = true,
                  .ignores_json_defaults = true,
                  .keeps_foreign_key_indexes = true},
    [DM_SQLSERVER] = {.type_change = sqlserver_type_change,
                      .same_expression = sqlserver_same_expression,
                      .unavoidable = sqlserver_unavoidable,
                      .redefines_for_increment = true,
                      .renames_foreign_keys = true,
                      .names_foreign_keys = true,
                      .names_primary_keys = true,
                      .renames_indexes = true,
                      .inlines_unique = true,
                      .reindexes_retyped = true},
};

const struct diff_rules *diff_rules_of(enum dm_provider provider)
{
    return &rules[provider];
}
