#pragma once
// Schemas in, the migration between them out: the way from source texts to SQL in one call.

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "migrator/schema/datamodel.h"

struct model;

// One side of a difference: the files of a schema. Borrowed. count 0: nothing, no schema at all.
struct schema_texts {
    const struct source *sources;
    size_t count;
};

struct schema_diff_options {
    bool with_warnings; // the header of a created migration that tells what may be lost
};

// The checked datamodel of a schema that is not empty, owned by the caller. ERR_INVALID: it has
// mistakes, which are in the diagnostics.
int schema_load(struct schema_texts texts, struct datamodel **out, struct diag_list *diagnostics,
                struct err *err) MUST_CHECK;

// Appends the script from one model to the other, of the same dialect; what is_empty_or_null says
// is told below.
void model_diff_script(const struct model *from, const struct model *to,
                       struct schema_diff_options options, struct strbuf *out,
                       bool *is_empty_or_null);

// Appends the script that turns a database of schema `from` into one of schema `to`; one that says
// it is empty where nothing differs. *is_empty_or_null tells. Both sides have the same provider.
//
// ERR_INVALID: a schema has mistakes, which are in the diagnostics, or the providers differ.
int schema_diff_script(struct schema_texts from, struct schema_texts to,
                       struct schema_diff_options options, struct strbuf *out,
                       bool *is_empty_or_null, struct diag_list *diagnostics,
                       struct err *err) MUST_CHECK;
