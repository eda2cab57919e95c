#pragma once
// What the `berth db` commands share: which database, where it is, and how it is brought up for the
// moment when nothing of the workspace runs.

#include "migrator/migrator.h"
#include "migrator/schema/files.h"
#include "orchestrator/cli/cli.h"
#include "orchestrator/run/session.h"

struct db_options {
    const char
        *database;    // --db: a key, a database's name, "all"; NULL: the primary, else the only one
    const char *url;  // --url
    const char *mode; // of seeds; NULL: the settings'
    const char *applied, *rolled_back, *resume; // of `db resolve`: the migration's name
    bool yes;
    const char *schema;    // --schema: of validate and format; NULL: the database's
    bool check, to_stdout; // of format
    const char *from, *to; // of diff; of resolve --resume: a statement's number
    bool exit_code, warnings;
    const char *name;  // of a new migration
    const char *drift; // --drift: "adopt", "revert", "ignore"
    bool create_only, no_generate;
};

// One database, reachable while the target is open.
struct db_target {
    struct cli *cli;
    const struct settings *settings;
    struct workspace workspace; // while no session is open
    struct plan *plan;          // of this database alone
    const struct plan_resource *database;
    struct migrator_target migrator;
    bool was_named;   // by --db or --url
    bool is_external; // not berth's own: where it is was found in a variable or the settings
    char *url;
    struct session session; // where its container was brought up for this command
    bool has_session, came_up, ended, interrupted;
};

// Runs fn for the database, or for each of them, and closes it again. Returns the highest exit
// code.
typedef int db_target_fn(struct db_target *target, const struct db_options *options);
int db_for_each(struct cli *cli, const struct db_options *options, db_target_fn *fn);

int db_deploy(struct db_target *target, const struct db_options *options);
int db_status(struct db_target *target, const struct db_options *options);
int db_seed(struct db_target *target, const struct db_options *options);
int db_resolve(struct db_target *target, const struct db_options *options);
int db_reset(struct db_target *target, const struct db_options *options);
int db_init(struct db_target *target, const struct db_options *options);
int db_migrate(struct db_target *target, const struct db_options *options);
int db_push(struct db_target *target, const struct db_options *options);
int db_pull(struct db_target *target, const struct db_options *options);

// Without a database: they only read files.
int db_validate(struct cli *cli, const struct db_options *options);
int db_format(struct cli *cli, const struct db_options *options);
int db_generate(struct cli *cli, const struct db_options *options);

// Needs one only where a side of it does.
int db_diff(struct cli *cli, const struct db_options *options);

// The path of the schema of --schema or the database at hand; without settings, where Prisma looks.
// Owned by the caller.
int db_find_schema(struct cli *cli, const struct db_options *options, char **out,
                   struct err *err) MUST_CHECK;
// The schema that --schema names, of the database at hand, or where the community's tools look.
int db_read_schema(struct cli *cli, const struct db_options *options, struct schema_files *files,
                   struct err *err) MUST_CHECK;

// The database that --db names, by key or by DatabaseName; the primary or the only one without it.
// *out is NULL where the settings have none: then an address alone may make one.
int db_choose(const struct settings *settings, const char *name,
              const struct database_settings **out, struct err *err) MUST_CHECK;

// Progress of migrations and seeds as lines on stdout, JSON lines with --json; what a script says
// on stderr, without secrets.
struct migrator_callbacks db_callbacks(struct db_target *target);
// The seed of a mode, with the environment that its script is given. `environment` is owned by the
// caller.
struct migrator_seed db_seed_of(const struct db_target *target, const struct db_options *options,
                                char ***environment);
void db_environment_free(char **environment);
// berth's own environment, then the variables of the database. Owned by the caller.
char **db_environment_of(const struct db_target *target);
