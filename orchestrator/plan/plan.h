#pragma once
// The plan: what a run is made of, as a graph of resources with all that can be known before
// anything is started: names, ports, passwords, container specs, command lines, environments, and
// who waits for whom.
//
// Planning touches .berth/ (ports, secrets) and nothing else. Mistakes that only the whole shows (a
// cycle, an external database without an address) are diagnostics at the place that caused them.

#include <stdbool.h>
#include <stddef.h>

#include "appsettings/settings.h"
#include "base/redact.h"
#include "orchestrator/run/machine.h"
#include "orchestrator/state/store.h"
#include "orchestrator/state/workspace.h"
#include "provisioners/connection.h"
#include "provisioners/container_spec.h"

#define RESOURCE_KINDS(X)                \
    X(RESOURCE_DATABASE, "database")     \
    X(RESOURCE_CACHE, "cache")           \
    X(RESOURCE_MIGRATIONS, "migrations") \
    X(RESOURCE_SEED, "seed")             \
    X(RESOURCE_SERVICE, "service")       \
    X(RESOURCE_PLUGIN, "plugin")         \
    X(RESOURCE_PROCESSOR, "processor")   \
    X(RESOURCE_APP, "app")               \
    X(RESOURCE_TOOL, "tool")

enum resource_kind {
#define X(name, text) name,
    RESOURCE_KINDS(X)
#undef X
};
const char *resource_kind_name(enum resource_kind kind);

// What stands behind a resource, and so which driver of the supervisor runs it.
enum resource_backing {
    BACKING_CONTAINER,
    BACKING_FILE,
    BACKING_EXTERNAL,
    BACKING_JOB,
    BACKING_PROCESS
};

struct plan_resource {
    const char *name;
    enum resource_kind kind;
    enum resource_backing backing;
    bool on_demand;              // a tool: started only when named
    VEC_OF(size_t) dependencies; // indexes into the plan

    // databases and caches
    const struct database_settings *database; // NULL for other kinds
    const struct cache_settings *cache;
    struct connection connection;
    struct connection
        direct; // of a database: what migrations and seeds go through, past any pooler
    struct provision provision; // BACKING_CONTAINER: what its spec was made of
    struct container_spec spec;
    const char *container_name, *volume_name; // volume_name NULL: a bind mount
    bool persistent;

    // migrations and seeds
    size_t target;                                          // index of their database
    const char *schema_path;                                // of a database: a file or a directory
    const char *migrations_path, *seeds_path, *seed_script; // absolute; NULL: none
    const char *seed_mode;
    bool seed_once;

    // processes
    const struct process_settings *process;
    const char *const *argv;     // NULL-terminated
    const char *const *prebuild; // run to its end before it; NULL: nothing
    const char *workdir;         // absolute
    const char *const
        *watch_dirs;        // absolute, NULL-terminated: a change there restarts it; NULL: none
    const char *host;       // where the others reach it
    int port;               // 0: none
    const char *health_url; // NULL: alive is healthy
    enum restart_policy restart;
    variable_list environment; // what berth adds to its own environment
};

struct plan {
    struct arena *arena;
    const struct settings *settings;
    const struct workspace *workspace;
    VEC_OF(struct plan_resource) resources;
    struct redactor *redactor; // every secret of the plan
    const char
        *primary_database; // of the settings, or the one that only a variable named; NULL: none
    bool uses_docker;
};

struct plan_options {
    bool no_aspire, no_migrate, no_seed;
    char *const *environ;      // the process's environment
    const char *only_database; // plan this one and nothing else; NULL: everything
    const char *
        database_url; // with only_database: where it is, whatever the settings say; NULL: see there
};

// store: NULL where no port has to be remembered (no container, no process).
// *out is owned by the caller, and borrows settings and workspace. Returns 0 with
// diags->error_count > 0 when the plan must not be run.
int plan_build(const struct settings *settings, const struct workspace *workspace,
               struct store *store, const struct plan_options *options, struct plan **out,
               struct diag_list *diags, struct err *err) MUST_CHECK;
void plan_free(struct plan *plan); // NULL is fine

// NULL: no resource of that name.
struct plan_resource *plan_find(const struct plan *plan, const char *name);
size_t plan_index(const struct plan *plan, const struct plan_resource *resource);
// Marks in `wanted` (one flag a resource) the named resources and all they depend on; without
// names, all but the on-demand ones. ERR_USAGE with a suggestion for an unknown name.
int plan_select(const struct plan *plan, const char *const *names, size_t count, bool *wanted,
                struct err *err) MUST_CHECK;
// Appends "a -> b -> a" and returns true when there is a cycle.
bool plan_find_cycle(const struct plan *plan, struct strbuf *out);
