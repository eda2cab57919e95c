#pragma once
// The three things that development compares with the schema: the migrations on disk, what they
// make of an empty database, and what the database at hand holds.
//
//     expected    what the applied migrations make      -> actual: the drift, made by other hands
//     base        what all migrations make              -> the schema: the next migration
//
// Both are seen in a scratch database (migrator/develop/scratch.h), but for a database that is
// known to be what the history makes (migrator/develop/memory.h). Where the role may not make one,
// the live database stands for the history: then there is no drift to be seen.

#include "migrator/develop/data_loss.h"
#include "migrator/develop/scratch.h"
#include "migrator/diff/steps.h"
#include "migrator/introspect/introspect.h"
#include "migrator/schema/datamodel.h"

struct develop {
    const struct migrator_target *target;
    const struct migrator_callbacks *callbacks;
    struct introspect_scope scope;
    enum dm_provider provider;
    struct history history;
    struct migrator_status status;
    struct model *expected; // NULL: the history was not replayed
    struct model *all;      // NULL: nothing is pending, or the history was not replayed
    struct model *actual;   // NULL: there is no such database yet
    struct model *nothing;
    struct err unreplayed; // why, where it was not and had to be; else its message is empty
    const char *memory;    // file; NULL: none
};

// Reads all of it; makes nothing but the scratch database. The datamodel is borrowed: its schemas
// and features say what of a database counts. `memory` is the file of what was seen before,
// borrowed; NULL: none. ERR_FAILED with a hint: a migration failed (P3009), one has no script
// (P3015), one that is pending can't be replayed (P3006).
int develop_open(const struct migrator_target *target, const struct datamodel *datamodel,
                 const struct migrator_callbacks *callbacks, const char *memory,
                 struct develop *out, struct err *err) MUST_CHECK;
void develop_release(struct develop *develop);

// Are expected and actual known, and may they be compared? Not where the database keeps no ledger
// although there is a history: whether it is that history's is for the user to say.
bool develop_sees_drift(const struct develop *develop);
// From what the migrations make to what the database holds, and back. Release the steps.
void develop_drift(const struct develop *develop, struct steps *out);
void develop_undrift(const struct develop *develop, struct steps *out);

// What the next migration starts from; NULL: pending migrations have to be applied first, as the
// live database stands for the history. Borrowed.
const struct model *develop_base(const struct develop *develop);

// The name of an applied migration that comes behind this one on disk, which is pending; NULL: it
// comes last, as it should. Borrowed.
const char *develop_later_applied(const struct develop *develop,
                                  const struct migration_status *migration);

// Writes the steps as a new migration with the header of its warnings. *name_out is the
// directory's, owned by the caller.
int develop_write(const struct develop *develop, const struct steps *steps, const char *title,
                  char **name_out, struct err *err) MUST_CHECK;
// Runs the steps on the live database, without a migration.
int develop_run(const struct develop *develop, const struct steps *steps,
                struct err *err) MUST_CHECK;
// What the steps would lose or fail on, by the live database's data. Without a database: nothing.
int develop_check_data(const struct develop *develop, const struct steps *steps,
                       struct data_loss *out, struct err *err) MUST_CHECK;

// Remembers that the database is what its history on disk makes now. Its drift was looked for, and
// there is none.
int develop_remember(const struct develop *develop, const struct model *actual,
                     struct err *err) MUST_CHECK;

// After it was applied: its directory is there, it is applied, nothing failed. *remaining gets the
// steps that still lead from the live database to the schema: none, if all is well. The model that
// they point into is owned by the caller.
int develop_verify(const struct develop *develop, const char *name, const struct model *wanted,
                   struct model **actual_out, struct steps *remaining, struct err *err) MUST_CHECK;
