#pragma once
// The names that constraints have by default: table, columns and a suffix, joined by underscores.
// Where that is longer than the provider's limit, the end of what stands before the suffix goes, at
// a character's boundary.

#include "migrator/schema/provider.h"

const char *constraint_name_primary_key(struct arena *arena, const struct provider_rules *rules,
                                        const struct dm_model *model);
// Unique constraints and indexes, by the columns of the index.
const char *constraint_name_index(struct arena *arena, const struct provider_rules *rules,
                                  const struct dm_index *index);
const char *constraint_name_foreign_key(struct arena *arena, const struct provider_rules *rules,
                                        const struct dm_relation *relation);
const char *constraint_name_default(struct arena *arena, const struct provider_rules *rules,
                                    const struct dm_field *field);
