#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/url.h"
#include "migrator/driver/postgres.h"
#include "migrator/sql_quote.h"

enum { CONNECT_TIMEOUT_S = 10 };

struct parameters {
    VEC_OF(char *) names, values;
};

static void parameters_release(struct parameters *parameters)
{
    vec_each (name, &parameters->names)
        free(*name);
    vec_each (value, &parameters->values)
        free(*value);
    vec_release(&parameters->names);
    vec_release(&parameters->values);
}

// The last one of a name wins, as in libpq.
static void parameter_set(struct parameters *parameters, const char *name, const char *value)
{
    if (!value)
        return;
    for (size_t i = 0; i < parameters->names.len; i++) {
        if (strcmp(parameters->names.items[i], name) == 0) {
            free(parameters->values.items[i]);
            parameters->values.items[i] = mem_strdup(value);
            return;
        }
    }
    vec_push(&parameters->names, mem_strdup(name));
    vec_push(&parameters->values, mem_strdup(value));
}

static const char *parameter_get(const struct parameters *parameters, const char *name)
{
    for (size_t i = 0; i < parameters->names.len; i++)
        if (strcmp(parameters->names.items[i], name) == 0)
            return parameters->values.items[i];
    return NULL;
}

static bool is_known_to_libpq(const PQconninfoOption *known, const char *name)
{
    for (; known->keyword; known++)
        if (strcmp(known->keyword, name) == 0)
            return true;
    return false;
}

// Prisma calls the authority's certificate "sslcert" (libpq: the client's own) where it has its own
// parameters of TLS beside it, and says with sslaccept whether it is checked.
static void translate_tls(const struct url *url, struct parameters *parameters)
{
    AUTOFREE char *accept = url_query_get(url, "sslaccept");
    AUTOFREE char *identity = url_query_get(url, "sslidentity");
    AUTOFREE char *certificate = url_query_get(url, "sslcert");
    if (certificate && (accept || identity))
        parameter_set(parameters, "sslrootcert", certificate);
    else
        parameter_set(parameters, "sslcert", certificate);
    if (accept && strcmp(accept, "strict") == 0)
        parameter_set(parameters, "sslmode", "verify-full");
}

// The parameters of the URL's query that libpq knows. What is Prisma's alone (schema,
// connection_limit, pool_timeout, pgbouncer, statement_cache_size, socket_timeout …) is unknown to
// it and left out.
static void take_query(const struct url *url, struct parameters *parameters)
{
    PQconninfoOption *known = PQconndefaults();
    for (const char *pair = url->query; known && pair && *pair;) {
        const size_t length = strcspn(pair, "&"), name_length = strcspn(pair, "=&");
        AUTOFREE char *name = mem_strndup(pair, name_length);
        AUTOFREE char *value = url_query_get(url, name);
        if (strcmp(name, "sslcert") != 0 && is_known_to_libpq(known, name))
            parameter_set(parameters, name, value);
        pair += length + (pair[length] == '&');
    }
    PQconninfoFree(known);
    translate_tls(url, parameters);
}

// Kerberos is looked for before anything else, which costs a millisecond: not on this machine, but
// where somebody asks for it.
static void skip_kerberos(struct parameters *parameters)
{
    static const char *const local[] = {"localhost", "127.0.0.1", "::1"};
    const char *host = parameter_get(parameters, "host");
    if (!host || parameter_get(parameters, "gssencmode") || parameter_get(parameters, "service") ||
        getenv("PGGSSENCMODE") || getenv("PGSERVICE"))
        return;
    for (size_t i = 0; i < sizeof local / sizeof *local; i++) {
        if (strcmp(host, local[i]) == 0)
            parameter_set(parameters, "gssencmode", "disable");
    }
}

static void take_url(const struct url *url, struct parameters *parameters)
{
    parameter_set(parameters, "host", url->host && *url->host ? url->host : NULL);
    if (url->port) {
        AUTOFREE char *port = mem_printf("%d", url->port);
        parameter_set(parameters, "port", port);
    }
    parameter_set(parameters, "user", url->user);
    parameter_set(parameters, "password", url->password);
    parameter_set(parameters, "dbname", url->path ? url->path : url->user);
    // A network that swallows a migrator's connection is noticed within a minute.
    parameter_set(parameters, "keepalives_idle", "30");
    parameter_set(parameters, "keepalives_interval", "10");
    parameter_set(parameters, "keepalives_count", "3");
    take_query(url, parameters);
    skip_kerberos(parameters);
    parameter_set(parameters, "application_name", "berth migrator");
    parameter_set(parameters, "client_encoding", "UTF8");
}

static int64_t connect_deadline(const struct parameters *parameters)
{
    const char *given = parameter_get(parameters, "connect_timeout");
    const long seconds = given ? strtol(given, NULL, 10) : 0;
    return clock_monotonic_ms() + (seconds > 0 ? seconds : CONNECT_TIMEOUT_S) * 1000;
}

// PQconnectdbParams would not let us ask for the SQLSTATE in the message of a failure.
static PGconn *connect_with(struct parameters *parameters)
{
    const int64_t deadline = connect_deadline(parameters);
    vec_push(&parameters->names, NULL);
    vec_push(&parameters->values, NULL);
    PGconn *conn = PQconnectStartParams((const char *const *)parameters->names.items,
                                        (const char *const *)parameters->values.items, 0);
    parameters->names.len--;
    parameters->values.len--;
    if (!conn)
        abort(); // only without memory
    PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (PQstatus(conn) != CONNECTION_BAD && next != PGRES_POLLING_OK &&
           next != PGRES_POLLING_FAILED) {
        const int64_t left = deadline - clock_monotonic_ms();
        struct pollfd ready = {.fd = PQsocket(conn),
                               .events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT};
        const int count = left > 0 ? poll(&ready, 1, (int)left) : 0;
        if (count == 0)
            break;
        if (count > 0 || errno != EINTR)
            next = PQconnectPoll(conn);
    }
    return conn;
}

// "… FATAL:  3D000: database "x" does not exist\nLOCATION: …": the code and the words behind it.
static bool split_verbose(const char *text, char code[6], const char **words)
{
    for (const char *at = strstr(text, ":  "); at; at = strstr(at + 1, ":  ")) {
        size_t length = 0;
        while (length < 5 &&
               (isdigit((unsigned char)at[3 + length]) || isupper((unsigned char)at[3 + length])))
            length++;
        if (length == 5 && at[8] == ':' && at[9] == ' ') {
            memcpy(code, at + 3, 5);
            code[5] = '\0';
            *words = at + 10;
            return true;
        }
    }
    return false;
}

// libpq's own words without "connection to server at "…", port … failed: ", which we say ourselves.
static const char *skip_place(const char *text)
{
    const char *failed = strstr(text, " failed: ");
    const bool has_place = strncmp(text, "connection to server ", 21) == 0;
    return has_place && failed ? failed + strlen(" failed: ") : text;
}

static void connect_error(PGconn *conn, const struct parameters *parameters, char code[6],
                          struct err *err)
{
    const char *text = PQerrorMessage(conn), *words = text;
    const char *host = parameter_get(parameters, "host");
    code[0] = '\0';
    if (!*text)
        words = "no answer in time";
    else if (!split_verbose(text, code, &words))
        words = skip_place(text);
    struct redactor *redactor = redactor_new();
    AUTO_STRBUF line = STRBUF_INIT;
    if (parameter_get(parameters, "password"))
        redactor_add(redactor, parameter_get(parameters, "password"));
    redactor_apply(redactor, words, strcspn(words, "\n"), &line);
    redactor_free(redactor);
    err_set(err, ERR_FAILED, "cannot connect to %s%s%s, database %s: %s%s%s%s",
            host ? host : "the local socket", parameter_get(parameters, "port") ? ":" : "",
            parameter_get(parameters, "port") ? parameter_get(parameters, "port") : "",
            parameter_get(parameters, "dbname") ? parameter_get(parameters, "dbname") : "?",
            line.data, *code ? " (" : "", code, *code ? ")" : "");
}

// Makes the database from the administrator's one, or template1 where that is missing.
static int create_database(const struct parameters *parameters, const char *name, struct err *err)
{
    static const char *const administrators[] = {"postgres", "template1"};
    struct parameters other = {0};
    char code[6] = "";
    PGconn *conn = NULL;
    for (size_t i = 0; i < parameters->names.len; i++)
        parameter_set(&other, parameters->names.items[i], parameters->values.items[i]);
    for (size_t i = 0; i < 2 && (!conn || PQstatus(conn) != CONNECTION_OK); i++) {
        PQfinish(conn);
        parameter_set(&other, "dbname", administrators[i]);
        conn = connect_with(&other);
        if (PQstatus(conn) != CONNECTION_OK)
            connect_error(conn, &other, code, err);
    }
    int failed = PQstatus(conn) != CONNECTION_OK ? -1 : 0;
    if (!failed) {
        AUTO_STRBUF sql = STRBUF_INIT;
        strbuf_adds(&sql, "CREATE DATABASE ");
        sql_quote_identifier(SQL_POSTGRES, name, &sql);
        PGresult *result = PQexec(conn, sql.data);
        const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        // Somebody else may have made it meanwhile: 42P04, or 23505 in a race.
        if (state && strcmp(state, "42P04") != 0 && strcmp(state, "23505") != 0)
            failed = err_set(err, ERR_FAILED, "cannot make the database %s: %s (%s)", name,
                             PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY), state);
        PQclear(result);
    }
    PQfinish(conn);
    parameters_release(&other);
    return failed;
}

static int connect_parameters(struct parameters *parameters, enum driver_mode mode,
                              struct postgres *postgres, bool *missing, struct err *err)
{
    char code[6];
    const char *database = parameter_get(parameters, "dbname");
    bool may_create = mode == DRIVER_WRITE && database;
    for (;;) {
        PGconn *conn = connect_with(parameters);
        if (PQstatus(conn) == CONNECTION_OK) {
            postgres->conn = conn;
            return 0;
        }
        connect_error(conn, parameters, code, err);
        PQfinish(conn);
        const bool is_missing = strcmp(code, "3D000") == 0;
        if (missing)
            *missing = is_missing;
        if (!is_missing || !may_create)
            return -1;
        may_create = false;
        if (create_database(parameters, database, err))
            return -1;
        driver_say(&postgres->driver, "made the database %s", database);
    }
}

int postgres_connect(const char *url_text, enum driver_mode mode, struct postgres *postgres,
                     bool *missing, struct err *err)
{
    struct url url;
    struct parameters parameters = {0};
    if (url_parse(url_text, &url, err))
        return err_wrap(err, "the database's URL");
    take_url(&url, &parameters);
    postgres->driver.schema = url_query_get(&url, "schema");
    if (!postgres->driver.schema || !*postgres->driver.schema) {
        free(postgres->driver.schema);
        postgres->driver.schema = mem_strdup("public");
    }
    const int failed = connect_parameters(&parameters, mode, postgres, missing, err);
    if (!failed) {
        const char *host = PQhost(postgres->conn);
        postgres->driver.place = mem_printf("%s at %s:%s", PQdb(postgres->conn), host ? host : "?",
                                            PQport(postgres->conn));
    }
    parameters_release(&parameters);
    url_release(&url);
    return failed;
}
