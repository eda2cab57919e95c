#pragma once
// Migrations and seeds on one database: what `start`, and `berth db deploy|status|seed|reset` do.
//
// Blocking: run it in a worker process or in a command, never on the event loop. Progress and
// results come through callbacks, in order. The rules are those of the format contract
// (directories, ledger, checksums, locks); a failed statement is reported with file:line:col.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"

// What to work on. Strings are borrowed.
struct migrator_target {
    // postgresql://… (a "schema" parameter is honoured), mysql://… or file:/abs/path
    const char *url;
    const char *provider; // "postgresql", "mysql" or "sqlite"; checked against migration_lock.toml
    const char *migrations_path; // absolute; need not exist: then there is nothing to apply
    const char *root;            // paths in messages are shown relative to it
    int64_t lock_timeout_ms;     // how long to wait for another migrator; 0: 10 s
};

// What a URL's scheme stands for; NULL: nothing that is known here.
const char *migrator_provider_of(const char *url);

struct migrator_progress {
    const char *migration; // name of the directory, or of the seed file
    size_t index, total;   // from 1
    bool finished;         // false: begins
    int64_t duration_ms;
    int64_t rows; // seeds: rows written so far
};
// The checkout that migrations come from, as a version control names it. NULL: not known, or none
// (a branch, where a commit is checked out without one).
struct migrator_origin {
    char *branch, *commit;
    char *worktree; // the name of its directory, without the way there
};
void migrator_origin_release(struct migrator_origin *origin);

// All of them may be NULL.
struct migrator_callbacks {
    void *context;
    void (*progress)(void *context, const struct migrator_progress *progress);
    // A notice or a line of output of a seed script.
    void (*line)(void *context, const char *text);
    // The source line of what failed with a caret below it (two lines): to be shown between the
    // message and the hint of the error that follows.
    void (*excerpt)(void *context, const char *text);
    // Asked once, before the first migration of a run is applied; what it fills in is recorded in
    // the database and released.
    void (*origin)(void *context, struct migrator_origin *out);
};

enum migration_state {
    MIGRATION_APPLIED,
    MIGRATION_PENDING,
    MIGRATION_FAILED,
    MIGRATION_ROLLED_BACK
};
struct migration_status {
    char *name;
    enum migration_state state;
    bool edited;                   // applied, and the file's checksum differs
    bool missing;                  // in the ledger, not on disk
    bool no_script;                // on disk, without its migration.sql
    int64_t finished_at_ms;        // wall; 0: not finished
    char *logs;                    // the error of a failed one; NULL: none
    struct migrator_origin origin; // of a missing one, as far as it was recorded
};
struct migrator_status {
    VEC_OF(struct migration_status) migrations; // in order of application
    // pending counts the rolled back ones too: the next deploy applies both
    size_t applied, pending, failed, edited, missing;
    // Postgres: left behind by CREATE INDEX CONCURRENTLY, or still in the making; for DROP INDEX
    VEC_OF(char *) invalid_indexes;
    bool has_ledger;
    bool database_missing; // the server has no such database, or there is no such file
};
void migrator_status_release(struct migrator_status *status);

// Reads only; makes nothing, not even the ledger, the database or the SQLite file.
int migrator_status_read(const struct migrator_target *target, struct migrator_status *out,
                         struct err *err) MUST_CHECK;

struct migrator_deploy_result {
    size_t applied; // by this call
};
// Applies what is pending. ERR_FAILED with a hint: a failed migration is in the ledger (P3009), the
// schema is not empty and has no ledger (P3005), a directory has no migration.sql (P3015), a
// statement failed.
int migrator_deploy(const struct migrator_target *target,
                    const struct migrator_callbacks *callbacks, struct migrator_deploy_result *out,
                    struct err *err) MUST_CHECK;

enum migrator_resolution { MIGRATOR_APPLIED, MIGRATOR_ROLLED_BACK };
// `db resolve`: records a migration as applied without running it, or a failed one as rolled back.
// ERR_FAILED: no such migration (P3017, P3011), nothing to resolve (P3008, P3012).
int migrator_resolve(const struct migrator_target *target, const char *name,
                     enum migrator_resolution resolution, struct err *err) MUST_CHECK;

struct migrator_resumption {
    const char *name;
    size_t from; // the statement to begin at, from 1
};
// `db resolve --resume`: runs the rest of a failed migration, whose first statements took effect.
// ERR_FAILED as migrator_deploy, and when it has not failed; ERR_USAGE: there is no such statement.
int migrator_resume(const struct migrator_target *target,
                    const struct migrator_callbacks *callbacks,
                    const struct migrator_resumption *resumption, struct err *err) MUST_CHECK;

struct migrator_seed {
    const char *seeds_path; // absolute directory with <mode>/*.sql|*.csv; NULL: none
    const char
        *script_path; // absolute; seed.ts or the like, used where the directory has no <mode>; NULL
    const char *mode;
    bool once;                // do nothing where the database's own record says this mode was sown
    char *const *environment; // of the script; of a name that occurs twice the last one counts
    const char *workdir;      // of the script
};
struct migrator_seed_result {
    size_t files;
    int64_t rows;
    bool skipped; // once, and already done; or there is nothing for this mode
};
int migrator_seed(const struct migrator_target *target, const struct migrator_seed *seed,
                  const struct migrator_callbacks *callbacks, struct migrator_seed_result *out,
                  struct err *err) MUST_CHECK;

// Drops everything in the database's schema (Postgres) or the file (SQLite), the ledger too.
int migrator_drop_all(const struct migrator_target *target, struct err *err) MUST_CHECK;
