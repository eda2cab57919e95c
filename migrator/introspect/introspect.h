#pragma once
// What a live database holds, as a model: the other road to struct model than a schema's text.
//
// One query for each kind of catalogue entry, however many tables there are. What the schema
// language has no word for is left out, as the community's tools leave it out: views, partitions
// of a table, expression indexes, exclusion constraints, checks, triggers, comments; and the
// ledgers of migrations and seeds, which are nobody's schema. Tables, enums and, within a table,
// foreign keys come in byte order of their names; indexes too on Postgres, latest first on SQLite.

#include "base/err.h"
#include "migrator/driver/driver.h"
#include "migrator/model/model.h"

struct introspect_scope {
    // Postgres: the schemas to read; objects are then named with theirs. None: the connection's
    // own, and names are plain.
    const char *const *schemas;
    size_t schema_count;
    bool extensions;      // Postgres: with them; else they are left out
    bool partial_indexes; // the same
};

// What of a database a schema could speak of. Borrows from the datamodel.
struct introspect_scope introspect_scope_of(const struct datamodel *datamodel);

// Reads only. *out is owned by the caller.
int introspect(struct driver *driver, const struct introspect_scope *scope, struct model **out,
               struct err *err) MUST_CHECK;
