// From what is asked to a container spec, engine by engine.
//
// Conventions of the images: the entrypoints of docker-library's postgres, mysql and redis, and of
// MariaDB/mariadb-docker.
#include <ctype.h>
#include <string.h>

#include "provisioners/engine_version.h"
#include "provisioners/spec_draft.h"

// The entrypoint knows a configuration by the ending.
#define REDIS_PASSWORD_TARGET "/run/secrets/berth-redis.conf"

void engine_password_file(const struct engine *engine, const char *password, struct strbuf *content,
                          mode_t *mode)
{
    if (engine->id != ENGINE_REDIS) {
        strbuf_adds(content, password);
        *mode = 0600;
        return;
    }
    strbuf_adds(content, "requirepass \"");
    for (const char *c = password; *c; c++) {
        if (isalnum((unsigned char)*c))
            strbuf_addch(content, *c);
        else
            strbuf_addf(content, "\\x%02x", (unsigned char)*c);
    }
    strbuf_adds(content, "\"\n");
    *mode = 0644;
}

// From 18 on the images keep each major in a directory of its own below the mount, so that an
// upgrade can link instead of copy; a tag that names no version is a recent one.
static const char *postgres_data_target(const char *image)
{
    const int major = engine_image_version(engine_of(ENGINE_POSTGRES), image).major;
    return major > 0 && major < 18 ? "/var/lib/postgresql/data" : "/var/lib/postgresql";
}

static int draft_postgres(struct spec_draft *draft, struct err *err)
{
    static const char *const reserved[] = {"POSTGRES_USER",
                                           "POSTGRES_USER_FILE",
                                           "POSTGRES_PASSWORD",
                                           "POSTGRES_PASSWORD_FILE",
                                           "PGDATA",
                                           "PGPORT",
                                           NULL};
    // Over TCP: the temporary server of a first start listens on its socket only.
    static const char *const health[] = {"CMD",       "pg_isready", "-q",       "-h",
                                         "127.0.0.1", "-U",         "postgres", NULL};
    const struct provision *provision = draft->provision;
    spec_draft_add_env(draft, "POSTGRES_USER=postgres");
    if (provision->password_file) {
        spec_draft_add_env(draft, "POSTGRES_PASSWORD_FILE=" SPEC_PASSWORD_TARGET);
        spec_draft_add_env(draft, "POSTGRES_HOST_AUTH_METHOD=scram-sha-256");
        spec_draft_add_env(draft, "POSTGRES_INITDB_ARGS=--auth-host=scram-sha-256"
                                  " --auth-local=scram-sha-256");
        spec_draft_add_mount(draft, true, provision->password_file, SPEC_PASSWORD_TARGET, true);
    } else {
        spec_draft_add_env(draft, "POSTGRES_HOST_AUTH_METHOD=trust");
    }
    if (provision->data_source)
        spec_draft_add_mount(draft, provision->data_is_bind, provision->data_source,
                             postgres_data_target(draft->spec.image), false);
    draft->spec.health =
        (struct container_health){health, SPEC_HEALTH_INTERVAL_S, SPEC_HEALTH_RETRIES};
    // A fast shutdown still writes a checkpoint.
    draft->spec.stop_timeout_s = 30;
    for (size_t i = 0; i < provision->arg_count; i++)
        spec_draft_add_arg(draft, provision->args[i]);
    return spec_draft_add_user_env(draft, reserved, err);
}

// MariaDB's image takes MySQL's names as well as its own.
static int draft_mysql(struct spec_draft *draft, struct err *err)
{
    static const char *const reserved[] = {"MYSQL_ROOT_PASSWORD",
                                           "MYSQL_ROOT_PASSWORD_FILE",
                                           "MYSQL_ROOT_HOST",
                                           "MYSQL_ROOT_HOST_FILE",
                                           "MYSQL_ALLOW_EMPTY_PASSWORD",
                                           "MYSQL_RANDOM_ROOT_PASSWORD",
                                           "MYSQL_ONETIME_PASSWORD",
                                           "MYSQL_TCP_PORT",
                                           "MARIADB_ROOT_PASSWORD",
                                           "MARIADB_ROOT_PASSWORD_FILE",
                                           "MARIADB_ROOT_PASSWORD_HASH",
                                           "MARIADB_ROOT_PASSWORD_HASH_FILE",
                                           "MARIADB_ROOT_HOST",
                                           "MARIADB_ROOT_HOST_FILE",
                                           "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
                                           "MARIADB_RANDOM_ROOT_PASSWORD",
                                           NULL};
    // Over TCP: the temporary server of a first start has no port. A server that refuses the login
    // is up, too. Each of the images has one of the two programs.
    static const char *const health[] = {
        "CMD-SHELL",
        "mysqladmin ping -h 127.0.0.1 --silent || mariadb-admin ping -h 127.0.0.1 --silent", NULL};
    const struct provision *provision = draft->provision;
    if (provision->password_file) {
        spec_draft_add_env(draft, "MYSQL_ROOT_PASSWORD_FILE=" SPEC_PASSWORD_TARGET);
        spec_draft_add_mount(draft, true, provision->password_file, SPEC_PASSWORD_TARGET, true);
    } else {
        spec_draft_add_env(draft, "MYSQL_ALLOW_EMPTY_PASSWORD=1");
    }
    // From outside of the container, through its port.
    spec_draft_add_env(draft, "MYSQL_ROOT_HOST=%");
    if (provision->data_source)
        spec_draft_add_mount(draft, provision->data_is_bind, provision->data_source,
                             "/var/lib/mysql", false);
    draft->spec.health =
        (struct container_health){health, SPEC_HEALTH_INTERVAL_S, SPEC_HEALTH_RETRIES};
    // What is only in memory is written to the data's files.
    draft->spec.stop_timeout_s = 30;
    for (size_t i = 0; i < provision->arg_count; i++)
        spec_draft_add_arg(draft, provision->args[i]);
    return spec_draft_add_user_env(draft, reserved, err);
}

static int draft_redis(struct spec_draft *draft, struct err *err)
{
    static const char *const reserved[] = {NULL};
    // A server that asks for a password is up, too.
    static const char *const health[] = {"CMD-SHELL", "redis-cli ping | grep -q -e PONG -e NOAUTH",
                                         NULL};
    const struct provision *provision = draft->provision;
    size_t first = 0;
    if (provision->password_file) {
        // The server takes one file, and takes it first.
        if (provision->arg_count && !strcmp(provision->args[0], "redis-server"))
            first = 1;
        if (provision->arg_count > first && provision->args[first][0] != '-')
            return err_set(err, ERR_INVALID,
                           "Redis: with a password, Args must be options (--name value)");
        spec_draft_add_arg(draft, REDIS_PASSWORD_TARGET);
        spec_draft_add_mount(draft, true, provision->password_file, REDIS_PASSWORD_TARGET, true);
    }
    for (size_t i = first; i < provision->arg_count; i++)
        spec_draft_add_arg(draft, provision->args[i]);
    if (provision->data_source)
        spec_draft_add_mount(draft, provision->data_is_bind, provision->data_source, "/data",
                             false);
    draft->spec.health =
        (struct container_health){health, SPEC_HEALTH_INTERVAL_S, SPEC_HEALTH_RETRIES};
    draft->spec.stop_timeout_s = 10;
    return spec_draft_add_user_env(draft, reserved, err);
}

static int draft_engine(struct spec_draft *draft, struct err *err)
{
    switch (draft->provision->engine->id) {
    case ENGINE_POSTGRES: return draft_postgres(draft, err);
    case ENGINE_MYSQL: return draft_mysql(draft, err);
    case ENGINE_MSSQL: return spec_draft_mssql(draft, err);
    default: return draft_redis(draft, err);
    }
}

static const char *const *strings_copy(struct arena *arena, const char *const *items, size_t count)
{
    const char **copy = ARENA_ARRAY(arena, const char *, count + 1);
    if (count)
        memcpy(copy, items, count * sizeof *items);
    return copy;
}

int engine_container_spec(const struct provision *provision, struct arena *arena,
                          struct container_spec *out, struct err *err)
{
    const struct engine *engine = provision->engine;
    if (!engine->image)
        return err_set(err, ERR_INVALID, "%s has no container", engine->name);
    if (!engine->is_supported) {
        err_set(err, ERR_INVALID, "%s is not yet provisioned by this version", engine->name);
        return err_hint(err, "set \"Mode\": \"External\" and give its connection string");
    }
    __attribute__((cleanup(spec_draft_release))) struct spec_draft draft = {
        .provision = provision,
        .arena = arena,
        .spec = {.image = engine_image(provision, arena),
                 .ports = {{engine->port, provision->host_port, provision->is_remote}},
                 .port_count = 1,
                 .memory_limit_mb = provision->memory_limit_mb}};
    if (draft_engine(&draft, err))
        return -1;
    draft.spec.env = strings_copy(arena, draft.env.items, draft.env.len);
    draft.spec.env_count = draft.env.len;
    draft.spec.args = strings_copy(arena, draft.args.items, draft.args.len);
    draft.spec.arg_count = draft.args.len;
    *out = draft.spec;
    return 0;
}
