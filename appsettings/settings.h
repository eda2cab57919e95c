#pragma once
// appsettings.json as typed settings. Every value knows where it came from.
//
// Layers, the later wins: appsettings.json, appsettings.<Environment>.json, .env, the process's
// environment (A__B__C names, the .NET convention). Mistakes are diagnostics, all of them in one
// run; defaults are filled in. Everything lives in the arena of the struct. Diagnostics quote the
// files with secrets blotted out, and their messages never hold one.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/strbuf.h"

struct settings_node; // a JSON value with its origin (appsettings/tree.h)

struct setting_pair {
    const char *name, *value;
};
struct setting_pairs {
    const struct setting_pair *items;
    size_t count;
};
struct setting_strings {
    const char *const *items;
    size_t count;
};

// Canonical spellings of the enumerated strings: Engine "Postgres" "Mysql" "Mssql" "Sqlite"
// (databases), "Redis" "Garnet" "DenoKv" (caches); Mode "Container" "External" "Local" "Executable"
// "Auto".
struct database_settings {
    const char *key;
    const struct settings_node *node;
    bool enabled;
    const char *engine, *mode;
    const char *image, *image_tag; // NULL: the engine's default
    const char *database_name;     // always set; safe as an identifier and as a file's name
    const char *data_path;         // as written; NULL: a named volume
    int port;                      // 0: sticky
    bool persistent, auto_migrate;
    const char *auto_seed; // "Off" "Once" "Always"
    const char *seed_mode;
    const char *schema_path, *migrations_path, *seed_path; // as written; NULL: the standard layout
    // External: ConnectionStrings.<key>, else of <database_name>; NULL: none given, or not External
    const char *connection_string;
    const char *description;
    struct setting_pairs env;
    struct setting_strings args;
    int memory_limit_mb; // 0: none
};

struct cache_settings {
    const char *key;
    const struct settings_node *node;
    bool enabled;
    const char *engine, *mode;
    const char *image, *image_tag, *data_path;
    int port;
    bool persistent;
    const char *connection_string, *description;
    struct setting_pairs env;
    struct setting_strings args;
    int memory_limit_mb;
};

enum process_kind {
    PROCESS_SERVICE,
    PROCESS_PLUGIN,
    PROCESS_BACKGROUND,
    PROCESS_APP,
    PROCESS_TOOL
};

// One of Services, Plugins, BackgroundProcessors, Apps, Tools. Fields that a kind lacks are
// NULL/0/false. Permissions and WatchMode that are not given are those of Defaults.Deno already.
// References may name what is disabled or of another kind than meant (which was warned about).
struct process_settings {
    const char *key;
    const struct settings_node *node;
    enum process_kind kind;
    bool enabled;
    const char *description, *runtime, *entrypoint, *workdir; // workdir relative to the root
    const char *health_check_path;                            // NULL: no HTTP health check
    int host_port;                                            // 0: sticky
    bool requires_db, requires_kv;
    const char *saga_store; // "kv", "prisma" or NULL
    int concurrency;        // 0: not given
    const char *concurrency_env_var;
    bool telemetry, watch_mode;
    struct setting_strings watch_dirs, permissions, service_references, plugin_references;
    struct setting_strings command, wait_for;
    struct setting_pairs environment;
    const char *restart; // "No" "OnFailure" "Always"
    const char *app_type, *task_name, *prebuild, *database;
};

struct settings {
    const char *root; // absolute directory of appsettings.json
    const char *file; // path of appsettings.json; NULL when there is none (--no-aspire)
    // NETSCRIPT_ENVIRONMENT, DOTNET_ENVIRONMENT, ASPNETCORE_ENVIRONMENT, the first that is set;
    // else "Development"
    const char *environment;
    const char *name, *version;
    // the named, else the first that is enabled (a warning, if there are more); NULL: none
    const char *primary_database, *primary_cache;
    const char *otel_endpoint, *otel_protocol;
    struct setting_strings deno_permissions;
    bool deno_watch_mode;
    struct setting_pairs parameters, connection_strings;
    struct setting_pairs dotenv; // what .env says in its order, without the A__B__C settings
    struct database_settings *databases;
    size_t database_count;
    struct cache_settings *caches;
    size_t cache_count;
    struct process_settings *processes; // all kinds, in the order of the file
    size_t process_count;

    const struct settings_node *tree; // the merged layers, for `config` and for spans
    struct arena *arena;
};

struct settings_options {
    const char *project_root; // --project-root; NULL: the current directory and its parents
    char *const *environ;     // the process's environment
    bool file_optional;       // --no-aspire: a missing appsettings.json is an empty one
};

// Loads, merges and checks. Mistakes in the files go to `diags` (the texts they point into live in
// the settings, so render them before settings_free). Returns -1 with err when nothing could be
// read at all (ERR_INVALID: no file found), and 0 otherwise: look at diags->error_count. *out is
// owned by the caller.
int settings_load(const struct settings_options *options, struct settings **out,
                  struct diag_list *diags, struct err *err) MUST_CHECK;
void settings_free(struct settings *settings);

const struct database_settings *settings_database(const struct settings *settings, const char *key);
const struct cache_settings *settings_cache(const struct settings *settings, const char *key);
const struct process_settings *settings_process(const struct settings *settings, const char *key);

// The span of a member of a record ("Port" of node), or of the record's name when the member is
// absent or came from a variable; no place at all for NULL. For diagnostics of later stages.
struct span settings_span(const struct settings_node *node, const char *member);

// `berth config`: every effective value with its origin, defaults included; secrets (Parameters and
// ConnectionStrings values, passwords in URLs) masked. As text lines, or one JSON document.
void settings_describe(const struct settings *settings, bool json, struct strbuf *out);
// `berth config schema`: JSON Schema (2020-12) of the file, from the same tables that read it.
void settings_schema(struct strbuf *out);
