#pragma once
// The schema language: source texts in, diagnostics and a resolved datamodel out.
//
//     struct schema *schema = schema_parse(sources, count, &diagnostics);
//     struct datamodel *datamodel = schema_resolve(schema, NULL, &diagnostics);
//     if (!datamodel) … diagnostics.error_count > 0 …
//
// Mistakes of all files are reported in one run, in the order of files and lines. Linear in the
// size of the sources.

#include "base/diag.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "migrator/schema/ast.h"
#include "migrator/schema/datamodel.h"

struct schema; // the syntax tree of all files and its arena

// The sources are borrowed and outlive the schema. Never NULL: mistaken lines are reported and left
// out. A byte-order mark is skipped; invalid UTF-8 is reported where it begins.
struct schema *schema_parse(const struct source *sources, size_t count,
                            struct diag_list *diagnostics);
void schema_free(struct schema *schema); // NULL is fine
const struct ast *schema_ast(const struct schema *schema);

// Resolves names and checks every rule of the datasource's provider. Returns a datamodel owned by
// the caller, which borrows from the sources only (the schema may be freed first), or NULL where
// the diagnostics hold an error. A schema without a datasource is checked for `provider_or_null`
// (NULL: PostgreSQL); one with a datasource of another provider than asked for is an error.
struct datamodel *schema_resolve(const struct schema *schema, const char *provider_or_null,
                                 struct diag_list *diagnostics);

// Adds what relations lack: the field on the other side, the foreign key's fields, @relation with
// its arguments. Appends the text of each source to outs[i], changed or not; a schema with mistakes
// of another kind is not changed. Run it before the formatter.
void schema_complete(const struct source *sources, size_t count, struct strbuf *outs);

// The layout that the community's formatter gives: columns aligned, comments kept, block attributes
// ordered. Appends. Formatting twice changes nothing (a comment of several lines within one that is
// not understood apart). Lines that are not understood stay as they are.
void schema_format(const struct source *source, struct strbuf *out);

// Words that client code in JavaScript or TypeScript cannot use for a class: no model, enum or view
// has such a name.
bool schema_word_is_reserved(const char *word, size_t length);
