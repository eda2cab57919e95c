#pragma once
// The words, names and literals of a predicate, as they compare. Private to predicate.c.

#include "base/arena.h"
#include "migrator/script/lexer.h"

// A word as the server folds it, a name without quotes where it needs none, a literal in the
// server's way of writing it. In the arena.
const char *predicate_token(struct arena *arena, enum sql_token_kind kind, const char *text,
                            size_t length);
