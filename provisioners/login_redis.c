// Logging into Redis: all commands in one write, then their replies in order.
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
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
    int connect_errno; // of the last address
    size_t address;    // to try next
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

static int open_socket(const struct login *login, const char *address)
{
    char port[8];
    snprintf(port, sizeof port, "%d", login->request.connection->port);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    if (getaddrinfo(address, port, &hints, &found)) {
        errno = EADDRNOTAVAIL;
        return -1;
    }
    AUTOCLOSE int fd =
        socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
    int failed = fd < 0 || (connect(fd, found->ai_addr, found->ai_addrlen) && errno != EINPROGRESS);
    int number = errno;
    freeaddrinfo(found);
    errno = number;
    return failed ? -1 : TAKE_FD(fd);
}

// Begins to connect to the next address that lets it begin; with none left connect_errno stays.
static void begin_connect(struct login *login, struct redis_login *redis)
{
    login_watch(login, -1, 0);
    if (redis->socket >= 0)
        close(redis->socket);
    redis->socket = -1;
    while (redis->socket < 0 && redis->address < login->addresses.count) {
        redis->socket = open_socket(login, login->addresses.items[redis->address++]);
        redis->connect_errno = redis->socket < 0 ? errno : 0;
    }
    if (redis->socket >= 0)
        login_watch(login, redis->socket, EPOLLOUT);
}

static void *redis_start(struct login *login)
{
    struct redis_login *redis = mem_alloc(sizeof *redis);
    *redis = (struct redis_login){
        .socket = -1, .connect_errno = EADDRNOTAVAIL, .out = STRBUF_INIT, .in = STRBUF_INIT};
    add_commands(redis, login->request.connection);
    begin_connect(login, redis);
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

static bool is_passing(int number)
{
    static const int passing[] = {ECONNREFUSED, ECONNRESET,   ECONNABORTED, EPIPE,
                                  ETIMEDOUT,    EHOSTUNREACH, ENETUNREACH,  EADDRNOTAVAIL};
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        if (passing[i] == number)
            return true;
    }
    return false;
}

static enum login_result fail_errno(const struct login *login, int number, struct err *err)
{
    const struct connection *connection = login->request.connection;
    AUTOFREE char *text =
        mem_printf("%s, port %d: %s", connection->host, connection->port, strerror(number));
    return login_fail(login, is_passing(number) ? LOGIN_NOT_YET : LOGIN_FAILED, text, err);
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

// Whether the connection stands; if not the next address is tried.
static bool step_connect(struct login *login)
{
    struct redis_login *redis = login->state;
    int number = 0;
    socklen_t size = sizeof number;
    if (getsockopt(redis->socket, SOL_SOCKET, SO_ERROR, &number, &size))
        number = errno;
    redis->connected = !number;
    redis->connect_errno = number;
    if (number)
        begin_connect(login, redis);
    return redis->connected;
}

static enum login_result redis_step(struct login *login, struct err *err)
{
    struct redis_login *redis = login->state;
    if (login->request.connection->tls)
        return login_fail(login, LOGIN_FAILED, "TLS to Redis is not yet done by this version", err);
    if (redis->socket < 0)
        return fail_errno(login, redis->connect_errno, err);
    if (!redis->connected && !step_connect(login))
        return LOGIN_PENDING;
    return redis->out.len ? step_write(login, err) : step_read(login, err);
}

const struct login_driver login_redis = {redis_start, redis_step, redis_free};
