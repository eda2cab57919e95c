// The variables that processes find their databases and caches by.
#include <ctype.h>
#include <string.h>

#include "provisioners/connection.h"

struct variable_writer {
    struct arena *arena;
    variable_list *out;
};

static void add(const struct variable_writer *writer, const char *name, const char *value,
                bool secret)
{
    if (!value)
        return;
    vec_each (variable, writer->out) {
        if (!strcmp(variable->name, name))
            return;
    }
    vec_push(writer->out, (struct variable){name, arena_strdup(writer->arena, value), secret});
}

static bool has_address(const struct connection *connection)
{
    return connection->engine->id == ENGINE_SQLITE ? connection->database != NULL
                                                   : connection->host != NULL;
}

typedef void write_fn(const struct connection *connection, struct strbuf *out);

static const char *written(const struct variable_writer *writer, write_fn *write,
                           const struct connection *connection)
{
    AUTO_STRBUF text = STRBUF_INIT;
    write(connection, &text);
    return arena_strdup(writer->arena, text.data);
}

static void add_parts(const struct variable_writer *writer, const struct connection *connection,
                      const char *database_name)
{
    struct arena *arena = writer->arena;
    const char *prefix = variable_name(database_name, arena);
    const bool secret = connection->password != NULL;
    if (connection->host) {
        add(writer, arena_printf(arena, "%s_HOST", prefix), connection->host, false);
        add(writer, arena_printf(arena, "%s_PORT", prefix),
            arena_printf(arena, "%d", connection->port), false);
    }
    add(writer, arena_printf(arena, "%s_USERNAME", prefix), connection->user, false);
    add(writer, arena_printf(arena, "%s_PASSWORD", prefix), connection->password, true);
    add(writer, arena_printf(arena, "%s_DATABASENAME", prefix),
        connection->host ? connection->database : database_name, false);
    add(writer, arena_printf(arena, "%s_URI", prefix), written(writer, connection_url, connection),
        secret);
    add(writer, arena_printf(arena, "%s_JDBCCONNECTIONSTRING", prefix),
        written(writer, connection_jdbc, connection), false);
}

void connection_database_variables(const struct connection *connection, const char *key,
                                   const char *database_name, bool is_primary, struct arena *arena,
                                   variable_list *out)
{
    if (!has_address(connection))
        return;
    const struct variable_writer writer = {arena, out};
    const bool secret = connection->password != NULL;
    const char *url = written(&writer, connection_url, connection);
    if (is_primary) {
        add(&writer, "DATABASE_URL", url, secret);
        add(&writer, "DB_PROVIDER", key, false);
        add(&writer, "DATABASE_PROVIDER", key, false);
    }
    add(&writer, arena_printf(arena, "%s_URI", variable_name(key, arena)), url, secret);
    add(&writer, arena_printf(arena, "ConnectionStrings__%s", database_name),
        written(&writer, connection_ado, connection), secret);
    add_parts(&writer, connection, database_name);
}

static void add_cache(const struct variable_writer *writer, const struct connection *connection,
                      const char *name)
{
    struct arena *arena = writer->arena;
    const char *prefix = variable_name(name, arena);
    const bool secret = connection->password != NULL;
    const char *tcp =
        arena_printf(arena, strchr(connection->host, ':') ? "tcp://[%s]:%d" : "tcp://%s:%d",
                     connection->host, connection->port);
    add(writer, arena_printf(arena, "%s_URI", prefix), written(writer, connection_url, connection),
        secret);
    add(writer, arena_printf(arena, "ConnectionStrings__%s", name),
        written(writer, connection_ado, connection), secret);
    add(writer, arena_printf(arena, "%s_TCP", prefix), tcp, false);
    add(writer, arena_printf(arena, "services__%s__tcp__0", name), tcp, false);
    if (connection->engine->id == ENGINE_DENO_KV)
        add(writer, "DENO_KV_ACCESS_TOKEN", connection->password, true);
}

void connection_cache_variables(const struct connection *connection, const char *key,
                                bool is_primary, struct arena *arena, variable_list *out)
{
    if (!has_address(connection))
        return;
    const struct variable_writer writer = {arena, out};
    add_cache(&writer, connection, key);
    if (!is_primary)
        return;
    char *engine_name = arena_strdup(arena, connection->engine->name);
    for (char *c = engine_name; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    add(&writer, "CACHE_PROVIDER", key, false);
    add_cache(&writer, connection, engine_name);
}
