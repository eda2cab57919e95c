#pragma once
// What the logins of the engines share; private to this room.

#include <stdint.h>

#include "provisioners/login.h"
#include "provisioners/resolve.h"

// One engine's way to log in. Started once the addresses are known; `state` is the driver's.
struct login_driver {
    void *(*start)(struct login *login);
    enum login_result (*step)(struct login *login, struct err *err);
    void (*free)(void *state);
};

struct login {
    struct login_request request;
    struct login_facts facts;
    struct addresses addresses; // of the host; none for a socket's directory
    int resolve_fd;             // -1: they are known
    const struct login_driver *driver;
    void *state; // NULL: not started
    int poll_fd; // epoll, so that the caller's descriptor stays when sockets change
    int watched; // the socket in it; -1: none, step right away
};

// Waits for `events` (EPOLLIN, EPOLLOUT) of the socket from now on; -1: for nothing.
void login_watch(struct login *login, int socket, uint32_t events);

// Fills err with the first line of `text`, the password blotted out, and returns `result`. `text`
// may be NULL or empty.
enum login_result login_fail(const struct login *login, enum login_result result, const char *text,
                             struct err *err);

extern const struct login_driver login_mssql, login_mysql, login_postgres, login_redis;
