#pragma once
// Servers of a test's own for logins, and what drives a login to its end. The threads of the
// servers use no cmocka: it is not theirs.
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "provisioners/login.h"

// A server on a free port that handles one connection after the other.
struct server {
    int listener, port;
    pthread_t thread;
    void (*serve)(struct server *server, int client);
    const char *behaviour; // what the serving function makes of itself
    int connections;
    bool has_database;
    char log[2048]; // the queries that came, one a line
};

static inline void *run_server(void *context)
{
    struct server *server = context;
    for (;;) {
        int client = accept(server->listener, NULL, NULL);
        if (client < 0)
            return NULL;
        server->connections++;
        server->serve(server, client);
        close(client);
    }
}

static inline int open_listener(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static inline void server_start(struct server *server)
{
    server->listener = open_listener(&server->port);
    assert_int_equal(pthread_create(&server->thread, NULL, run_server, server), 0);
}

static inline void server_stop(struct server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
}

static inline bool read_whole(int fd, void *bytes, size_t length)
{
    return recv(fd, bytes, length, MSG_WAITALL) == (ssize_t)length;
}

// Drives a login to its end as a loop would.
static inline enum login_result finish(struct login *login, struct err *err)
{
    const int64_t deadline = clock_monotonic_ms() + 10000;
    for (;;) {
        struct pollfd ready = {login_fd(login), login_wants_write(login) ? POLLOUT : POLLIN, 0};
        if (ready.fd >= 0)
            poll(&ready, 1, 10000);
        enum login_result result = login_step(login, err);
        if (result != LOGIN_PENDING)
            return result;
        assert_true(clock_monotonic_ms() < deadline);
    }
}
