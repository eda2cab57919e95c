#include "orchestrator/control/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/vec.h"

enum { REQUEST_BYTES = 64 * 1024, QUEUE_BYTES = 1024 * 1024, BACKLOG = 16, REST_MS = 200 };

struct control_client {
    struct control_server *server;
    int fd;
    struct loop_watch *watch;
    struct strbuf input, output;
    bool asked;   // its one request was taken
    bool ended;   // it sends nothing any more
    bool closing; // once the output is sent
    loop_fn *on_close;
    void *on_close_context;
};

struct control_server {
    struct loop *loop;
    int fd;
    struct loop_watch *watch;
    struct loop_timer *rest; // from accepting, where there is no descriptor for it
    char *path;
    control_fn *fn;
    void *context;
    VEC_OF(struct control_client *) clients;
};

// A unix socket's address holds 107 bytes, a workspace's path may be longer: the socket is named
// through a descriptor of its directory.
static int socket_address(const struct workspace *workspace, int *directory,
                          struct sockaddr_un *address, struct err *err)
{
    *directory = open(workspace->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*directory < 0)
        return err_set_errno(err, "cannot open %s", workspace->directory);
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/control.sock",
             *directory);
    return 0;
}

static void free_memory(void *context)
{
    free(context);
}

static void client_free(struct control_client *client)
{
    struct control_server *server = client->server;
    for (size_t i = 0; i < server->clients.len; i++)
        if (server->clients.items[i] == client)
            server->clients.items[i] = server->clients.items[--server->clients.len];
    if (client->on_close)
        client->on_close(client->on_close_context);
    loop_watch_free(client->watch);
    close(client->fd);
    strbuf_release(&client->input);
    strbuf_release(&client->output);
    loop_defer(server->loop, free_memory, client);
}

static void client_write(struct control_client *client)
{
    while (client->output.len) {
        ssize_t put = send(client->fd, client->output.data, client->output.len, MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && errno == EAGAIN)
            break;
        if (put < 0) {
            client_free(client);
            return;
        }
        strbuf_consume(&client->output, (size_t)put);
    }
    if (client->output.len == 0 && client->closing)
        client_free(client);
    else
        loop_watch_change(client->watch, !client->ended, client->output.len > 0);
}

static void take_request(struct control_client *client, size_t length)
{
    struct err err;
    AUTO_JSON *request = NULL;
    client->asked = true;
    if (json_parse(client->input.data, length, &request, &err))
        control_answer_error(client, &err);
    else
        client->server->fn(client->server->context, client, request);
}

// False when the client was freed.
static bool client_read(struct control_client *client)
{
    char bytes[4096];
    ssize_t got = recv(client->fd, bytes, sizeof bytes, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (got <= 0) {
        // Who has only ended its side still reads the answer.
        client->ended = client->closing && client->output.len > 0;
        loop_watch_change(client->watch, false, true);
        if (!client->ended)
            client_free(client);
        return client->ended;
    }
    if (client->asked)
        return true;
    strbuf_add(&client->input, bytes, (size_t)got);
    const char *newline = memchr(client->input.data, '\n', client->input.len);
    if (!newline && client->input.len > REQUEST_BYTES) {
        client_free(client);
        return false;
    }
    if (newline)
        take_request(client, (size_t)(newline - client->input.data));
    return true;
}

static void on_client(void *context, bool readable, bool writable)
{
    struct control_client *client = context;
    if (readable && !client_read(client))
        return;
    if (writable)
        client_write(client);
}

static void on_rested(void *context)
{
    loop_watch_change(((struct control_server *)context)->watch, true, false);
}

static void on_connection(void *context, bool readable, bool writable)
{
    (void)readable;
    (void)writable;
    struct control_server *server = context;
    int fd = accept4(server->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        // The connection stays in the queue, and the socket readable: at once again would spin.
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            loop_watch_change(server->watch, false, false);
            loop_timer_set(server->rest, REST_MS);
        }
        return;
    }
    struct control_client *client = mem_alloc(sizeof *client);
    *client = (struct control_client){
        .server = server, .fd = fd, .input = STRBUF_INIT, .output = STRBUF_INIT};
    client->watch = loop_watch_new(server->loop, fd, true, false, on_client, client);
    vec_push(&server->clients, client);
}

int control_serve(struct loop *loop, const struct workspace *workspace, control_fn *fn,
                  void *context, struct control_server **out, struct err *err)
{
    struct sockaddr_un address;
    AUTOCLOSE int directory = -1;
    if (socket_address(workspace, &directory, &address, err))
        return -1;
    AUTOFREE char *path = workspace_path(workspace, "control.sock");
    AUTOCLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    (void)unlink(path); // a killed supervisor's; ours is the only one, as we hold the lock
    const mode_t mask = umask(0177);
    const int bound = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&address, sizeof address);
    umask(mask);
    if (bound || listen(fd, BACKLOG))
        return err_set_errno(err, "cannot open the control socket %s", path);
    struct control_server *server = mem_alloc(sizeof *server);
    *server = (struct control_server){
        .loop = loop, .fd = TAKE_FD(fd), .path = TAKE(path), .fn = fn, .context = context};
    server->rest = loop_timer_new(loop, on_rested, server);
    server->watch = loop_watch_new(loop, server->fd, true, false, on_connection, server);
    *out = server;
    return 0;
}

void control_free(struct control_server *server)
{
    if (!server)
        return;
    while (server->clients.len) {
        struct control_client *client = server->clients.items[0];
        (void)!send(client->fd, client->output.data, client->output.len,
                    MSG_NOSIGNAL); // last words
        client_free(client);
    }
    vec_release(&server->clients);
    loop_watch_free(server->watch);
    loop_timer_free(server->rest);
    close(server->fd);
    (void)unlink(server->path);
    free(server->path);
    free(server);
}

static void queue_line(struct control_client *client, const cJSON *line)
{
    json_print(line, false, &client->output);
    strbuf_addch(&client->output, '\n');
    loop_watch_change(client->watch, !client->ended, true);
}

void control_send(struct control_client *client, cJSON *line)
{
    if (!client->closing)
        queue_line(client, line);
    cJSON_Delete(line);
    if (client->closing || client->output.len <= QUEUE_BYTES)
        return;
    // It is freed by the end of file that this makes, not under its owner's hands.
    strbuf_clear(&client->output);
    client->closing = true;
    (void)shutdown(client->fd, SHUT_RDWR);
}

void control_answer(struct control_client *client, cJSON *answer)
{
    if (!client->closing)
        queue_line(client, answer);
    cJSON_Delete(answer);
    client->closing = true;
}

void control_answer_error(struct control_client *client, const struct err *err)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON *error = cJSON_AddObjectToObject(answer, "error");
    cJSON_AddNumberToObject(error, "kind", err->kind);
    cJSON_AddStringToObject(error, "message", err->message);
    cJSON_AddStringToObject(error, "hint", err->hint);
    control_answer(client, answer);
}

void control_on_close(struct control_client *client, loop_fn *fn, void *context)
{
    client->on_close = fn;
    client->on_close_context = context;
}
