#pragma once
// The engines berth can provision: constants as tables, and from what is asked to a container spec.
// Rules: the workspace contract, section 2.

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
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
// Never NULL.
const struct engine *engine_of(enum engine_id id);
// Every engine, in the order of the enum.
const struct engine *engine_table(size_t *count);

// What the host file that `password_file` names has to hold, and its mode. Postgres, MySQL, MariaDB
// and SQL Server have the bare password read as root of the container, before the server becomes
// its user: 0600 will do. Redis reads a configuration file as the server's user, so it must be
// 0644. In all cases the file is in a 0700 directory, which keeps the host's other users out; the
// engine's bind mount of the single file passes that directory by.
void engine_password_file(const struct engine *engine, const char *password, struct strbuf *content,
                          mode_t *mode);

// What is asked of an engine's container. Strings are borrowed.
struct provision {
    const struct engine *engine;
    const char *image, *tag; // NULL: the defaults. An image that has a tag or digest keeps it
    const char *data_source; // volume name, or absolute host path (bind mount); NULL: none
    bool data_is_bind;
    const char *password_file; // absolute host path, mounted read-only; NULL: no password
    // The engine is on another machine: it mounts no file of this one, and 127.0.0.1 is not here.
    bool is_remote;
    int host_port;          // published on 127.0.0.1; > 0
    const char *const *env; // extra "NAME=value", count below; a later one of a name wins
    size_t env_count;
    const char *const *args;
    size_t arg_count;
    int memory_limit_mb;
};

// The spec is allocated in the arena. Fails (ERR_INVALID) when the engine has no container or is
// not supported, and when `env` sets what berth itself decides: user, password, port and place of
// the data.
int engine_container_spec(const struct provision *provision, struct arena *arena,
                          struct container_spec *out, struct err *err) MUST_CHECK;

// "postgres:15" from a provision's image and tag, as the spec has it; in the arena. NULL when the
// engine has no container.
const char *engine_image(const struct provision *provision, struct arena *arena);

// Where the tag of an image's reference starts; NULL: it has none.
const char *engine_image_tag(const char *image);
