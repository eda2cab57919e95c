#include "provisioners/host.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/strbuf.h"

static bool has_suffix(const char *text, const char *suffix)
{
    size_t length = strlen(text), suffix_length = strlen(suffix);
    return length >= suffix_length && !strcasecmp(text + length - suffix_length, suffix);
}

bool host_is_loopback(const char *host)
{
    if (!host || !*host || *host == '/' || !strcasecmp(host, "localhost") ||
        has_suffix(host, ".localhost"))
        return true;
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, host, &v6) != 1)
        return false;
    return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

// What the services' own manuals say of their connection strings.
static const struct host_service services[] = {
    {"Neon", ".neon.tech", true},
    {"Supabase", ".supabase.co", true},
    {"Supabase", ".supabase.com", true},
    {"Amazon RDS", ".rds.amazonaws.com", true},
    {"Azure Database", ".postgres.database.azure.com", true},
    {"Azure Cosmos DB", ".postgres.cosmos.azure.com", true},
    {"DigitalOcean", ".db.ondigitalocean.com", true},
    {"Aiven", ".aivencloud.com", true},
    {"Prisma Postgres", ".prisma.io", true},
    {"Render", "-postgres.render.com", true},
    {"Timescale", ".tsdb.cloud.timescale.com", true},
    {"CockroachDB", ".cockroachlabs.cloud", true},
};

const struct host_service *host_service_find(const char *host)
{
    for (size_t i = 0; host && i < sizeof services / sizeof *services; i++) {
        if (has_suffix(host, services[i].suffix))
            return &services[i];
    }
    return NULL;
}

// The query without pgbouncer=…, in the arena; NULL when nothing is left.
static const char *without_pgbouncer(const char *query, struct arena *arena)
{
    AUTO_STRBUF out = STRBUF_INIT;
    while (query && *query) {
        size_t length = strcspn(query, "&");
        if (strncasecmp(query, "pgbouncer=", 10))
            strbuf_addf(&out, "%s%.*s", out.len ? "&" : "", (int)length, query);
        query += length + (query[length] == '&');
    }
    return out.len ? arena_strdup(arena, out.data) : NULL;
}

// "ep-x-pooler.region.aws.neon.tech" -> "ep-x.region.aws.neon.tech"; NULL: no pooler's name.
static const char *neon_direct_host(const char *host, struct arena *arena)
{
    const char *pooler = strcasestr(host, "-pooler.");
    if (!pooler)
        return NULL;
    return arena_printf(arena, "%.*s%s", (int)(pooler - host), host, pooler + strlen("-pooler"));
}

// Ports on which a service's transaction pooler listens, and where sessions are kept.
static const struct pooler_port {
    const char *suffix;
    int pooled, direct;
} pooler_ports[] = {
    {".supabase.co", 6543, 5432},
    {".supabase.com", 6543, 5432},
    {".postgres.database.azure.com", 6432, 5432},
};

static int direct_port(const struct connection *connection)
{
    for (size_t i = 0; i < sizeof pooler_ports / sizeof *pooler_ports; i++) {
        if (connection->port == pooler_ports[i].pooled &&
            has_suffix(connection->host, pooler_ports[i].suffix))
            return pooler_ports[i].direct;
    }
    return 0;
}

int connection_direct(const struct connection *connection, struct arena *arena,
                      struct connection *out, const char **note, struct err *err)
{
    struct connection direct = *connection;
    const struct host_service *service = host_service_find(connection->host);
    const char *host = NULL;
    int port = 0;
    if (connection->engine->id == ENGINE_POSTGRES && connection->host) {
        if (service && !strcmp(service->name, "Neon"))
            host = neon_direct_host(connection->host, arena);
        port = direct_port(connection);
        const char *flag = connection_parameter(connection, "pgbouncer", arena);
        if (flag && !strcasecmp(flag, "true") && !host && !port) {
            err_set(err, ERR_INVALID,
                    "the connection goes through pgbouncer, where migrations cannot hold a lock");
            return err_hint(err,
                            "give the URL of the server behind it, with --url or in <KEY>_URI");
        }
    }
    if (!host && !port) {
        *out = direct;
        *note = NULL;
        return 0;
    }
    direct.host = host ? host : connection->host;
    direct.port = port ? port : connection->port;
    direct.query = without_pgbouncer(connection->query, arena);
    *note =
        arena_printf(arena,
                     "%s:%d is %s's pooler, where migrations cannot hold a lock: "
                     "they go to %s:%d",
                     connection->host, connection->port, service->name, direct.host, direct.port);
    *out = direct;
    return 0;
}
