#pragma once
// A model as the text of a schema: the way back from a database.

#include "base/strbuf.h"
#include "migrator/model/model.h"

// Appends models and enums, not yet laid out (schema_format does that). Read again, the text makes
// a model that does not differ. `known` is the schema at hand, or NULL: what that calls something
// stays, as do its documentation, @updatedAt, and defaults that the client makes.
//
// What the language cannot say is left out: references to columns that are not unique. A model
// whose rows nothing names alone is marked @@ignore.
void schema_text_write(const struct model *model, const struct datamodel *known,
                       struct strbuf *out);
