#pragma once
// What the datasource and the generators share: blocks of `key = value` lines.

#include "migrator/schema/resolver.h"

// The property of that name that has a value; NULL: none.
const struct ast_property *config_find_property(const struct ast_block *block, const char *name);
// A string, or env("NAME"). Returns whether the block has the property; mistakes are reported.
bool config_resolve_setting(struct resolver *resolver, const struct ast_block *block,
                            const char *name, struct dm_setting *out);
void resolve_generator(struct resolver *resolver, const struct ast_block *block);
