#pragma once
// A real login, as the real user on the real database, without blocking: the one proof of
// readiness.
//
// The caller owns the loop: after login_start it waits until login_fd is ready for what login_wants
// says, calls login_step, and again, until the result is not LOGIN_PENDING. A login to Postgres or
// MySQL goes to the application's database and asks the server what it is; a missing database is
// made, when that was asked for, and then logged into. Redis: AUTH when there is a password, PING.
// SQLite: ready at once.
//
// SQL Server's client library knows no login that does not block (login_blocks): its one step does
// all of it, and belongs into a worker.
//
// There is no time limit inside: whoever waits has a deadline and frees the login when it passes.

#include <stdbool.h>

#include "base/err.h"
#include "provisioners/connection.h"

enum login_result {
    LOGIN_PENDING,
    LOGIN_READY,
    LOGIN_NOT_YET,     // refused, reset, "starting up": try again
    LOGIN_DENIED,      // the server is there and refuses these credentials (28P01, 1045, NOAUTH)
    LOGIN_NO_DATABASE, // the server is there, the database is not, and making it was not asked for
    LOGIN_FAILED,      // will not get better by waiting
};

struct login_request {
    const struct connection *connection; // borrowed until login_free
    bool create_database;
};

// What the server said of itself; filled with LOGIN_READY.
struct login_facts {
    char server_address[64]; // as the server sees itself (inet_server_addr); "" when not known
    char server_name[64];    // what it takes its machine's name to be; "" when not known
    char server_version[64];
    char instance[64]; // another text after the server was started again; "" when not known
    // false: perhaps an image's temporary server, which goes away once the data is set up. Of use
    // only for a server in a container: one that was started by hand with listen_addresses among
    // its arguments, beside a shell, looks the same.
    bool is_final_instance;
    bool database_created;
};

struct login;

bool login_blocks(const struct engine *engine);
// Never fails at once: a failure is the result of the first step. Owned by the caller.
struct login *login_start(const struct login_request *request);
void login_free(struct login *login); // NULL is fine; closes its sockets
// -1: there is nothing to wait for, call login_step right away. Else the descriptor is the login's
// own and always the same, whatever sockets come and go behind it.
int login_fd(const struct login *login);
// Always false: the descriptor becomes readable for a socket that can be written to, too.
bool login_wants_write(const struct login *login);
// Never blocks, but where login_blocks says so: a step that comes too early changes nothing.
// err is filled for every result from LOGIN_NOT_YET on: the server's words, one line, no secret.
// After such a result, and after LOGIN_READY, the login is over: it is only to be freed.
enum login_result login_step(struct login *login, struct err *err);
const struct login_facts *login_facts(const struct login *login);
