#pragma once
// What `db migrate` and `db init` share, of one run on one database.

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

// Reads everything anew, after the history or the database has changed.
int db_develop_reopen(struct db_develop *run, struct err *err) MUST_CHECK;
// Asks for "y" on a terminal; without one --yes has to be there. -1: not granted.
int db_develop_confirm(const struct db_develop *run, const char *what, struct err *err) MUST_CHECK;
// A line of the user's, without its end. false: there is no terminal, or no line.
bool db_develop_ask(const struct db_develop *run, const char *question, char *out, size_t size);

// Where the database is not what its migrations make: explains it, and does what --drift or the
// user says. -1 also where nothing was chosen.
int db_settle_drift(struct db_develop *run, struct err *err) MUST_CHECK;
