#pragma once
// The generators of a schema: programs that make something of it, a database client above all.
//
// Where the project has Prisma's own command line (node_modules/.bin/prisma at the schema or above
// it, or deno with a deno.json), that runs all of them. Else the generators that are commands are
// spoken to in the protocol of the format's community, one by one; its own clients can't be made
// without it.

#include "base/diag.h"
#include "migrator/migrator.h"
#include "migrator/schema/datamodel.h"

// Strings are borrowed.
struct generators_job {
    const char *schema_path;           // absolute: the file or the directory
    const char *root;                  // the workspace: programs are looked for below it, run in it
    const struct source *sources;      // the schema's
    const struct datamodel *datamodel; // checked
    size_t source_count;
    char *const *environment;
};

// Are there generators in it at all?
bool generators_exist(const struct generators_job *job);

// Runs all of them; what they print and what was made goes to callbacks->line. ERR_FAILED with a
// hint: what is missing, or the first one that failed; the others were run.
int generators_run(const struct generators_job *job, const struct migrator_callbacks *callbacks,
                   struct err *err) MUST_CHECK;
