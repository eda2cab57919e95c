#pragma once
// Reads .env: lines NAME=value.
//
//     # a comment
//     PLAIN=up to the end of the line # or to a comment after a blank
//     export ALSO=fine
//     SINGLE='as it lies, over lines too'
//     DOUBLE="with \n \r \t \" \\ \$ escapes, over lines too"
//
// Nothing is expanded: a $ is a $. A name given twice keeps its last value.

#include "base/arena.h"
#include "base/diag.h"
#include "base/vec.h"

struct dotenv_entry {
    const char *name, *value; // in the arena
    struct span span;         // of the value
};
typedef VEC_OF(struct dotenv_entry) dotenv_entries;

// Appends the entries in the order of the file. The values are blotted out of the source's text,
// which must be writable, so that no diagnostic quotes one (NetScript__* is settings, and stays).
void dotenv_parse(const struct source *source, struct arena *arena, struct diag_list *diags,
                  dotenv_entries *out);
