// Connections read from URLs, and the choice between the forms.
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/tds_address.h"
#include "base/url.h"
#include "provisioners/connection_text.h"
#include "provisioners/host.h"

#define INTERFACE_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

static const struct scheme {
    const char *name;
    enum engine_id engine;
} schemes[] = {
    {"postgresql", ENGINE_POSTGRES}, {"postgres", ENGINE_POSTGRES}, {"mysql", ENGINE_MYSQL},
    {"mariadb", ENGINE_MYSQL},       {"sqlserver", ENGINE_MSSQL},   {"file", ENGINE_SQLITE},
    {"sqlite", ENGINE_SQLITE},       {"redis", ENGINE_REDIS},       {"rediss", ENGINE_REDIS},
    {"http", ENGINE_DENO_KV},        {"https", ENGINE_DENO_KV},
};

// Length of the scheme of a URL, 0 when the text is no URL. Only files do without "//".
static size_t scheme_length(const char *text)
{
    size_t length = 0;
    while (isalnum((unsigned char)text[length]) ||
           (length && strchr("+.-", text[length]) && text[length]))
        length++;
    if (text[length] != ':')
        return 0;
    if (!strncmp(text + length, "://", 3))
        return length;
    bool is_file = (length == 4 && !strncasecmp(text, "file", 4)) ||
                   (length == 6 && !strncasecmp(text, "sqlite", 6));
    return is_file ? length : 0;
}

static const struct scheme *scheme_find(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (strlen(schemes[i].name) == length && !strncasecmp(schemes[i].name, text, length))
            return &schemes[i];
    }
    return NULL;
}

static int choose_engine(const struct connection_reader *reader, enum engine_id found,
                         struct connection *out, struct err *err)
{
    const struct engine *engine = engine_of(found), *expected = reader->engine;
    if (!expected || expected == engine) {
        out->engine = engine;
    } else if (expected->id == ENGINE_GARNET && found == ENGINE_REDIS) {
        out->engine = expected;
    } else {
        return err_set(err, ERR_INVALID, "the connection string is for %s where %s is expected",
                       engine->name, expected->name);
    }
    out->port = engine->port;
    return 0;
}

// file = ( "file" | "sqlite" ) ":" [ "//" [ "localhost" ] ] path [ "?" query ]
static int parse_file(const struct connection_reader *reader, const char *path,
                      struct connection *out, struct err *err)
{
    if (!strncmp(path, "//", 2)) {
        path += 2;
        if (!strncmp(path, "localhost/", 10))
            path += 9;
    }
    size_t length = strcspn(path, "?#");
    AUTO_STRBUF decoded = STRBUF_INIT;
    url_decode(path, length, &decoded);
    if (path[length] == '?' && path[length + 1])
        out->query = arena_strdup(reader->arena, path + length + 1);
    return connection_file(reader, decoded.data, out, err);
}

// Takes one parameter of a SQL Server URL; what is not a matter of login stays in `rest` as it
// lies.
static int take_sqlserver(const struct connection_reader *reader, const char *pair, size_t length,
                          const char *name, const char *value, struct strbuf *rest,
                          struct connection *out)
{
    const char *copy = text_or_null(arena_strdup(reader->arena, value));
    if (!strcmp(name, "database") || !strcmp(name, "initialcatalog") ||
        !strcmp(name, "databasename")) {
        out->database = copy;
    } else if (!strcmp(name, "user") || !strcmp(name, "username") || !strcmp(name, "userid") ||
               !strcmp(name, "uid")) {
        out->user = copy;
    } else if (!strcmp(name, "password") || !strcmp(name, "pwd")) {
        out->password = copy;
    } else if (!strcmp(name, "port")) {
        out->port = connection_port(value);
    } else {
        if (rest->len)
            strbuf_addch(rest, ';');
        strbuf_add(rest, pair, length);
    }
    return out->port < 0 ? -1 : 0;
}

// sqlserver = "sqlserver://" host [ ":" port ] { ";" name "=" value }
static int parse_sqlserver(const struct connection_reader *reader, const char *text,
                           struct connection *out, struct err *err)
{
    size_t length = strcspn(text, ";/");
    AUTOFREE char *host = mem_strndup(text, length);
    if (connection_host_port(reader, host, ':', out))
        return connection_malformed(err, "has a malformed host or port");
    AUTO_STRBUF rest = STRBUF_INIT, name = STRBUF_INIT, value = STRBUF_INIT;
    const char *at = text + length + strspn(text + length, "/");
    if (*at && *at != ';')
        return connection_malformed(err, "has a malformed host or port");
    for (;;) {
        const char *pair = at + strspn(at, "; ");
        const int more = tds_parameter_next(&at, &name, &value);
        if (more == 0)
            break;
        if (more < 0 ||
            take_sqlserver(reader, pair, (size_t)(at - pair), name.data, value.data, &rest, out))
            return connection_malformed(err, "has a malformed parameter");
    }
    if (rest.len)
        out->query = arena_strdup(reader->arena, rest.data);
    return 0;
}

// Moves what libpq also accepts as parameters (host, port, user, password, dbname) to its field.
static int take_query(const struct connection_reader *reader, const char *query,
                      struct connection *out)
{
    AUTO_STRBUF rest = STRBUF_INIT;
    while (*query) {
        size_t length = strcspn(query, "&"), name_length = strcspn(query, "=&");
        AUTO_STRBUF decoded = STRBUF_INIT;
        if (length > name_length)
            url_decode(query + name_length + 1, length - name_length - 1, &decoded);
        const char *name = arena_strndup(reader->arena, query, name_length);
        const char *value = text_or_null(arena_strdup(reader->arena, decoded.data));
        if (!strcmp(name, "host") && value) {
            out->host = value;
        } else if (!strcmp(name, "port") && value) {
            out->port = connection_port(value);
        } else if (!strcmp(name, "user")) {
            out->user = value;
        } else if (!strcmp(name, "password")) {
            out->password = value;
        } else if (!strcmp(name, "dbname")) {
            out->database = value;
        } else if (length) {
            strbuf_addf(&rest, "%s%.*s", rest.len ? "&" : "", (int)length, query);
        }
        query += length + (query[length] == '&');
    }
    out->query = rest.len ? arena_strdup(reader->arena, rest.data) : NULL;
    return out->port < 0 ? -1 : 0;
}

static const char *kept(const struct connection_reader *reader, const char *text)
{
    return text && *text ? arena_strdup(reader->arena, text) : NULL;
}

static int parse_authority(const struct connection_reader *reader, const char *text,
                           struct connection *out, struct err *err)
{
    struct url url;
    if (url_parse(text, &url, err))
        return connection_malformed(err, "has a malformed host or port");
    out->host = kept(reader, url.host);
    out->user = kept(reader, url.user);
    out->password = kept(reader, url.password);
    out->database = kept(reader, url.path);
    out->tls = !strcasecmp(url.scheme, "rediss") || !strcasecmp(url.scheme, "https");
    if (url.port)
        out->port = url.port;
    int failed = 0;
    if (url.query && out->engine->id == ENGINE_POSTGRES)
        failed = take_query(reader, url.query, out);
    else
        out->query = kept(reader, url.query);
    url_release(&url);
    if (failed)
        return connection_malformed(err, "has a malformed port");
    if (!out->host)
        return connection_malformed(err, "names no host");
    return 0;
}

static int parse_url(const struct connection_reader *reader, const char *text, size_t length,
                     struct connection *out, struct err *err)
{
    const struct scheme *scheme = scheme_find(text, length);
    if (!scheme || (scheme->engine == ENGINE_DENO_KV && !reader->engine)) {
        connection_malformed(err, "is a URL of a scheme that berth does not know");
        return err_hint(err, "postgresql://, mysql://, sqlserver://, file: and redis:// are known");
    }
    if (choose_engine(reader, scheme->engine, out, err))
        return -1;
    // The one form without percent-encoding.
    if (scheme->engine == ENGINE_MSSQL)
        return parse_sqlserver(reader, text + length + 3, out, err);
    if (strstr(text, "%00"))
        return connection_malformed(err, "holds a zero byte");
    if (scheme->engine == ENGINE_SQLITE)
        return parse_file(reader, text + length + 1, out, err);
    return parse_authority(reader, text, out, err);
}

// "host:port" or "host:port,name=value": what StackExchange.Redis takes, and no ADO.NET string is.
static bool is_stack_exchange(const struct engine *engine, const char *text)
{
    if (engine)
        return engine->is_cache;
    size_t length = strcspn(text, ",=;");
    const char *colon = memchr(text, ':', length);
    return colon && isdigit((unsigned char)colon[1]) && (text[length] == ',' || !text[length]);
}

// Hosted servers refuse to speak without TLS; a driver that was told nothing may not try it.
static void ask_for_tls(struct connection *connection, struct arena *arena)
{
    if (connection->engine->id != ENGINE_POSTGRES ||
        connection_parameter(connection, "sslmode", arena))
        return;
    const struct host_service *service = host_service_find(connection->host);
    if (!service || !service->needs_tls)
        return;
    connection->query = connection->query
                            ? arena_printf(arena, "%s&sslmode=require", connection->query)
                            : "sslmode=require";
}

// What is written for a SQL Server on this machine without parameters is read as just that.
static void drop_default_trust(struct connection *connection)
{
    if (connection->engine->id != ENGINE_MSSQL || !connection->query ||
        !host_is_loopback(connection->host))
        return;
    if (!strcasecmp(connection->query, "encrypt=true;trustServerCertificate=true") ||
        !strcasecmp(connection->query, "trustServerCertificate=true"))
        connection->query = NULL;
}

// IPv6, with the interface where there is one: "fe80::1%eth0".
static bool is_v6_address(const char *host)
{
    struct in6_addr address;
    size_t length = strcspn(host, "%");
    AUTOFREE char *number = mem_strndup(host, length);
    if (inet_pton(AF_INET6, number, &address) != 1)
        return false;
    const char *interface = host + length + (host[length] == '%');
    return host[length] != '%' || (isalpha((unsigned char)*interface) &&
                                   !interface[strspn(interface, INTERFACE_CHARACTERS)]);
}

// A name or an address, which every form can be written with; for Postgres a socket's directory,
// too. A SQL Server's named instance follows a backslash.
static bool is_host(const struct connection *connection)
{
    const char *host = connection->host;
    if (*host == '/')
        return connection->engine->id == ENGINE_POSTGRES;
    if (strchr(host, ':'))
        return is_v6_address(host);
    for (const char *c = host; *c; c++) {
        bool fits = isalnum((unsigned char)*c) || (unsigned char)*c >= 0x80 || strchr(".-_", *c) ||
                    (connection->engine->id == ENGINE_MSSQL && *c == '\\');
        if (!fits)
            return false;
    }
    return *host != '\0';
}

int connection_parse(const char *text, const struct engine *engine, const char *root,
                     struct arena *arena, struct connection *out, struct err *err)
{
    const struct connection_reader reader = {engine, root, arena};
    struct connection connection = {0};
    text += strspn(text, " \t\r\n");
    size_t end = strlen(text);
    while (end && isspace((unsigned char)text[end - 1]))
        end--;
    if (!end)
        return connection_malformed(err, "is empty");
    const char *trimmed = arena_strndup(arena, text, end);
    size_t scheme = scheme_length(trimmed);
    int failed = scheme ? parse_url(&reader, trimmed, scheme, &connection, err)
                 : is_stack_exchange(engine, trimmed)
                     ? connection_parse_stack_exchange(&reader, trimmed, &connection, err)
                     : connection_parse_ado(&reader, trimmed, &connection, err);
    if (failed)
        return -1;
    if (connection.host && !is_host(&connection))
        return connection_malformed(err, "has a malformed host or port");
    drop_default_trust(&connection);
    ask_for_tls(&connection, arena);
    *out = connection;
    return 0;
}
