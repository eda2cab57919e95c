#include "provisioners/login.h"

#include <string.h>
#include <sys/epoll.h>

#include "base/mem.h"
#include "base/redact.h"
#include "provisioners/login_driver.h"

void login_watch(struct login *login, int socket, uint32_t events)
{
    // The socket may have been closed and its number given to another: it is always added anew.
    if (login->watched >= 0)
        epoll_ctl(login->poll_fd, EPOLL_CTL_DEL, login->watched, NULL);
    login->watched = -1;
    struct epoll_event event = {.events = events, .data.fd = socket};
    if (socket >= 0 && !epoll_ctl(login->poll_fd, EPOLL_CTL_ADD, socket, &event))
        login->watched = socket;
}

enum login_result login_fail(const struct login *login, enum login_result result, const char *text,
                             struct err *err)
{
    const struct connection *connection = login->request.connection;
    struct redactor *redactor = redactor_new();
    if (connection->password)
        redactor_add(redactor, connection->password);
    text = text && *text ? text : "no answer";
    AUTO_STRBUF line = STRBUF_INIT;
    redactor_apply(redactor, text, strcspn(text, "\r\n"), &line);
    redactor_free(redactor);
    err_set(err, ERR_RESOURCE, "%s", line.data);
    return result;
}

static enum login_result step_file(struct login *login, struct err *err)
{
    (void)err;
    login->facts.is_final_instance = true;
    return LOGIN_READY;
}

static enum login_result step_unsupported(struct login *login, struct err *err)
{
    err_set(err, ERR_RESOURCE, "logging into %s is not yet done by this version",
            login->request.connection->engine->name);
    return LOGIN_FAILED;
}

static const struct login_driver login_file = {NULL, step_file, NULL};
static const struct login_driver login_unsupported = {NULL, step_unsupported, NULL};

static const struct login_driver *driver_of(const struct engine *engine)
{
    switch (engine->id) {
    case ENGINE_POSTGRES: return &login_postgres;
    case ENGINE_MYSQL: return &login_mysql;
    case ENGINE_REDIS:
    case ENGINE_GARNET: return &login_redis;
    case ENGINE_SQLITE: return &login_file;
    case ENGINE_MSSQL: return &login_mssql;
    case ENGINE_DENO_KV: break;
    }
    return &login_unsupported;
}

static void start_driver(struct login *login)
{
    if (login->driver->start)
        login->state = login->driver->start(login);
}

struct login *login_start(const struct login_request *request)
{
    const char *host = request->connection->host;
    struct login *login = mem_alloc(sizeof *login);
    *login = (struct login){.request = *request, .resolve_fd = -1, .watched = -1};
    login->poll_fd = epoll_create1(EPOLL_CLOEXEC);
    login->driver = driver_of(request->connection->engine);
    if (login->driver->start && host && *host != '/')
        login->resolve_fd = resolve_start(host, &login->addresses);
    if (login->resolve_fd >= 0)
        login_watch(login, login->resolve_fd, EPOLLIN);
    else
        start_driver(login);
    return login;
}

void login_free(struct login *login)
{
    if (!login)
        return;
    if (login->state)
        login->driver->free(login->state);
    if (login->resolve_fd >= 0)
        close(login->resolve_fd);
    if (login->poll_fd >= 0)
        close(login->poll_fd);
    free(login);
}

static enum login_result step_resolve(struct login *login, struct err *err)
{
    const char *host = login->request.connection->host;
    login_watch(login, -1, 0);
    if (resolve_take(TAKE_FD(login->resolve_fd), host, &login->addresses, err)) {
        enum login_result result = err->kind == ERR_TIMEOUT ? LOGIN_NOT_YET : LOGIN_FAILED;
        err->kind = ERR_RESOURCE;
        return result;
    }
    start_driver(login);
    return LOGIN_PENDING;
}

bool login_blocks(const struct engine *engine)
{
    return engine->id == ENGINE_MSSQL;
}

int login_fd(const struct login *login)
{
    return login->watched < 0 ? -1 : login->poll_fd;
}

bool login_wants_write(const struct login *login)
{
    (void)login;
    return false;
}

// Whether the socket is what was waited for. A driver's step on one that is not would block, or
// take a connection for made that is not.
static bool is_ready(const struct login *login)
{
    struct epoll_event event;
    return login->watched < 0 || epoll_wait(login->poll_fd, &event, 1, 0) > 0;
}

enum login_result login_step(struct login *login, struct err *err)
{
    if (!is_ready(login))
        return LOGIN_PENDING;
    return login->resolve_fd >= 0 ? step_resolve(login, err) : login->driver->step(login, err);
}

const struct login_facts *login_facts(const struct login *login)
{
    return &login->facts;
}
