#pragma once
// What the commands that compare a database with its schema share: migrate and init, push, status.

#include <stdio.h>

#include "migrator/develop/develop.h"
#include "migrator/schema/files.h"
#include "orchestrator/cli/db.h"

struct db_develop {
    struct db_target *target;
    const struct db_options *options;
    struct migrator_callbacks callbacks; // silent about progress with --json
    struct schema_files files;
    struct datamodel *datamodel;
    struct model *wanted;
    struct develop develop;
    char *memory;   // .berth/history-<key>
    bool is_open;   // develop
    bool has_drift; // which the user lets be
    bool is_done;   // nothing is left to be said or done
};

// The schema of --schema or of the database: its files, the datamodel and the model that is wanted.
// ERR_INVALID: it has mistakes, which are printed, or is one for another provider.
int db_develop_load_schema(struct db_develop *run, struct err *err) MUST_CHECK;
void db_develop_release(struct db_develop *run); // all but `develop`

// The file that remembers what the database's history makes. Owned by the caller.
char *db_develop_memory(const struct db_target *target);
const struct workspace *db_develop_workspace(const struct db_target *target);

// A line of the user's, without its end. false: there is no terminal, or no line.
bool db_develop_ask(const struct db_develop *run, const char *question, char *out, size_t size);
// Asks for "y" on a terminal; without one --yes has to be there. -1: not granted.
int db_develop_confirm(const struct db_develop *run, const char *what, struct err *err) MUST_CHECK;
// Tells what the steps would do to the rows that are there. Where they are to be run at once, -1:
// they can't be, or the loss is not granted.
int db_develop_check_data(const struct db_develop *run, const struct steps *steps, bool at_once,
                          struct err *err) MUST_CHECK;
// The statements of the steps, each line indented.
void db_develop_print_steps(const struct steps *steps, FILE *out);
void db_develop_warn_of_rest(const struct steps *remaining); // nothing where there are none

// Runs the schema's generators, unless the options say not to; a failure is only told.
void db_develop_generate(struct db_develop *run);

// migrate: reads everything anew, after the history or the database has changed.
int db_develop_reopen(struct db_develop *run, struct err *err) MUST_CHECK;
// migrate: where the database is not what its migrations make, explains it, and does what --drift
// or the user says. -1 also where nothing was chosen.
int db_settle_drift(struct db_develop *run, struct err *err) MUST_CHECK;
