// Logging into SQL Server through db-lib, which knows no other way than to wait for the answers:
// the one step does all of it, and blocks.
//
//     connect to the database ── 4060 ──> connect to the server ── is it there? ── no ──> CREATE
//       │      ^                                                      │ yes: not yet         │
//       │      └──────────────────────────────────────────────────────┼──────────────────────┘
//       └──> ask the server what it is ──> ready
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/tds.h"
#include "provisioners/login_driver.h"

// Numbers of the server's messages: sys.messages.
enum {
    NO_SUCH_DATABASE = 911,
    CANNOT_OPEN_DATABASE = 4060,
    LOGIN_FAILED_FOR_USER = 18456,
    LOGIN_TIMEOUT_S = 4 // less than a probe waits
};

struct mssql_login {
    struct tds_address address;
    struct tds tds;
};

// A container's name of itself is the beginning of its id.
static const char question[] = "SELECT CAST(SERVERPROPERTY('MachineName') AS NVARCHAR(64)), "
                               "CAST(SERVERPROPERTY('ProductVersion') AS NVARCHAR(64))";

static bool is_any(const struct tds *tds, const int *numbers)
{
    for (; *numbers; numbers++)
        if (tds_said(tds, *numbers))
            return true;
    return false;
}

// A login that is refused is told by 18456 alone, whatever the reason: others that come with it say
// more.
static enum login_result classify(const struct tds *tds)
{
    static const int not_yet[] = {904,   921,   922,   924,   927,
                                  942,   945, // the database is being opened, or is not open
                                  4014,  17142, 17809, 17828, 18401,
                                  18451, 18461, // starting, paused, full, shutting down
                                  40197, 40501, 40613, 49918, 0};
    static const int denied[] = {916, LOGIN_FAILED_FOR_USER, 18452, 18470, 18486, 18487, 18488, 0};
    const struct tds_message *error = tds_error(tds);
    if (tds->tls != TDS_TLS_FINE)
        return LOGIN_FAILED;
    if (!error || error->library) // nobody there, or gone
        return LOGIN_NOT_YET;
    if (tds_said(tds, CANNOT_OPEN_DATABASE) || tds_said(tds, NO_SUCH_DATABASE))
        return LOGIN_NO_DATABASE;
    if (is_any(tds, not_yet))
        return LOGIN_NOT_YET;
    return is_any(tds, denied) ? LOGIN_DENIED : LOGIN_FAILED;
}

static enum login_result fail(struct login *login, enum login_result result, struct err *err)
{
    const struct mssql_login *mssql = login->state;
    struct err said;
    tds_fail(&mssql->tds, &said);
    return login_fail(login, result, said.message, err);
}

// LOGIN_READY, or what came of it; err has the words.
static enum login_result connect_to(struct mssql_login *mssql, const char *database,
                                    struct err *err)
{
    tds_release(&mssql->tds);
    if (tds_connect(&mssql->tds, &mssql->address, database, err) == 0)
        return LOGIN_READY;
    err->kind = ERR_RESOURCE;
    // Without an error of a server's or the library's that one is not to be had.
    return tds_error(&mssql->tds) ? classify(&mssql->tds) : LOGIN_FAILED;
}

static void take_state(void *context, const char *const *values)
{
    snprintf(context, 64, "%s", values[0] ? values[0] : "");
}

// The name as a literal and as an identifier: N'a''b', [a]]b].
static void add_quoted(struct strbuf *out, const char *name, const char *open, char close)
{
    strbuf_adds(out, open);
    for (; *name; name++) {
        strbuf_addch(out, *name);
        if (*name == close)
            strbuf_addch(out, close);
    }
    strbuf_addch(out, close);
}

static int create_database(struct mssql_login *mssql, const char *name)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_adds(&sql, "CREATE DATABASE ");
    add_quoted(&sql, name, "[", ']');
    return tds_batch(&mssql->tds, sql.data, NULL, NULL, NULL);
}

// The database could not be opened: it is still being made or recovered, or there is none.
static enum login_result look_for_database(struct login *login, struct err *err)
{
    enum { ALREADY_THERE = 1801 };
    struct mssql_login *mssql = login->state;
    const char *name = login->request.connection->database;
    char state[64] = "";
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_adds(&sql, "SELECT state_desc FROM sys.databases WHERE name = ");
    add_quoted(&sql, name, "N'", '\'');
    const enum login_result reached = connect_to(mssql, NULL, err);
    if (reached != LOGIN_READY)
        return reached;
    if (tds_batch(&mssql->tds, sql.data, take_state, state, NULL))
        return fail(login, classify(&mssql->tds), err);
    if (state[0]) {
        AUTOFREE char *said = mem_printf("the database %s is %s", name, state);
        return login_fail(login, LOGIN_NOT_YET, said, err);
    }
    if (!login->request.create_database) {
        AUTOFREE char *said = mem_printf("there is no database \"%s\"", name);
        return login_fail(login, LOGIN_NO_DATABASE, said, err);
    }
    if (create_database(mssql, name) && !tds_said(&mssql->tds, ALREADY_THERE))
        return fail(login, LOGIN_FAILED, err);
    login->facts.database_created = true;
    return connect_to(mssql, name, err);
}

static void take_facts(void *context, const char *const *values)
{
    struct login_facts *facts = context;
    snprintf(facts->server_name, sizeof facts->server_name, "%s", values[0] ? values[0] : "");
    snprintf(facts->server_version, sizeof facts->server_version, "%s", values[1] ? values[1] : "");
}

static enum login_result ask(struct login *login, struct err *err)
{
    struct mssql_login *mssql = login->state;
    if (tds_batch(&mssql->tds, question, take_facts, &login->facts, NULL))
        return fail(login, classify(&mssql->tds), err);
    // The image has no temporary server.
    login->facts.is_final_instance = true;
    return LOGIN_READY;
}

static enum login_result step(struct login *login, struct err *err)
{
    struct mssql_login *mssql = login->state;
    AUTO_STRBUF url = STRBUF_INIT;
    connection_url(login->request.connection, &url);
    if (tds_address_read(url.data, &mssql->address, err))
        return LOGIN_FAILED;
    if (mssql->address.timeout_s == 0)
        mssql->address.timeout_s = LOGIN_TIMEOUT_S;
    enum login_result result = connect_to(mssql, login->request.connection->database, err);
    if (result == LOGIN_NO_DATABASE)
        result = look_for_database(login, err);
    return result == LOGIN_READY ? ask(login, err) : result;
}

static void *start(struct login *login)
{
    (void)login;
    return mem_alloc(sizeof(struct mssql_login));
}

static void free_state(void *state)
{
    struct mssql_login *mssql = state;
    tds_release(&mssql->tds);
    tds_address_release(&mssql->address);
    free(mssql);
}

const struct login_driver login_mssql = {start, step, free_state};
