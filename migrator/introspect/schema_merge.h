#pragma once
// What changed in a database, carried into a schema as its user wrote it.
//
// A merge of three: the schema's text, the text that its own model would be written as, and the
// text of the live database (schema_text_write wrote both). Where the latter two agree the user's
// line stays as it is, with its comments, its place and its file; the same with what neither of
// them knows. A line on which they differ is replaced, one that only the database has comes behind
// the one before it there, and one that the database has no more goes.

#include "base/strbuf.h"
#include "migrator/schema/schema.h"

// How much of the user's text to trust.
enum merge_depth {
    MERGE_LINES,          // line by line
    MERGE_CHANGED_BLOCKS, // a model or enum on which the two differ is taken from the database
    MERGE_ALL_BLOCKS,     // each is
};

struct merge {
    const struct source *sources; // of the schema; borrowed, as all of these
    size_t source_count;
    const struct schema *schema;
    const char *base, *live; // texts of models and enums
    bool keeps_enums;        // the engine has no enums that could tell
};

// Appends the new text of each source to outs[i], not laid out, and models and enums that are in no
// file to `added`.
void schema_merge(const struct merge *merge, enum merge_depth depth, struct strbuf *outs,
                  struct strbuf *added);
