#include "base/tds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/libsybdb.h"
#include "base/mem.h"
#include "base/redact.h"
#include "base/tds_prelogin.h"

enum { LOGIN_TIMEOUT_S = 10, PRELOGIN_TIMEOUT_S = 2, DEFAULT_PORT = 1433 };

// Numbers of the library's own errors: <syberror.h>.
enum {
    LIBRARY_CONNECTION_FAILED = SYBEFCON,
    LIBRARY_NOBODY_THERE = SYBECONN,
    LIBRARY_SEES_MESSAGES = SYBESMSG // of the server, which say it better
};

// What the handlers hear is said to the session that is in a call.
static struct tds *current;

static void clear_messages(struct tds *tds)
{
    vec_each (message, &tds->messages) {
        free(message->text);
        free(message->procedure);
    }
    tds->messages.len = 0;
}

static int on_message(DBPROCESS *process, DBINT number, int state, int severity, char *text,
                      char *server, char *procedure, int line)
{
    (void)process;
    (void)server;
    if (current)
        vec_push(&current->messages,
                 (struct tds_message){.number = number,
                                      .state = state,
                                      .severity = severity,
                                      .line = line,
                                      .text = mem_strdup(text ? text : ""),
                                      .procedure = mem_strdup(procedure ? procedure : "")});
    return 0;
}

// The library still speaks as that of another server, by the name of our section.
static char *describe_library_error(int number, int system_error, const char *text,
                                    const char *system_text)
{
    const char *said = number == LIBRARY_CONNECTION_FAILED ? "the connection failed"
                       : number == LIBRARY_NOBODY_THERE    ? "nobody answers there"
                       : text                              ? text
                                                           : "failed";
    return system_error > 0 && system_text ? mem_printf("%s (%s)", said, system_text)
                                           : mem_strdup(said);
}

static int on_library_error(DBPROCESS *process, int severity, int number, int system_error,
                            char *text, char *system_text)
{
    (void)process;
    (void)severity;
    if (current && number != LIBRARY_SEES_MESSAGES)
        vec_push(&current->messages,
                 (struct tds_message){
                     .library = number,
                     .severity = TDS_SEVERITY_ERROR,
                     .text = describe_library_error(number, system_error, text, system_text),
                     .procedure = mem_strdup("")});
    return INT_CANCEL;
}

static int load(struct err *err)
{
    static bool is_ready;
    if (is_ready)
        return 0;
    if (libsybdb_load(err))
        return -1;
    if (dbinit() == FAIL)
        return err_set(err, ERR_FAILED, "FreeTDS could not be set up");
    dbmsghandle(on_message);
    dberrhandle(on_library_error);
    // They would lead to another server than the one that is asked for.
    unsetenv("TDSHOST");
    unsetenv("TDSPORT");
    unsetenv("TDSVER");
    is_ready = true;
    return 0;
}

static bool fits_in_line(const char *text)
{
    for (; text && *text; text++)
        if ((unsigned char)*text < ' ')
            return false;
    return true;
}

// The library takes what its functions have no word for from a configuration file alone. There is
// no secret in it, and it lies in memory.
static void write_configuration(const struct tds_address *address, struct strbuf *out)
{
    static const char *const encryption[] = {[TDS_ENCRYPT_NOTHING] = "off",
                                             [TDS_ENCRYPT_LOGIN] = "request",
                                             [TDS_ENCRYPT_ALL] = "require"};
    strbuf_addf(out, "[berth]\nhost = %s\ntds version = 7.4\nclient charset = UTF-8\n",
                address->host);
    if (address->instance)
        strbuf_addf(out, "instance = %s\n", address->instance);
    else
        strbuf_addf(out, "port = %d\n", address->port > 0 ? address->port : DEFAULT_PORT);
    strbuf_addf(out, "text size = 2147483647\nencryption = %s\n", encryption[address->encryption]);
    if (address->encryption != TDS_ENCRYPT_NOTHING && !address->trusts_certificate)
        strbuf_addf(out, "ca file = %s\n", address->authority ? address->authority : "system");
}

static int make_configuration(const struct tds_address *address, struct err *err)
{
    AUTO_STRBUF text = STRBUF_INIT;
    if (!fits_in_line(address->host) || !fits_in_line(address->instance) ||
        !fits_in_line(address->authority))
        return err_set(err, ERR_INVALID, "the connection string has a control character");
    write_configuration(address, &text);
    AUTOCLOSE int fd = memfd_create("freetds.conf", MFD_CLOEXEC);
    if (fd < 0 || write(fd, text.data, text.len) != (ssize_t)text.len)
        return err_set_errno(err, "cannot write the library's configuration");
    return TAKE_FD(fd);
}

static LOGINREC *new_login(const struct tds_address *address, const char *database)
{
    LOGINREC *login = dblogin();
    if (!login)
        abort();
    DBSETLUSER(login, address->user ? address->user : "");
    DBSETLPWD(login, address->password ? address->password : "");
    DBSETLAPP(login, "berth");
    if (database)
        DBSETLDBNAME(login, database);
    return login;
}

// Why it failed, where it failed before anybody could log in.
static enum tds_tls examine_tls(const struct tds *tds, const struct tds_address *address)
{
    static const enum tds_offer wanted[] = {[TDS_ENCRYPT_NOTHING] = TDS_OFFER_NOTHING,
                                            [TDS_ENCRYPT_LOGIN] = TDS_OFFER_LOGIN,
                                            [TDS_ENCRYPT_ALL] = TDS_OFFER_ALL};
    const struct tds_message *error = tds_error(tds);
    if (!error || error->library != LIBRARY_CONNECTION_FAILED || address->instance)
        return TDS_TLS_FINE;
    const enum tds_offer offer =
        tds_prelogin_ask(address->host, address->port > 0 ? address->port : DEFAULT_PORT,
                         wanted[address->encryption], PRELOGIN_TIMEOUT_S);
    if (offer == TDS_OFFER_UNKNOWN)
        return TDS_TLS_FINE;
    if (address->encryption == TDS_ENCRYPT_ALL && offer == TDS_OFFER_NOTHING)
        return TDS_TLS_MISSING;
    if (address->encryption == TDS_ENCRYPT_NOTHING && offer != TDS_OFFER_NOTHING)
        return TDS_TLS_REQUIRED;
    return address->trusts_certificate ? TDS_TLS_FINE : TDS_TLS_UNTRUSTED;
}

static int explain_tls(enum tds_tls tls, struct err *err)
{
    switch (tls) {
    case TDS_TLS_MISSING:
        err_set(err, ERR_FAILED, "TLS is asked for, and the server has none");
        return err_hint(err, "encrypt=false encrypts the login where the server can");
    case TDS_TLS_REQUIRED:
        err_set(err, ERR_FAILED, "the server wants TLS, and the connection string forbids it");
        return err_hint(err, "leave encrypt=DANGER_PLAINTEXT out");
    case TDS_TLS_UNTRUSTED:
        err_set(err, ERR_FAILED,
                "TLS failed: the server's certificate is checked, and nobody who "
                "is known vouches for it");
        return err_hint(err,
                        "name who does with trustServerCertificateCA=/path/of.pem, or take any "
                        "certificate with trustServerCertificate=true");
    case TDS_TLS_FINE: break;
    }
    return 0;
}

// The server's words, without the password that it may repeat.
static int connect_failed(struct tds *tds, const struct tds_address *address, struct err *err)
{
    struct err said;
    struct redactor *redactor = redactor_new();
    AUTO_STRBUF line = STRBUF_INIT;
    tds->tls = examine_tls(tds, address);
    if (address->password)
        redactor_add(redactor, address->password);
    tds_fail(tds, &said);
    redactor_apply(redactor, said.message, strlen(said.message), &line);
    redactor_free(redactor);
    if (tds->tls != TDS_TLS_FINE)
        return explain_tls(tds->tls, err);
    return err_set(err, ERR_FAILED, "%s", line.data);
}

int tds_connect(struct tds *tds, const struct tds_address *address, const char *database,
                struct err *err)
{
    char path[32];
    if (load(err))
        return -1;
    AUTOCLOSE int configuration = make_configuration(address, err);
    if (configuration < 0)
        return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", configuration);
    dbsetifile(path);
    dbsetlogintime(address->timeout_s > 0 ? address->timeout_s : LOGIN_TIMEOUT_S);
    LOGINREC *login = new_login(address, database);
    clear_messages(tds);
    tds->tls = TDS_TLS_FINE;
    current = tds;
    tds->process = tdsdbopen(login, "berth", 1);
    current = NULL;
    dbloginfree(login);
    return tds->process ? 0 : connect_failed(tds, address, err);
}

void tds_release(struct tds *tds)
{
    clear_messages(tds);
    current = tds;
    if (tds->process)
        dbclose(tds->process);
    current = NULL;
    clear_messages(tds);
    vec_release(&tds->messages);
    *tds = (struct tds)TDS_INIT;
}

static bool is_text(int type)
{
    return type == SYBCHAR || type == SYBVARCHAR || type == SYBTEXT || type == SYBNTEXT ||
           type == SYBNVARCHAR;
}

// NULL for NULL. Owned by the caller.
static char *value_of(DBPROCESS *process, int column)
{
    enum { NUMBER_SIZE = 64 };
    const BYTE *data = dbdata(process, column);
    const DBINT length = dbdatlen(process, column);
    const int type = dbcoltype(process, column);
    char number[NUMBER_SIZE];
    if (!data)
        return NULL;
    if (is_text(type))
        return mem_strndup((const char *)data, (size_t)length);
    const DBINT size =
        dbconvert(process, type, data, length, SYBCHAR, (BYTE *)number, NUMBER_SIZE - 1);
    return mem_strndup(number, size > 0 ? (size_t)size : 0);
}

static void read_rows(struct tds *tds, tds_row *row, void *context)
{
    const int count = dbnumcols(tds->process);
    VEC_OF(char *) values = {0};
    STATUS status;
    while ((status = dbnextrow(tds->process)) != NO_MORE_ROWS && status != FAIL) {
        if (!row)
            continue;
        for (int i = 1; i <= count; i++)
            vec_push(&values, value_of(tds->process, i));
        row(context, (const char *const *)values.items);
        vec_each (value, &values)
            free(*value);
        values.len = 0;
    }
    vec_release(&values);
}

static void read_results(struct tds *tds, tds_row *row, void *context, int64_t *rows)
{
    RETCODE status = dbsqlok(tds->process);
    while (!dbdead(tds->process) && (status = dbresults(tds->process)) != NO_MORE_RESULTS) {
        if (status == SUCCEED && dbnumcols(tds->process) > 0)
            read_rows(tds, row, context);
        else if (status == SUCCEED && rows && dbiscount(tds->process))
            *rows += dbcount(tds->process);
    }
}

int tds_batch(struct tds *tds, const char *sql, tds_row *row, void *context, int64_t *rows)
{
    clear_messages(tds);
    current = tds;
    if (dbcmd(tds->process, sql) == SUCCEED && dbsqlsend(tds->process) == SUCCEED)
        read_results(tds, row, context, rows);
    current = NULL;
    return tds_error(tds) || tds_is_lost(tds) ? -1 : 0;
}

const struct tds_message *tds_error(const struct tds *tds)
{
    vec_each (message, &tds->messages)
        if (message->severity >= TDS_SEVERITY_ERROR)
            return message;
    return NULL;
}

bool tds_said(const struct tds *tds, int number)
{
    vec_each (message, &tds->messages)
        if (message->number == number)
            return true;
    return false;
}

bool tds_is_lost(const struct tds *tds)
{
    return !tds->process || dbdead(tds->process);
}

int tds_fail(const struct tds *tds, struct err *err)
{
    const struct tds_message *error = tds_error(tds);
    if (!error)
        return err_set(err, ERR_FAILED, "the server went away");
    const int length = (int)strcspn(error->text, "\r\n");
    if (error->library)
        return err_set(err, ERR_FAILED, "%.*s", length, error->text);
    return err_set(err, ERR_FAILED, "%.*s (%d)", length, error->text, error->number);
}
