#pragma once
// A default as PostgreSQL writes it, taken apart as far as it is a constant or a plain call. Casts
// and parentheses say nothing about the value and are skipped.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum literal_kind {
    LITERAL_STRING, // text: unescaped
    LITERAL_NUMBER, // text: with its sign
    LITERAL_WORD,   // true, CURRENT_TIMESTAMP
    LITERAL_CALL,   // text: the function's name; items: the argument, if there is one
    LITERAL_ARRAY,  // items
};

struct literal {
    enum literal_kind kind;
    const char *text;
    const struct literal *items;
    size_t item_count;
};

// false: it is more than a literal.
bool postgres_literal_read(struct arena *arena, const char *text, struct literal *out);
// The elements of an array as text, {a,"b c"}, as strings. false: nested, or NULL among them.
bool postgres_array_read(struct arena *arena, const char *text, struct literal *out);
