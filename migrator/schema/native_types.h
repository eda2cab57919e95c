#pragma once
// The native types of each database (@db.VarChar(191)): their arguments and the scalars they may
// stand on.

#include <stdint.h>

#include "migrator/schema/provider.h"

enum native_type_trait {
    NATIVE_NO_INDEX = 1,        // cannot be in an index or a key
    NATIVE_NO_INDEX_OF_MAX = 2, // the same with the argument Max
    NATIVE_NEEDS_PREFIX = 4,    // only with length: in an index or a key
    NATIVE_ONE_BIT_BOOLEAN = 8, // on Boolean the argument is 1
    NATIVE_TAKES_MAX = 16,
    NATIVE_DECIMAL = 32, // none or two arguments: precision and scale
};

struct native_type_rule {
    const char *name;
    uint16_t scalars; // bits 1 << enum dm_scalar
    uint8_t min_arguments, max_arguments;
    uint8_t traits;
    // Bounds of the first argument (a decimal's precision); of its scale.
    uint32_t lowest, highest, highest_scale;
};

enum { POSTGRESQL_NATIVE_TYPES = 26, MYSQL_NATIVE_TYPES = 32, SQLSERVER_NATIVE_TYPES = 27 };
extern const struct native_type_rule postgresql_native_types[POSTGRESQL_NATIVE_TYPES],
    mysql_native_types[MYSQL_NATIVE_TYPES], sqlserver_native_types[SQLSERVER_NATIVE_TYPES];

// Letter case counts. NULL: the provider has no such type.
const struct native_type_rule *native_type_find(const struct provider_rules *rules,
                                                const char *name, size_t length);
// The rule of a type that was found before; never NULL.
const struct native_type_rule *native_type_rule_of(const struct provider_rules *rules,
                                                   const struct dm_native_type *type);
// Whether a column of this type cannot be in an index without a prefix length, or at all.
bool native_type_refuses_index(const struct provider_rules *rules,
                               const struct dm_native_type *type, bool has_prefix);
