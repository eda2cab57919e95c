// Logging into Redis: all commands in one write, then their replies in order.
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "provisioners/login_driver.h"
#include "provisioners/redis_reply.h"

enum command { COMMAND_AUTH, COMMAND_SELECT, COMMAND_PING, COMMAND_INFO, COMMAND_CLIENT };

struct redis_login {
    int socket;
    bool connected;
    int connect_errno; // of the start
    enum command commands[5];
    size_t command_count, answered;
    struct strbuf out, in;
};

static void add_command(struct redis_login *redis, enum command command, const char *const *words)
{
    size_t count = 0;
    while (words[count])
        count++;
    strbuf_addf(&redis->out, "*%zu\r\n", count);
    for (size_t i = 0; i < count; i++)
        strbuf_addf(&redis->out, "$%zu\r\n%s\r\n", strlen(words[i]), words[i]);
    redis->commands[redis->command_count++] = command;
}

static void add_commands(struct redis_login *redis, const struct connection *connection)
{
    const char *password = connection->password, *user = connection->user;
    if (password && user)
        add_command(redis, COMMAND_AUTH, (const char *const[]){"AUTH", user, password, NULL});
    else if (password)
        add_command(redis, COMMAND_AUTH, (const char *const[]){"AUTH", password, NULL});
    if (connection->database)
        add_command(redis, COMMAND_SELECT,
                    (const char *const[]){"SELECT", connection->database, NULL});
    add_command(redis, COMMAND_PING, (const char *const[]){"PING", NULL});
    add_command(redis, COMMAND_INFO, (const char *const[]){"INFO", "server", NULL});
    add_command(redis, COMMAND_CLIENT, (const char *const[]){"CLIENT", "INFO", NULL});
}

static void begin_connect(struct redis_login *redis, const struct connection *connection)
{
    char port[8];
    snprintf(port, sizeof port, "%d", connection->port);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    if (getaddrinfo(connection->host, port, &hints, &found)) {
        redis->connect_errno = EADDRNOTAVAIL;
        return;
    }
    redis->socket = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (redis->socket < 0 ||
        (connect(redis->socket, found->ai_addr, found->ai_addrlen) && errno != EINPROGRESS))
        redis->connect_errno = errno;
    freeaddrinfo(found);
}

static void *redis_start(struct login *login)
{
    struct redis_login *redis = mem_alloc(sizeof *redis);
    *redis = (struct redis_login){.socket = -1, .out = STRBUF_INIT, .in = STRBUF_INIT};
    begin_connect(redis, login->request.connection);
    add_commands(redis, login->request.connection);
    if (!redis->connect_errno)
        login_watch(login, redis->socket, EPOLLOUT);
    return redis;
}

static void redis_free(void *state)
{
    struct redis_login *redis = state;
    if (redis->socket >= 0)
        close(redis->socket);
    // The commands hold the password.
    explicit_bzero(redis->out.data, redis->out.len);
    strbuf_release(&redis->out);
    strbuf_release(&redis->in);
    free(redis);
}

static enum login_result fail_errno(const struct login *login, int number, struct err *err)
{
    switch (number) {
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ETIMEDOUT:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EADDRNOTAVAIL: return login_fail(login, LOGIN_NOT_YET, strerror(number), err);
    default: return login_fail(login, LOGIN_FAILED, strerror(number), err);
    }
}

static void read_server(struct login_facts *facts, const struct redis_reply *reply)
{
    redis_reply_field(reply, "redis_version", ':', facts->server_version,
                      sizeof facts->server_version);
    redis_reply_field(reply, "run_id", ':', facts->instance, sizeof facts->instance);
}

// "172.17.0.2:6379" without its port
static void read_client(struct login_facts *facts, const struct redis_reply *reply)
{
    redis_reply_field(reply, "laddr", '=', facts->server_address, sizeof facts->server_address);
    char *colon = strrchr(facts->server_address, ':');
    if (colon)
        *colon = '\0';
}

static enum login_result refused(const struct login *login, enum command command,
                                 const struct redis_reply *reply, struct err *err)
{
    AUTOFREE char *words = mem_strndup(reply->text, reply->length);
    enum login_result result = LOGIN_FAILED;
    if (redis_reply_is_error(reply, "LOADING") || redis_reply_is_error(reply, "BUSY") ||
        redis_reply_is_error(reply, "MASTERDOWN") || redis_reply_is_error(reply, "TRYAGAIN"))
        result = LOGIN_NOT_YET;
    else if (command == COMMAND_AUTH || redis_reply_is_error(reply, "NOAUTH") ||
             redis_reply_is_error(reply, "WRONGPASS"))
        result = LOGIN_DENIED;
    else if (command == COMMAND_SELECT)
        result = LOGIN_NO_DATABASE;
    return login_fail(login, result, words, err);
}

// Takes the reply to the next command.
static enum login_result take_reply(struct login *login, const struct redis_reply *reply,
                                    struct err *err)
{
    struct redis_login *redis = login->state;
    enum command command = redis->commands[redis->answered++];
    // What the server tells of itself is not needed for the proof; an old or a guarded one does
    // not.
    if (reply->type == '-' && command != COMMAND_INFO && command != COMMAND_CLIENT)
        return refused(login, command, reply, err);
    if (reply->type == '$' && command == COMMAND_INFO)
        read_server(&login->facts, reply);
    if (reply->type == '$' && command == COMMAND_CLIENT)
        read_client(&login->facts, reply);
    if (redis->answered < redis->command_count)
        return LOGIN_PENDING;
    login->facts.is_final_instance = true;
    login_watch(login, -1, 0);
    return LOGIN_READY;
}

static enum login_result take_replies(struct login *login, struct err *err)
{
    struct redis_login *redis = login->state;
    enum login_result result = LOGIN_PENDING;
    while (result == LOGIN_PENDING) {
        struct redis_reply reply;
        ssize_t taken = redis_reply_read(redis->in.data, redis->in.len, &reply);
        if (taken < 0)
            return login_fail(login, LOGIN_FAILED, "the server does not speak Redis's protocol",
                              err);
        if (taken == 0)
            break;
        result = take_reply(login, &reply, err);
        strbuf_consume(&redis->in, (size_t)taken);
    }
    return result;
}

static enum login_result step_write(struct login *login, struct err *err)
{
    struct redis_login *redis = login->state;
    ssize_t count = send(redis->socket, redis->out.data, redis->out.len, MSG_NOSIGNAL);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? LOGIN_PENDING : fail_errno(login, errno, err);
    strbuf_consume(&redis->out, (size_t)count);
    login_watch(login, redis->socket, redis->out.len ? EPOLLOUT : EPOLLIN);
    return LOGIN_PENDING;
}

static enum login_result step_read(struct login *login, struct err *err)
{
    struct redis_login *redis = login->state;
    char bytes[4096];
    ssize_t count = recv(redis->socket, bytes, sizeof bytes, 0);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? LOGIN_PENDING : fail_errno(login, errno, err);
    if (count == 0)
        return login_fail(login, LOGIN_NOT_YET, "the server closed the connection", err);
    strbuf_add(&redis->in, bytes, (size_t)count);
    return take_replies(login, err);
}

static enum login_result redis_step(struct login *login, struct err *err)
{
    struct redis_login *redis = login->state;
    if (login->request.connection->tls)
        return login_fail(login, LOGIN_FAILED, "TLS to Redis is not yet done by this version", err);
    if (redis->connect_errno)
        return fail_errno(login, redis->connect_errno, err);
    if (!redis->connected) {
        int number = 0;
        socklen_t size = sizeof number;
        if (getsockopt(redis->socket, SOL_SOCKET, SO_ERROR, &number, &size) || number)
            return fail_errno(login, number, err);
        redis->connected = true;
    }
    return redis->out.len ? step_write(login, err) : step_read(login, err);
}

const struct login_driver login_redis = {redis_start, redis_step, redis_free};
