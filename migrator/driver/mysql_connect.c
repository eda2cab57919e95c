#include <errmsg.h>
#include <mysqld_error.h>
#include <stdlib.h>
#include <string.h>

#include "base/redact.h"
#include "base/url.h"
#include "migrator/driver/mysql.h"
#include "migrator/sql_quote.h"

enum {
    CONNECT_TIMEOUT_S = 10,
    SECURE_TRANSPORT_REQUIRED = 3159 // of both servers; the header knows it by no name
};

// The methods that never show the server the password itself.
#define SAFE_METHODS "caching_sha2_password,mysql_native_password,sha256_password,client_ed25519"

// What an error of a server that wants TLS, or has none, leaves to be tried.
enum tls { TLS_NONE, TLS_UNCHECKED, TLS_CHECKED };

// A server that is asked for, as the URL says. The strings are owned.
struct place {
    struct url url;
    char *socket, *authority, *accept;
    unsigned timeout_s;
};

static int place_read(const char *text, struct place *out, struct err *err)
{
    struct place place = {.timeout_s = CONNECT_TIMEOUT_S};
    if (url_parse(text, &place.url, err))
        return err_wrap(err, "the database's URL");
    place.socket = url_query_get(&place.url, "socket");
    place.authority = url_query_get(&place.url, "sslcert");
    place.accept = url_query_get(&place.url, "sslaccept");
    AUTOFREE char *timeout = url_query_get(&place.url, "connect_timeout");
    if (timeout && strtoul(timeout, NULL, 10) > 0)
        place.timeout_s = (unsigned)strtoul(timeout, NULL, 10);
    *out = place;
    return 0;
}

static void place_release(struct place *place)
{
    free(place->socket);
    free(place->authority);
    free(place->accept);
    url_release(&place->url);
}

static bool is_loopback(const struct place *place)
{
    const char *host = place->url.host;
    return place->socket || !host || strcmp(host, "localhost") == 0 ||
           strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

static bool asks_for_tls(const struct place *place)
{
    return place->authority || place->accept;
}

// Unasked, a server elsewhere is spoken to by TLS where it has any, as its own client does.
static enum tls first_tls(const struct place *place)
{
    if (place->accept ? strcmp(place->accept, "strict") == 0 : place->authority != NULL)
        return TLS_CHECKED;
    return asks_for_tls(place) || !is_loopback(place) ? TLS_UNCHECKED : TLS_NONE;
}

static MYSQL *connect_with(const struct place *place, const char *database, enum tls tls)
{
    const struct url *url = &place->url;
    const unsigned off = 0, timeout_s = place->timeout_s;
    const char is_enforced = tls != TLS_NONE, is_checked = tls == TLS_CHECKED;
    const char *host = url->host && *url->host ? url->host : "127.0.0.1";
    MYSQL *conn = mysql_init(NULL);
    mysql_options(conn, MYSQL_OPT_CONNECT_TIMEOUT, &timeout_s);
    mysql_options(conn, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(conn, MYSQL_OPT_LOCAL_INFILE, &off);
    mysql_options(conn, MARIADB_OPT_RESTRICTED_AUTH, SAFE_METHODS);
    mysql_options(conn, MYSQL_OPT_SSL_ENFORCE, &is_enforced);
    mysql_options(conn, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &is_checked);
    if (place->authority)
        mysql_options(conn, MYSQL_OPT_SSL_CA, place->authority);
    // "localhost" is the socket to the library; a URL means TCP.
    mysql_real_connect(conn, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, url->user,
                       url->password, database, url->port > 0 ? (unsigned)url->port : 3306,
                       place->socket, CLIENT_MULTI_STATEMENTS);
    return conn;
}

static int connect_error(const struct place *place, MYSQL *conn, struct err *err)
{
    const struct url *url = &place->url;
    struct redactor *redactor = redactor_new();
    AUTO_STRBUF line = STRBUF_INIT;
    if (url->password)
        redactor_add(redactor, url->password);
    redactor_apply(redactor, mysql_error(conn), strlen(mysql_error(conn)), &line);
    redactor_free(redactor);
    return err_set(err, ERR_FAILED, "cannot connect to %s:%d, database %s: %s (%u)",
                   url->host ? url->host : "127.0.0.1", url->port > 0 ? url->port : 3306,
                   url->path ? url->path : "?", line.data, mysql_errno(conn));
}

// The library itself insists only where it checks the certificate.
static MYSQL *insist_on_tls(const struct place *place, MYSQL *conn, unsigned *code, struct err *err)
{
    if (!asks_for_tls(place) || mysql_get_ssl_cipher(conn))
        return conn;
    mysql_close(conn);
    *code = CR_SSL_CONNECTION_ERROR;
    err_set(err, ERR_FAILED,
            "cannot connect to %s:%d, database %s: TLS is asked for, and the "
            "server has none",
            place->url.host, place->url.port > 0 ? place->url.port : 3306, place->url.path);
    return NULL;
}

// NULL: failed, with the server's number in *code.
static MYSQL *connect_place(const struct place *place, const char *database, unsigned *code,
                            struct err *err)
{
    enum tls tls = first_tls(place);
    for (bool again = true;; again = false) {
        MYSQL *conn = connect_with(place, database, tls);
        *code = mysql_errno(conn);
        if (*code == 0)
            return insist_on_tls(place, conn, code, err);
        const bool wants_tls = *code == SECURE_TRANSPORT_REQUIRED && tls == TLS_NONE;
        const bool has_no_tls = *code == CR_SSL_CONNECTION_ERROR && !asks_for_tls(place);
        connect_error(place, conn, err);
        mysql_close(conn);
        if (!again || (!wants_tls && !has_no_tls))
            return NULL;
        tls = wants_tls ? TLS_UNCHECKED : TLS_NONE;
    }
}

static int create_database(const struct place *place, struct mysql *mysql, struct err *err)
{
    unsigned code;
    AUTO_STRBUF sql = STRBUF_INIT;
    mysql->conn = connect_place(place, NULL, &code, err);
    if (!mysql->conn)
        return -1;
    // Somebody else may have made it meanwhile.
    strbuf_adds(&sql, "CREATE DATABASE IF NOT EXISTS ");
    sql_quote_identifier(SQL_MYSQL, place->url.path, &sql);
    if (mysql_exchange(mysql, sql.data, sql.len, NULL) ||
        mysql_select_db(mysql->conn, place->url.path))
        return err_set(err, ERR_FAILED, "cannot make the database %s: %s (%u)", place->url.path,
                       mysql_error(mysql->conn), mysql_errno(mysql->conn));
    driver_say(&mysql->driver, "made the database %s", place->url.path);
    return 0;
}

int mysql_connect_url(const char *url_text, enum driver_mode mode, struct mysql *mysql,
                      bool *missing, struct err *err)
{
    struct place place;
    unsigned code;
    if (place_read(url_text, &place, err))
        return -1;
    mysql->driver.place = mem_printf("%s at %s:%d", place.url.path ? place.url.path : "?",
                                     place.url.host ? place.url.host : "127.0.0.1",
                                     place.url.port > 0 ? place.url.port : 3306);
    int failed = 0;
    if (!place.url.path || !*place.url.path) {
        err_set(err, ERR_INVALID, "the database's URL names no database");
        failed = err_hint(err, "mysql://user:password@host:port/database");
    } else {
        mysql->database = mem_strdup(place.url.path);
        mysql->conn = connect_place(&place, place.url.path, &code, err);
        const bool is_missing = !mysql->conn && code == ER_BAD_DB_ERROR;
        failed = mysql->conn ? 0 : -1;
        if (missing)
            *missing = is_missing;
        if (is_missing && mode == DRIVER_WRITE)
            failed = create_database(&place, mysql, err);
    }
    place_release(&place);
    return failed;
}
