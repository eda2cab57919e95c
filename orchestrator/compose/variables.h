#pragma once
// What must not be in a Compose file, or is not known when it is written, as variables of it:
// `${POSTGRES_PASSWORD:?unset}`.
//
// A placeholder stands in for such a value wherever texts are made of it; it consists of characters
// that every form of connection text leaves as they are. compose_text puts the variable in its
// place and makes everything else literal.

#include <stdbool.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "base/vec.h"

struct compose_variable {
    const char *name, *about, *placeholder;
    bool used;
};

// Zero-initialised is empty, but for the arena, which the texts live in.
struct compose_variables {
    struct arena *arena;
    VEC_OF(struct compose_variable) items;
};

void compose_variables_release(struct compose_variables *variables);
// The placeholder for a variable; one that is there already keeps what is said about it.
const char *compose_variable(struct compose_variables *variables, const char *name,
                             const char *about);
// Appends a text as Compose reads it: "$" doubled, placeholders replaced.
void compose_text(struct compose_variables *variables, const char *text, struct strbuf *out);
