// From what is asked to a container spec, engine by engine.
//
// Conventions of the images: the entrypoints of docker-library's postgres, mysql and redis, and of
// MariaDB/mariadb-docker.
#include <ctype.h>
#include <string.h>

#include "base/vec.h"
#include "provisioners/engine_version.h"

// A minute to get up. Each check is a process in the container, 50 ms of a processor, for as long
// as it runs.
enum { HEALTH_INTERVAL_S = 5, HEALTH_RETRIES = 12 };

#define PASSWORD_TARGET "/run/secrets/berth-password"
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

// A spec under construction; env and args are copied into the arena when it is finished.
struct draft {
    const struct provision *provision;
    struct arena *arena;
    struct container_spec spec;
    VEC_OF(const char *) env;
    VEC_OF(const char *) args;
};

static void draft_release(struct draft *draft)
{
    vec_release(&draft->env);
    vec_release(&draft->args);
}

static size_t name_length(const char *variable)
{
    return strcspn(variable, "=");
}

static int compare_names(const char *left, const char *right)
{
    size_t left_length = name_length(left), right_length = name_length(right);
    size_t shorter = left_length < right_length ? left_length : right_length;
    int order = memcmp(left, right, shorter);
    return order ? order : (left_length > right_length) - (left_length < right_length);
}

// Puts a variable at its sorted place; one of the same name is replaced.
static void draft_env(struct draft *draft, const char *variable)
{
    size_t at = 0;
    while (at < draft->env.len && compare_names(draft->env.items[at], variable) < 0)
        at++;
    const char *copy = arena_strdup(draft->arena, variable);
    if (at < draft->env.len && compare_names(draft->env.items[at], variable) == 0) {
        draft->env.items[at] = copy;
        return;
    }
    vec_push(&draft->env, copy);
    memmove(&draft->env.items[at + 1], &draft->env.items[at],
            (draft->env.len - 1 - at) * sizeof *draft->env.items);
    draft->env.items[at] = copy;
}

static void draft_arg(struct draft *draft, const char *arg)
{
    vec_push(&draft->args, arena_strdup(draft->arena, arg));
}

static void draft_mount(struct draft *draft, bool is_bind, const char *source, const char *target,
                        bool read_only)
{
    draft->spec.mounts[draft->spec.mount_count++] =
        (struct container_mount){.is_bind = is_bind,
                                 .source = arena_strdup(draft->arena, source),
                                 .target = arena_strdup(draft->arena, target),
                                 .read_only = read_only,
                                 .is_copied = is_bind && read_only && draft->provision->is_remote};
}

static int add_user_env(struct draft *draft, const char *const *reserved, struct err *err)
{
    const struct provision *provision = draft->provision;
    for (size_t i = 0; i < provision->env_count; i++) {
        const char *variable = provision->env[i];
        size_t length = name_length(variable);
        if (length == 0 || variable[length] == '\0')
            return err_set(err, ERR_INVALID, "%s: an entry of Env is not NAME=value",
                           provision->engine->name);
        for (const char *const *name = reserved; *name; name++) {
            if (strlen(*name) == length && !memcmp(*name, variable, length))
                return err_set(err, ERR_INVALID, "%s: Env may not set %s, berth decides it",
                               provision->engine->name, *name);
        }
        draft_env(draft, variable);
    }
    return 0;
}

// From 18 on the images keep each major in a directory of its own below the mount, so that an
// upgrade can link instead of copy; a tag that names no version is a recent one.
static const char *postgres_data_target(const char *image)
{
    const int major = engine_image_version(engine_of(ENGINE_POSTGRES), image).major;
    return major > 0 && major < 18 ? "/var/lib/postgresql/data" : "/var/lib/postgresql";
}

static int draft_postgres(struct draft *draft, struct err *err)
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
    draft_env(draft, "POSTGRES_USER=postgres");
    if (provision->password_file) {
        draft_env(draft, "POSTGRES_PASSWORD_FILE=" PASSWORD_TARGET);
        draft_env(draft, "POSTGRES_HOST_AUTH_METHOD=scram-sha-256");
        draft_env(draft, "POSTGRES_INITDB_ARGS=--auth-host=scram-sha-256"
                         " --auth-local=scram-sha-256");
        draft_mount(draft, true, provision->password_file, PASSWORD_TARGET, true);
    } else {
        draft_env(draft, "POSTGRES_HOST_AUTH_METHOD=trust");
    }
    if (provision->data_source)
        draft_mount(draft, provision->data_is_bind, provision->data_source,
                    postgres_data_target(draft->spec.image), false);
    draft->spec.health = (struct container_health){health, HEALTH_INTERVAL_S, HEALTH_RETRIES};
    // A fast shutdown still writes a checkpoint.
    draft->spec.stop_timeout_s = 30;
    for (size_t i = 0; i < provision->arg_count; i++)
        draft_arg(draft, provision->args[i]);
    return add_user_env(draft, reserved, err);
}

// MariaDB's image takes MySQL's names as well as its own.
static int draft_mysql(struct draft *draft, struct err *err)
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
        draft_env(draft, "MYSQL_ROOT_PASSWORD_FILE=" PASSWORD_TARGET);
        draft_mount(draft, true, provision->password_file, PASSWORD_TARGET, true);
    } else {
        draft_env(draft, "MYSQL_ALLOW_EMPTY_PASSWORD=1");
    }
    // From outside of the container, through its port.
    draft_env(draft, "MYSQL_ROOT_HOST=%");
    if (provision->data_source)
        draft_mount(draft, provision->data_is_bind, provision->data_source, "/var/lib/mysql",
                    false);
    draft->spec.health = (struct container_health){health, HEALTH_INTERVAL_S, HEALTH_RETRIES};
    // What is only in memory is written to the data's files.
    draft->spec.stop_timeout_s = 30;
    for (size_t i = 0; i < provision->arg_count; i++)
        draft_arg(draft, provision->args[i]);
    return add_user_env(draft, reserved, err);
}

static int draft_redis(struct draft *draft, struct err *err)
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
        draft_arg(draft, REDIS_PASSWORD_TARGET);
        draft_mount(draft, true, provision->password_file, REDIS_PASSWORD_TARGET, true);
    }
    for (size_t i = first; i < provision->arg_count; i++)
        draft_arg(draft, provision->args[i]);
    if (provision->data_source)
        draft_mount(draft, provision->data_is_bind, provision->data_source, "/data", false);
    draft->spec.health = (struct container_health){health, HEALTH_INTERVAL_S, HEALTH_RETRIES};
    draft->spec.stop_timeout_s = 10;
    return add_user_env(draft, reserved, err);
}

static int draft_engine(struct draft *draft, struct err *err)
{
    switch (draft->provision->engine->id) {
    case ENGINE_POSTGRES: return draft_postgres(draft, err);
    case ENGINE_MYSQL: return draft_mysql(draft, err);
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
    __attribute__((cleanup(draft_release))) struct draft draft = {
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
