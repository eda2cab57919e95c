// Connections written as URLs, ADO.NET strings and JDBC URLs.
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/url.h"
#include "provisioners/connection_text.h"

#define MASK "****"
#define LOCAL_TRUST ";encrypt=true;trustServerCertificate=true"

void braced_value(const char *value, struct strbuf *out)
{
    bool is_plain = true;
    for (const char *c = value; *c; c++)
        is_plain = is_plain && (isalnum((unsigned char)*c) || strchr(".-_", *c));
    if (is_plain) {
        strbuf_adds(out, value);
        return;
    }
    strbuf_addch(out, '{');
    for (const char *c = value; *c; c++)
        strbuf_addf(out, *c == '}' ? "}%c" : "%c", *c);
    strbuf_addch(out, '}');
}

static bool is_secret_name(const char *name, size_t length)
{
    static const char *const words[] = {"password", "pwd", "secret", "token", "apikey", "api_key"};
    AUTOFREE char *copy = mem_strndup(name, length);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasestr(copy, words[i]))
            return true;
    }
    return false;
}

static void write_query(const char *query, char separator, bool masked, struct strbuf *out)
{
    const char ends[] = {separator, '\0'};
    while (masked && *query) {
        size_t length = strcspn(query, ends), name_length = strcspn(query, "=");
        if (name_length < length && is_secret_name(query, name_length))
            strbuf_addf(out, "%.*s=" MASK, (int)name_length, query);
        else
            strbuf_add(out, query, length);
        query += length;
        if (*query)
            strbuf_addch(out, *query++);
    }
    strbuf_adds(out, query);
}

static void write_host(const struct connection *connection, struct strbuf *out)
{
    strbuf_addf(out, strchr(connection->host, ':') ? "[%s]" : "%s", connection->host);
    if (connection->port)
        strbuf_addf(out, ":%d", connection->port);
}

static void write_password(const struct connection *connection, bool masked, struct strbuf *out)
{
    if (masked)
        strbuf_adds(out, MASK);
    else
        url_encode(connection->password, out);
}

static void write_authority(const struct connection *connection, const char *scheme, bool masked,
                            struct strbuf *out)
{
    const char *before = "?";
    strbuf_addf(out, "%s://", scheme);
    if (connection->user)
        url_encode(connection->user, out);
    if (connection->password) {
        strbuf_addch(out, ':');
        write_password(connection, masked, out);
    }
    if (connection->user || connection->password)
        strbuf_addch(out, '@');
    const bool is_socket = connection->host[0] == '/';
    if (is_socket)
        strbuf_addf(out, "localhost:%d", connection->port);
    else
        write_host(connection, out);
    if (connection->database) {
        strbuf_addch(out, '/');
        url_encode(connection->database, out);
    }
    if (is_socket) {
        strbuf_adds(out, connection->database ? "?host=" : "/?host=");
        url_encode(connection->host, out);
        before = "&";
    }
    if (connection->query) {
        strbuf_adds(out, before);
        write_query(connection->query, '&', masked, out);
    }
}

static void add_braced(struct strbuf *out, const char *name, const char *value)
{
    if (!value)
        return;
    strbuf_addf(out, ";%s=", name);
    braced_value(value, out);
}

static void write_sqlserver(const struct connection *connection, bool masked, struct strbuf *out)
{
    strbuf_adds(out, "sqlserver://");
    write_host(connection, out);
    add_braced(out, "database", connection->database);
    add_braced(out, "user", connection->user);
    if (connection->password && masked)
        strbuf_adds(out, ";password=" MASK);
    else
        add_braced(out, "password", connection->password);
    if (connection_trusts_certificate(connection))
        strbuf_adds(out, LOCAL_TRUST);
    if (connection->query) {
        strbuf_addch(out, ';');
        write_query(connection->query, ';', masked, out);
    }
}

// Paths are written as they lie, which is how every reader of file: takes them, but for the
// characters that would end them.
static void write_file(const struct connection *connection, bool masked, struct strbuf *out)
{
    strbuf_adds(out, "file:");
    for (const char *c = connection->database; *c; c++) {
        bool ends = strchr("%?#", *c) || iscntrl((unsigned char)*c) || (*c == ' ' && !c[1]);
        strbuf_addf(out, ends ? "%%%02X" : "%c", (unsigned char)*c);
    }
    if (connection->query) {
        strbuf_addch(out, '?');
        write_query(connection->query, '&', masked, out);
    }
}

static void write_url(const struct connection *connection, bool masked, struct strbuf *out)
{
    switch (connection->engine->id) {
    case ENGINE_POSTGRES: write_authority(connection, "postgresql", masked, out); break;
    case ENGINE_MYSQL: write_authority(connection, "mysql", masked, out); break;
    case ENGINE_MSSQL: write_sqlserver(connection, masked, out); break;
    case ENGINE_SQLITE: write_file(connection, masked, out); break;
    case ENGINE_REDIS:
    case ENGINE_GARNET:
        write_authority(connection, connection->tls ? "rediss" : "redis", masked, out);
        break;
    case ENGINE_DENO_KV:
        write_authority(connection, connection->tls ? "https" : "http", masked, out);
        break;
    }
}

void connection_url(const struct connection *connection, struct strbuf *out)
{
    write_url(connection, false, out);
}

void connection_url_masked(const struct connection *connection, struct strbuf *out)
{
    write_url(connection, true, out);
}

// A value goes bare where every reader agrees on what it is, else in double quotes.
static void add_ado(struct strbuf *out, const char *name, const char *value)
{
    if (!value)
        return;
    strbuf_addf(out, "%s%s=", out->len ? ";" : "", name);
    const size_t length = strlen(value);
    if (!strpbrk(value, ";'\"={}") && !isspace((unsigned char)value[0]) &&
        !(length && isspace((unsigned char)value[length - 1]))) {
        strbuf_adds(out, value);
        return;
    }
    strbuf_addch(out, '"');
    for (const char *c = value; *c; c++)
        strbuf_addf(out, *c == '"' ? "\"%c" : "%c", *c);
    strbuf_addch(out, '"');
}

// Calls for each "name=value" of the query, both decoded.
static void add_postgres_parameters(struct strbuf *out, const struct connection *connection)
{
    for (const char *pair = connection->query; pair && *pair;) {
        size_t length = strcspn(pair, "&"), name_length = strcspn(pair, "=&");
        AUTOFREE char *name = mem_strndup(pair, name_length);
        AUTO_STRBUF decoded = STRBUF_INIT;
        if (name_length < length)
            url_decode(pair + name_length + 1, length - name_length - 1, &decoded);
        const char *value = decoded.data;
        const char *ado_name = parameter_to_ado(name, &value);
        if (ado_name && *value)
            add_ado(out, ado_name, value);
        pair += length + (pair[length] == '&');
    }
}

static void write_ado_postgres(const struct connection *connection, struct strbuf *out)
{
    add_ado(out, "Host", connection->host);
    strbuf_addf(out, ";Port=%d", connection->port);
    add_ado(out, "Username", connection->user);
    add_ado(out, "Password", connection->password);
    add_ado(out, "Database", connection->database);
    add_postgres_parameters(out, connection);
}

static void write_ado_mysql(const struct connection *connection, struct strbuf *out)
{
    add_ado(out, "Server", connection->host);
    strbuf_addf(out, ";Port=%d", connection->port);
    add_ado(out, "User ID", connection->user);
    add_ado(out, "Password", connection->password);
    add_ado(out, "Database", connection->database);
}

static void write_ado_sqlserver(const struct connection *connection, struct strbuf *out)
{
    strbuf_addf(out, strchr(connection->host, ':') ? "Server=[%s],%d" : "Server=%s,%d",
                connection->host, connection->port);
    add_ado(out, "User ID", connection->user);
    add_ado(out, "Password", connection->password);
    if (connection_trusts_certificate(connection))
        strbuf_adds(out, ";TrustServerCertificate=true");
    add_ado(out, "Initial Catalog", connection->database);
    if (connection->query)
        strbuf_addf(out, ";%s", connection->query);
}

// StackExchange.Redis quotes nothing.
static void write_stack_exchange(const struct connection *connection, struct strbuf *out)
{
    write_host(connection, out);
    if (connection->user)
        strbuf_addf(out, ",user=%s", connection->user);
    if (connection->password)
        strbuf_addf(out, ",password=%s", connection->password);
    if (connection->database)
        strbuf_addf(out, ",defaultDatabase=%s", connection->database);
    if (connection->tls)
        strbuf_adds(out, ",ssl=true");
}

void connection_ado(const struct connection *connection, struct strbuf *out)
{
    AUTO_STRBUF text = STRBUF_INIT;
    switch (connection->engine->id) {
    case ENGINE_POSTGRES: write_ado_postgres(connection, &text); break;
    case ENGINE_MYSQL: write_ado_mysql(connection, &text); break;
    case ENGINE_MSSQL: write_ado_sqlserver(connection, &text); break;
    case ENGINE_SQLITE: add_ado(&text, "Data Source", connection->database); break;
    case ENGINE_REDIS:
    case ENGINE_GARNET: write_stack_exchange(connection, &text); break;
    case ENGINE_DENO_KV: connection_url(connection, &text); break;
    }
    strbuf_add(out, text.data, text.len);
}

static void write_jdbc_authority(const struct connection *connection, const char *name,
                                 struct strbuf *out)
{
    strbuf_addf(out, "jdbc:%s://", name);
    write_host(connection, out);
    strbuf_addch(out, '/');
    if (connection->database)
        url_encode(connection->database, out);
}

static void write_jdbc_encryption(const struct connection *connection, struct arena *arena,
                                  struct strbuf *out)
{
    static const char *const names[] = {"encrypt", "trustServerCertificate"};
    if (connection_trusts_certificate(connection))
        strbuf_adds(out, LOCAL_TRUST);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        add_braced(out, names[i], connection_parameter(connection, names[i], arena));
}

void connection_jdbc(const struct connection *connection, struct strbuf *out)
{
    struct arena *arena = arena_new();
    const char *ssl_mode = NULL;
    switch (connection->engine->id) {
    case ENGINE_POSTGRES:
        write_jdbc_authority(connection, "postgresql", out);
        ssl_mode = connection_parameter(connection, "sslmode", arena);
        if (ssl_mode)
            strbuf_addf(out, "?sslmode=%s", ssl_mode);
        break;
    case ENGINE_MYSQL: write_jdbc_authority(connection, "mysql", out); break;
    case ENGINE_MSSQL:
        strbuf_adds(out, "jdbc:sqlserver://");
        write_host(connection, out);
        add_braced(out, "databaseName", connection->database);
        write_jdbc_encryption(connection, arena, out);
        break;
    case ENGINE_SQLITE: strbuf_addf(out, "jdbc:sqlite:%s", connection->database); break;
    case ENGINE_REDIS:
    case ENGINE_GARNET:
    case ENGINE_DENO_KV: break;
    }
    arena_free(arena);
}
