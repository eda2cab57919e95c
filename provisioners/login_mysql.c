// Logging into MySQL and MariaDB through libmariadb, step by step.
//
//     connect to the database ── 1049 ──> connect to the server ──> CREATE DATABASE ─┐
//       │      ^                                                                     │
//       │      └─────────────────────────────────────────────────────────────────────┘
//       └──> ask the server what it is ──> ready
//
// The library runs each of its calls on a stack of its own and leaves it where the call would
// block: the call is then suspended, and is gone on with when its socket is ready.
#include <errmsg.h>
#include <fcntl.h>
#include <mysqld_error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/libmariadb.h"
#include "base/mem.h"
#include "provisioners/host.h"
#include "provisioners/login_driver.h"

enum {
    // A TLS handshake, or a method that the library loads, is more than its own default holds.
    STACK_SIZE = 256 * 1024,
    SECURE_TRANSPORT_REQUIRED = 3159 // of both servers; the header knows it by no name
};

// The methods that never show the server the password itself.
#define SAFE_METHODS "caching_sha2_password,mysql_native_password,sha256_password,client_ed25519"

enum phase {
    PHASE_CONNECT,
    PHASE_CONNECT_SERVER, // to no database
    PHASE_CREATE,
    PHASE_ASK,
    PHASE_ASK_LITTLE
};

enum tls { TLS_NONE, TLS_UNCHECKED, TLS_CHECKED };

struct mysql_login {
    enum phase phase;
    MYSQL *conn;       // NULL before the first step
    int waits;         // MYSQL_WAIT_…, what the suspended call waits for; 0: none is suspended
    bool has_answered; // to the query that runs: its result is being read
    bool created;      // asked for a database once: a second 1049 is an error
    enum tls tls;
    bool tls_changed; // once: from none to some, or the reverse
    size_t address;   // of the login's addresses
    struct arena *arena;
};

// The temporary server of an image's first start has no port. A container's name of itself is the
// beginning of its id.
static const char question[] = "SELECT @@port, @@hostname";
// For what only speaks like MySQL.
static const char little_question[] = "SELECT 1";

static const char *parameter(const struct login *login, const char *name)
{
    const struct mysql_login *mysql = login->state;
    return connection_parameter(login->request.connection, name, mysql->arena);
}

static bool asks_for_tls(const struct login *login)
{
    return parameter(login, "sslaccept") || parameter(login, "sslcert");
}

// Unasked, a server elsewhere is spoken to by TLS where it has any. On this machine that would cost
// a handshake and protect nothing.
static enum tls first_tls(const struct login *login)
{
    const char *accept = parameter(login, "sslaccept");
    if (accept ? strcmp(accept, "strict") == 0 : parameter(login, "sslcert") != NULL)
        return TLS_CHECKED;
    const bool is_local = host_is_loopback(login->request.connection->host);
    return asks_for_tls(login) || !is_local ? TLS_UNCHECKED : TLS_NONE;
}

// A certificate is for a name. Its address is looked up once more then, which may block; berth's
// own containers have no certificates.
static const char *host_of(const struct login *login)
{
    const struct mysql_login *mysql = login->state;
    const char *host = login->request.connection->host;
    if (mysql->tls == TLS_CHECKED || mysql->address >= login->addresses.count)
        return host ? host : "127.0.0.1";
    return login->addresses.items[mysql->address];
}

// Whether the call that was begun or gone on with is not at its end yet.
static bool is_suspended(struct login *login, int waits)
{
    struct mysql_login *mysql = login->state;
    const int socket = waits ? (int)mysql_get_socket(mysql->conn) : -1;
    mysql->waits = waits;
    if (waits)
        login_watch(login, socket,
                    (waits & MYSQL_WAIT_READ ? EPOLLIN : 0U) |
                        (waits & MYSQL_WAIT_WRITE ? EPOLLOUT : 0U) |
                        (waits & MYSQL_WAIT_EXCEPT ? EPOLLPRI : 0U));
    return waits != 0;
}

static MYSQL *new_connection(const struct login *login)
{
    const struct mysql_login *mysql = login->state;
    const size_t stack_size = STACK_SIZE;
    const unsigned off = 0;
    const char is_enforced = mysql->tls != TLS_NONE, is_checked = mysql->tls == TLS_CHECKED;
    const char *authority = parameter(login, "sslcert");
    MYSQL *conn = mysql_init(NULL);
    if (!conn)
        abort();
    mysql_options(conn, MYSQL_OPT_NONBLOCK, &stack_size);
    mysql_options(conn, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(conn, MYSQL_OPT_LOCAL_INFILE, &off);
    mysql_options(conn, MARIADB_OPT_RESTRICTED_AUTH, SAFE_METHODS);
    mysql_options(conn, MYSQL_OPT_SSL_ENFORCE, &is_enforced);
    mysql_options(conn, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &is_checked);
    if (authority)
        mysql_options(conn, MYSQL_OPT_SSL_CA, authority);
    return conn;
}

static enum login_result connected(struct login *login, struct err *err);

static enum login_result connect_to(struct login *login, enum phase phase, struct err *err)
{
    struct mysql_login *mysql = login->state;
    const struct connection *connection = login->request.connection;
    MYSQL *former = mysql->conn, *result;
    mysql->phase = phase;
    mysql->conn = new_connection(login);
    const int waits = mysql_real_connect_start(
        &result, mysql->conn, host_of(login), connection->user, connection->password,
        phase == PHASE_CONNECT ? connection->database : NULL, (unsigned)connection->port,
        parameter(login, "socket"), 0);
    if (former)
        mysql_close(former);
    if (!is_suspended(login, waits))
        return connected(login, err);
    fcntl((int)mysql_get_socket(mysql->conn), F_SETFD, FD_CLOEXEC);
    return LOGIN_PENDING;
}

static enum login_result classify(unsigned code)
{
    switch (code) {
    case ER_ACCESS_DENIED_ERROR:
    case ER_DBACCESS_DENIED_ERROR:
    case ER_ACCESS_DENIED_NO_PASSWORD_ERROR:
    case ER_HOST_NOT_PRIVILEGED: return LOGIN_DENIED;
    case ER_BAD_DB_ERROR: return LOGIN_NO_DATABASE;
    // The other end is not there, or went away.
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_SERVER_LOST_EXTENDED:
    case ER_SERVER_SHUTDOWN:
    // It is out of connections or memory.
    case ER_CON_COUNT_ERROR:
    case ER_OUT_OF_RESOURCES:
    case ER_TOO_MANY_USER_CONNECTIONS: return LOGIN_NOT_YET;
    default: return LOGIN_FAILED;
    }
}

static enum login_result fail(struct login *login, struct err *err)
{
    const struct mysql_login *mysql = login->state;
    return login_fail(login, classify(mysql_errno(mysql->conn)), mysql_error(mysql->conn), err);
}

// What a server that wants TLS, or has none, leaves to be tried.
static bool changes_tls(struct login *login, unsigned code)
{
    struct mysql_login *mysql = login->state;
    const bool wants_tls = code == SECURE_TRANSPORT_REQUIRED && mysql->tls == TLS_NONE;
    const bool has_no_tls = code == CR_SSL_CONNECTION_ERROR && !asks_for_tls(login);
    if (mysql->tls_changed || (!wants_tls && !has_no_tls))
        return false;
    mysql->tls_changed = true;
    mysql->tls = wants_tls ? TLS_UNCHECKED : TLS_NONE;
    return true;
}

static enum login_result connection_failed(struct login *login, unsigned code, struct err *err)
{
    struct mysql_login *mysql = login->state;
    const bool is_unreachable = code == CR_CONN_HOST_ERROR || code == CR_CONNECTION_ERROR;
    if (changes_tls(login, code))
        return connect_to(login, mysql->phase, err);
    if (is_unreachable && mysql->tls != TLS_CHECKED &&
        mysql->address + 1 < login->addresses.count) {
        mysql->address++;
        return connect_to(login, mysql->phase, err);
    }
    if (code == ER_BAD_DB_ERROR && mysql->phase == PHASE_CONNECT &&
        login->request.create_database && !mysql->created)
        return connect_to(login, PHASE_CONNECT_SERVER, err);
    return fail(login, err);
}

static enum login_result go_on_with_query(struct login *login, int failed, int waits,
                                          struct err *err);

static enum login_result ask(struct login *login, enum phase phase, const char *sql,
                             struct err *err)
{
    struct mysql_login *mysql = login->state;
    int failed = 0;
    mysql->phase = phase;
    mysql->has_answered = false;
    const int waits = mysql_real_query_start(&failed, mysql->conn, sql, strlen(sql));
    return go_on_with_query(login, failed, waits, err);
}

static const char *create_statement(const struct login *login)
{
    const struct mysql_login *mysql = login->state;
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_adds(&sql, "CREATE DATABASE `");
    for (const char *c = login->request.connection->database; *c; c++) {
        if (*c == '`')
            strbuf_addch(&sql, '`');
        strbuf_addch(&sql, *c);
    }
    strbuf_addch(&sql, '`');
    return arena_strdup(mysql->arena, sql.data);
}

static enum login_result connected(struct login *login, struct err *err)
{
    const struct mysql_login *mysql = login->state;
    const unsigned code = mysql_errno(mysql->conn);
    if (code)
        return connection_failed(login, code, err);
    // The library itself insists only where it checks the certificate.
    if (asks_for_tls(login) && !mysql_get_ssl_cipher(mysql->conn))
        return login_fail(login, LOGIN_FAILED, "TLS is asked for, and the server has none", err);
    if (mysql->phase == PHASE_CONNECT_SERVER)
        return ask(login, PHASE_CREATE, create_statement(login), err);
    return ask(login, PHASE_ASK, question, err);
}

static enum login_result query_failed(struct login *login, struct err *err)
{
    struct mysql_login *mysql = login->state;
    const unsigned code = mysql_errno(mysql->conn);
    if (mysql->phase == PHASE_ASK && classify(code) == LOGIN_FAILED)
        return ask(login, PHASE_ASK_LITTLE, little_question, err);
    if (mysql->phase != PHASE_CREATE || code != ER_DB_CREATE_EXISTS)
        return fail(login, err);
    mysql->created = true; // by someone else, meanwhile
    return connect_to(login, PHASE_CONNECT, err);
}

static void read_facts(struct login *login, MYSQL_ROW row)
{
    const struct mysql_login *mysql = login->state;
    struct login_facts *facts = &login->facts;
    const char *version = mysql_get_server_info(mysql->conn);
    // "10.11.6-MariaDB-1:10.11.6+maria~ubu2204": the make says more than the package.
    const bool is_mariadb = strstr(version, "-MariaDB") != NULL;
    snprintf(facts->server_version, sizeof facts->server_version, "%.*s%s",
             (int)strcspn(version, "-"), version, is_mariadb ? "-MariaDB" : "");
    facts->is_final_instance = true;
    if (mysql->phase == PHASE_ASK_LITTLE)
        return;
    facts->is_final_instance = row[0] && strcmp(row[0], "0") != 0;
    snprintf(facts->server_name, sizeof facts->server_name, "%s", row[1] ? row[1] : "");
}

static enum login_result query_ended(struct login *login, MYSQL_RES *result, struct err *err)
{
    struct mysql_login *mysql = login->state;
    MYSQL_ROW row = result ? mysql_fetch_row(result) : NULL;
    if (row)
        read_facts(login, row);
    if (result)
        mysql_free_result(result);
    if (row) {
        login_watch(login, -1, 0);
        return LOGIN_READY;
    }
    if (mysql->phase != PHASE_CREATE || mysql_errno(mysql->conn))
        return fail(login, err);
    login->facts.database_created = mysql->created = true;
    return connect_to(login, PHASE_CONNECT, err);
}

// `waits` is what the query is suspended for, `failed` its outcome if it is not.
static enum login_result go_on_with_query(struct login *login, int failed, int waits,
                                          struct err *err)
{
    struct mysql_login *mysql = login->state;
    MYSQL_RES *result = NULL;
    if (is_suspended(login, waits))
        return LOGIN_PENDING;
    if (failed)
        return query_failed(login, err);
    mysql->has_answered = true;
    if (is_suspended(login, mysql_store_result_start(&result, mysql->conn)))
        return LOGIN_PENDING;
    return query_ended(login, result, err);
}

// Lets the suspended call go on; `ready` is what has come to pass of what it waits for.
static enum login_result go_on(struct login *login, int ready, struct err *err)
{
    struct mysql_login *mysql = login->state;
    MYSQL *conn = mysql->conn;
    if (mysql->phase == PHASE_CONNECT || mysql->phase == PHASE_CONNECT_SERVER) {
        MYSQL *result;
        const int waits = mysql_real_connect_cont(&result, conn, ready);
        return is_suspended(login, waits) ? LOGIN_PENDING : connected(login, err);
    }
    if (mysql->has_answered) {
        MYSQL_RES *result = NULL;
        const int waits = mysql_store_result_cont(&result, conn, ready);
        return is_suspended(login, waits) ? LOGIN_PENDING : query_ended(login, result, err);
    }
    int failed = 0;
    const int waits = mysql_real_query_cont(&failed, conn, ready);
    return go_on_with_query(login, failed, waits, err);
}

static enum login_result begin(struct login *login, struct err *err)
{
    struct mysql_login *mysql = login->state;
    if (libmariadb_load(err)) {
        err->kind = ERR_RESOURCE;
        return LOGIN_FAILED;
    }
    mysql->tls = first_tls(login);
    return connect_to(login, PHASE_CONNECT, err);
}

static enum login_result mysql_step(struct login *login, struct err *err)
{
    struct mysql_login *mysql = login->state;
    return mysql->conn ? go_on(login, mysql->waits, err) : begin(login, err);
}

static void *mysql_start(struct login *login)
{
    (void)login;
    struct mysql_login *mysql = mem_alloc(sizeof *mysql);
    mysql->arena = arena_new();
    return mysql;
}

// A suspended call holds memory and the socket on a stack that nobody else can free: it is told
// that its time is over, and ends.
static void end_suspended(struct mysql_login *mysql)
{
    MYSQL *connection;
    MYSQL_RES *result = NULL;
    int failed;
    while (mysql->waits) {
        if (mysql->phase == PHASE_CONNECT || mysql->phase == PHASE_CONNECT_SERVER)
            mysql->waits = mysql_real_connect_cont(&connection, mysql->conn, MYSQL_WAIT_TIMEOUT);
        else if (mysql->has_answered)
            mysql->waits = mysql_store_result_cont(&result, mysql->conn, MYSQL_WAIT_TIMEOUT);
        else
            mysql->waits = mysql_real_query_cont(&failed, mysql->conn, MYSQL_WAIT_TIMEOUT);
    }
    if (result)
        mysql_free_result(result);
}

static void mysql_login_free(void *state)
{
    struct mysql_login *mysql = state;
    if (mysql->conn) {
        end_suspended(mysql);
        mysql_close(mysql->conn);
    }
    arena_free(mysql->arena);
    free(mysql);
}

const struct login_driver login_mysql = {mysql_start, mysql_step, mysql_login_free};
