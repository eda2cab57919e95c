#pragma once
// Builds the syntax tree of a schema file.

#include "migrator/schema/ast.h"

struct ast_builder {
    struct arena *arena;           // borrowed
    struct diag_list *diagnostics; // borrowed
    VEC_OF(struct ast_block) blocks;
};

// Appends the blocks of one source. Mistaken lines are reported and left out.
void parse_source(struct ast_builder *builder, const struct source *source);
