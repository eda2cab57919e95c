#pragma once
// The files of a schema, made what a live database is: `db pull`.

#include "base/err.h"
#include "base/strbuf.h"
#include "migrator/model/model.h"
#include "migrator/schema/schema.h"

// All borrowed.
struct schema_update {
    const struct source *sources;
    size_t source_count;
    const struct schema *schema;   // of the sources
    const struct datamodel *known; // of the schema
    const struct model *live;
};

// Appends to outs[i] what becomes of each source: the same text where the database says nothing
// else, or one that is laid out; and to `added` what is in none of them yet (NULL: that goes to the
// first source). As much of what the user wrote stays as the outcome allows: comments,
// documentation, order, names, and all that a database does not know.
//
// What is appended validates and does not differ from the database, but for what the language
// cannot say (schema_text.h). ERR_FAILED: there is no such text.
int schema_update(const struct schema_update *update, struct strbuf *outs, struct strbuf *added,
                  struct err *err) MUST_CHECK;

// A schema for a database that has none yet, laid out.
void schema_begin(const struct model *live, struct strbuf *out);
