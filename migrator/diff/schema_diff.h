#pragma once
// Schemas in, the migration between them out: the way from source texts to SQL in one call.

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/err.h"
#include "base/strbuf.h"

// One side of a difference: the files of a schema. Borrowed. count 0: nothing, no schema at all.
struct schema_texts {
    const struct source *sources;
    size_t count;
};

struct schema_diff_options {
    bool with_warnings; // the header of a created migration that tells what may be lost
};

// Appends the script that turns a database of schema `from` into one of schema `to`; one that says
// it is empty where nothing differs. *is_empty_or_null tells. Both sides have the same provider.
//
// ERR_INVALID: a schema has mistakes, which are in the diagnostics, or the providers differ.
int schema_diff_script(struct schema_texts from, struct schema_texts to,
                       struct schema_diff_options options, struct strbuf *out,
                       bool *is_empty_or_null, struct diag_list *diagnostics,
                       struct err *err) MUST_CHECK;
