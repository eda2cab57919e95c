#pragma once
// A real login, as the real user on the real database, without blocking: the one proof of
// readiness.
//
// The caller owns the loop: after login_start it waits until login_fd is ready for what login_wants
// says, calls login_step, and again, until the result is not LOGIN_PENDING. (fd and wants may
// change with every step.) A Postgres login goes to the administrator's database first, makes the
// application's database when asked to, logs into that and runs SELECT 1. Redis: AUTH when there is
// a password, PING.

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
    char server_version[64];
    bool is_final_instance; // false: may be an image's temporary server (its postmaster is not pid
                            // 1)
    bool database_created;
};

struct login;

// Never fails at once: a failure is the result of the first step. Owned by the caller.
struct login *login_start(const struct login_request *request);
void login_free(struct login *login);    // NULL is fine; closes its socket
int login_fd(const struct login *login); // -1: call login_step right away
bool login_wants_write(const struct login *login);
// err is filled for every result from LOGIN_NOT_YET on: the server's words, one line, no secret.
enum login_result login_step(struct login *login, struct err *err);
const struct login_facts *login_facts(const struct login *login);
