// Logging into Postgres through libpq, step by step.
//
//     connect to the database ── 3D000 ──> connect to "postgres" ──> CREATE DATABASE ─┐
//       │      ^                                                                      │
//       │      └──────────────────────────────────────────────────────────────────────┘
//       └──> ask the server what it is ──> ready
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/libpq.h"
#include "base/mem.h"
#include "provisioners/host.h"
#include "provisioners/login_driver.h"

enum phase { PHASE_CONNECT, PHASE_ASK, PHASE_ASK_LITTLE, PHASE_CONNECT_ADMIN, PHASE_CREATE };

// Administration databases, in the order of trying.
static const char *const admin_databases[] = {"postgres", "template1"};

struct postgres_login {
    enum phase phase;
    PGconn *conn;     // NULL before the first step
    size_t admin;     // of admin_databases
    bool created;     // asked for a database once: a second 3D000 is an error
    PGresult *answer; // of the query that runs, until its end has come, too
    struct arena *arena;
};

// The file tells the container's first process from a temporary one, where it can be read; a
// temporary server has its listen_addresses from pg_ctl's command line, and the shell that runs the
// image's entrypoint waits for it.
static const char question[] =
    "SELECT host(inet_server_addr()), extract(epoch FROM pg_postmaster_start_time())::text, CASE "
    "WHEN split_part(pg_read_file('postmaster.pid', 0, 32, true), E'\\n', 1) = '1' THEN true "
    "WHEN (SELECT source FROM pg_settings WHERE name = 'listen_addresses') <> 'command line' "
    "THEN true "
    "ELSE NOT EXISTS (SELECT FROM pg_ls_dir('/proc') AS process WHERE process ~ '^[0-9]+$' AND "
    "pg_read_file('/proc/' || process || '/comm', 0, 64, true) ~ '^(a|ba|da|k)?sh$|^docker-') END";
// For who may not read the server's files.
static const char little_question[] =
    "SELECT host(inet_server_addr()), extract(epoch FROM pg_postmaster_start_time())::text, true";
// For what only speaks like Postgres.
static const char least_question[] = "SELECT NULL, NULL, true";

struct parameters {
    const char *names[24], *values[24];
    size_t count;
};

static void add(struct parameters *parameters, const char *name, const char *value)
{
    if (!value)
        return;
    parameters->names[parameters->count] = name;
    parameters->values[parameters->count++] = value;
}

// On this machine TLS would cost a round trip or a handshake and protect nothing.
static const char *default_ssl_mode(const struct connection *connection)
{
    return host_is_loopback(connection->host) ? "disable" : "prefer";
}

// The addresses and, as libpq wants one for each, the host as often: the name for certificates.
static void add_host(struct parameters *parameters, const struct login *login)
{
    const struct postgres_login *postgres = login->state;
    const char *hosts = login->request.connection->host, *addresses = NULL;
    for (size_t i = 0; i < login->addresses.count; i++) {
        const char *address = login->addresses.items[i];
        addresses = i ? arena_printf(postgres->arena, "%s,%s", addresses, address) : address;
        if (i)
            hosts = arena_printf(postgres->arena, "%s,%s", hosts, login->request.connection->host);
    }
    add(parameters, "host", hosts);
    add(parameters, "hostaddr", addresses);
}

static PGconn *connect_to(const struct login *login, const char *database)
{
    // The parameters of URLs that libpq understands as they are meant.
    static const char *const passed[] = {"sslrootcert", "sslkey",      "channel_binding",
                                         "options",     "sslpassword", "ssl_min_protocol_version"};
    const struct postgres_login *postgres = login->state;
    const struct connection *connection = login->request.connection;
    struct parameters parameters = {0};
    char port[8];
    snprintf(port, sizeof port, "%d", connection->port);
    add_host(&parameters, login);
    add(&parameters, "port", port);
    add(&parameters, "user", connection->user);
    add(&parameters, "password", connection->password);
    add(&parameters, "dbname", database);
    add(&parameters, "application_name", "berth");
    add(&parameters, "gssencmode", "disable");
    const char *ssl_mode = connection_parameter(connection, "sslmode", postgres->arena);
    add(&parameters, "sslmode", ssl_mode ? ssl_mode : default_ssl_mode(connection));
    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
        add(&parameters, passed[i], connection_parameter(connection, passed[i], postgres->arena));
    // With a key it is the client's certificate; alone, in Prisma's URLs, it is the server's.
    if (connection_parameter(connection, "sslkey", postgres->arena))
        add(&parameters, "sslcert", connection_parameter(connection, "sslcert", postgres->arena));
    PGconn *conn = PQconnectStartParams(parameters.names, parameters.values, 0);
    if (!conn)
        abort();
    // Puts the SQLSTATE into the text of a failed connection, which has no other place for it.
    PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
    return conn;
}

// The new connection is opened before the old one is closed: a caller that watches the socket's
// number itself would not see the change.
static void reconnect(struct login *login, enum phase phase, const char *database)
{
    struct postgres_login *postgres = login->state;
    PGconn *former = postgres->conn;
    postgres->phase = phase;
    postgres->conn = connect_to(login, database);
    PQfinish(former);
    login_watch(login, PQsocket(postgres->conn), EPOLLOUT);
}

static const char *application_database(const struct login *login)
{
    const struct connection *connection = login->request.connection;
    return connection->database ? connection->database : admin_databases[0];
}

static void *postgres_start(struct login *login)
{
    (void)login;
    struct postgres_login *postgres = mem_alloc(sizeof *postgres);
    postgres->arena = arena_new();
    return postgres;
}

static void postgres_free(void *state)
{
    struct postgres_login *postgres = state;
    if (postgres->conn) {
        PQclear(postgres->answer);
        PQfinish(postgres->conn);
    }
    arena_free(postgres->arena);
    free(postgres);
}

// A SQLSTATE as verbose messages carry it, "FATAL:  28P01: password …": copied to `state`.
static bool find_sqlstate(const char *text, char state[6], const char **words)
{
    for (const char *at = text; (at = strstr(at, ":  ")); at++) {
        size_t length = 0;
        while (isdigit((unsigned char)at[3 + length]) || isupper((unsigned char)at[3 + length]))
            length++;
        if (length != 5 || at[8] != ':')
            continue;
        memcpy(state, at + 3, 5);
        state[5] = '\0';
        *words = at + 9 + strspn(at + 9, " ");
        return true;
    }
    return false;
}

static enum login_result classify_sqlstate(const char *state)
{
    if (!strncmp(state, "28", 2)) // invalid authorization
        return LOGIN_DENIED;
    if (!strcmp(state, "3D000"))
        return LOGIN_NO_DATABASE;
    // Shutting down and starting up; out of memory or connections; template1 in another's use.
    static const char *const passing[] = {"57P01", "57P02", "57P03", "53200",
                                          "53300", "53400", "55006"};
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        if (!strcmp(state, passing[i]))
            return LOGIN_NOT_YET;
    }
    return LOGIN_FAILED;
}

// Without a SQLSTATE the server said nothing. What the system or the other end did is told by the
// message only; the numbers' own texts are what libpq prints.
static enum login_result classify_silence(const char *text)
{
    static const int passing[] = {ECONNREFUSED, ECONNRESET,   ECONNABORTED, EPIPE,        ENOENT,
                                  ETIMEDOUT,    EHOSTUNREACH, ENETUNREACH,  EADDRNOTAVAIL};
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        if (strstr(text, strerror(passing[i])))
            return LOGIN_NOT_YET;
    }
    return strstr(text, "server closed the connection") ? LOGIN_NOT_YET : LOGIN_FAILED;
}

static enum login_result connection_failed(struct login *login, struct err *err)
{
    struct postgres_login *postgres = login->state;
    const char *text = PQerrorMessage(postgres->conn), *words = text;
    char state[6];
    if (PQconnectionNeedsPassword(postgres->conn) && !login->request.connection->password)
        return login_fail(login, LOGIN_DENIED, "the server asks for a password", err);
    if (!find_sqlstate(text, state, &words))
        return login_fail(login, classify_silence(text), text, err);
    enum login_result result = classify_sqlstate(state);
    if (result != LOGIN_NO_DATABASE)
        return login_fail(login, result, words, err);
    if (postgres->phase == PHASE_CONNECT && login->request.create_database && !postgres->created) {
        reconnect(login, PHASE_CONNECT_ADMIN, admin_databases[0]);
        return LOGIN_PENDING;
    }
    if (postgres->phase == PHASE_CONNECT_ADMIN &&
        ++postgres->admin < sizeof admin_databases / sizeof *admin_databases) {
        reconnect(login, PHASE_CONNECT_ADMIN, admin_databases[postgres->admin]);
        return LOGIN_PENDING;
    }
    return login_fail(login, LOGIN_NO_DATABASE, words, err);
}

// Sends as far as the socket takes it and waits for the answer.
static enum login_result flush(struct login *login, struct err *err)
{
    struct postgres_login *postgres = login->state;
    int left = PQflush(postgres->conn);
    if (left < 0)
        return connection_failed(login, err);
    login_watch(login, PQsocket(postgres->conn), left ? EPOLLIN | EPOLLOUT : EPOLLIN);
    return LOGIN_PENDING;
}

static enum login_result ask(struct login *login, enum phase phase, const char *sql,
                             struct err *err)
{
    struct postgres_login *postgres = login->state;
    postgres->phase = phase;
    PQsetnonblocking(postgres->conn, 1);
    if (!PQsendQuery(postgres->conn, sql))
        return connection_failed(login, err);
    return flush(login, err);
}

static enum login_result connected(struct login *login, struct err *err)
{
    struct postgres_login *postgres = login->state;
    if (postgres->phase == PHASE_CONNECT_ADMIN) {
        const char *database = application_database(login);
        char *name = PQescapeIdentifier(postgres->conn, database, strlen(database));
        if (!name)
            return login_fail(login, LOGIN_FAILED, PQerrorMessage(postgres->conn), err);
        const char *sql = arena_printf(postgres->arena, "CREATE DATABASE %s", name);
        PQfreemem(name);
        return ask(login, PHASE_CREATE, sql, err);
    }
    const char *superuser = PQparameterStatus(postgres->conn, "is_superuser");
    bool may_read = superuser && !strcmp(superuser, "on");
    return ask(login, PHASE_ASK, may_read ? question : little_question, err);
}

static enum login_result step_connect(struct login *login, struct err *err)
{
    struct postgres_login *postgres = login->state;
    switch (PQconnectPoll(postgres->conn)) {
    case PGRES_POLLING_READING: login_watch(login, PQsocket(postgres->conn), EPOLLIN); break;
    case PGRES_POLLING_WRITING: login_watch(login, PQsocket(postgres->conn), EPOLLOUT); break;
    case PGRES_POLLING_OK: return connected(login, err);
    default: return connection_failed(login, err);
    }
    return LOGIN_PENDING;
}

static void copy_fact(char *out, size_t size, const PGresult *result, int column)
{
    snprintf(out, size, "%s", PQgetvalue(result, 0, column));
}

static void read_facts(struct login *login, const PGresult *result)
{
    struct postgres_login *postgres = login->state;
    struct login_facts *facts = &login->facts;
    const char *version = PQparameterStatus(postgres->conn, "server_version");
    if (version)
        snprintf(facts->server_version, sizeof facts->server_version, "%.*s",
                 (int)strcspn(version, " "), version);
    copy_fact(facts->server_address, sizeof facts->server_address, result, 0);
    copy_fact(facts->instance, sizeof facts->instance, result, 1);
    facts->is_final_instance = *PQgetvalue(result, 0, 2) == 't';
}

static enum login_result answered(struct login *login, const PGresult *result, struct err *err)
{
    struct postgres_login *postgres = login->state;
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const bool worked =
        PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK;
    if (postgres->phase == PHASE_CREATE) {
        // Someone else made it meanwhile; the second is what losing that race can look like.
        bool exists = state && (!strcmp(state, "42P04") || !strcmp(state, "23505"));
        if (worked || exists) {
            login->facts.database_created = worked;
            postgres->created = true;
            reconnect(login, PHASE_CONNECT, application_database(login));
            return LOGIN_PENDING;
        }
    } else if (worked && PQntuples(result) == 1 && PQnfields(result) == 3) {
        read_facts(login, result);
        login_watch(login, -1, 0);
        return LOGIN_READY;
    } else if (postgres->phase == PHASE_ASK && state && classify_sqlstate(state) == LOGIN_FAILED) {
        return ask(login, PHASE_ASK_LITTLE, least_question, err);
    }
    const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!state)
        return login_fail(login, classify_silence(PQresultErrorMessage(result)),
                          PQresultErrorMessage(result), err);
    return login_fail(login, classify_sqlstate(state), words, err);
}

static enum login_result query_ended(struct login *login, struct err *err)
{
    struct postgres_login *postgres = login->state;
    PGresult *answer = TAKE(postgres->answer);
    enum login_result result =
        answer ? answered(login, answer, err) : connection_failed(login, err);
    PQclear(answer);
    return result;
}

static enum login_result step_query(struct login *login, struct err *err)
{
    struct postgres_login *postgres = login->state;
    if (!PQconsumeInput(postgres->conn))
        return connection_failed(login, err);
    if (PQflush(postgres->conn) > 0)
        return flush(login, err);
    login_watch(login, PQsocket(postgres->conn), EPOLLIN);
    while (!PQisBusy(postgres->conn)) {
        PGresult *result = PQgetResult(postgres->conn);
        if (!result)
            return query_ended(login, err);
        PQclear(postgres->answer);
        postgres->answer = result;
    }
    return LOGIN_PENDING;
}

static enum login_result begin(struct login *login, struct err *err)
{
    if (libpq_load(err)) {
        err->kind = ERR_RESOURCE;
        return LOGIN_FAILED;
    }
    reconnect(login, PHASE_CONNECT, application_database(login));
    return LOGIN_PENDING;
}

static enum login_result postgres_step(struct login *login, struct err *err)
{
    struct postgres_login *postgres = login->state;
    if (!postgres->conn)
        return begin(login, err);
    if (postgres->phase == PHASE_CONNECT || postgres->phase == PHASE_CONNECT_ADMIN)
        return step_connect(login, err);
    return step_query(login, err);
}

const struct login_driver login_postgres = {postgres_start, postgres_step, postgres_free};
