#pragma once
// The engines berth can provision: constants as tables, and from what is asked to a container spec.
// Rules: the workspace contract, section 2.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "provisioners/container_spec.h"

enum engine_id {
    ENGINE_POSTGRES,
    ENGINE_MYSQL,
    ENGINE_MSSQL,
    ENGINE_SQLITE,
    ENGINE_REDIS,
    ENGINE_GARNET,
    ENGINE_DENO_KV
};

struct engine {
    enum engine_id id;
    const char *name;        // as in appsettings.json: "Postgres"
    const char *image, *tag; // defaults; NULL: no container (SQLite)
    int port;                // inside the container
    const char *user;        // the administrator; NULL: none
    bool is_cache;
    bool is_supported; // false: known, not yet provisioned by this version
};

// By name, any letter case; NULL when unknown.
const struct engine *engine_find(const char *name);
// Every engine, in the order of the enum.
const struct engine *engine_table(size_t *count);

// What is asked of an engine's container. Strings are borrowed.
struct provision {
    const struct engine *engine;
    const char *image, *tag; // NULL: the defaults
    const char *data_source; // volume name, or absolute host path (bind mount)
    bool data_is_bind;
    const char
        *password_file; // absolute host path of a 0600 file, mounted read-only; NULL: no password
    int host_port;      // published on 127.0.0.1; > 0
    const char *const *env; // extra "NAME=value", count below
    size_t env_count;
    const char *const *args;
    size_t arg_count;
    int memory_limit_mb;
};

// The spec is allocated in the arena. Fails when the engine has no container or is not supported.
int engine_container_spec(const struct provision *provision, struct arena *arena,
                          struct container_spec *out, struct err *err) MUST_CHECK;
