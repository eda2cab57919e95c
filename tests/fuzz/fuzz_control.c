// Whatever bytes arrive at the control socket, they end in one line of JSON, in a connection that
// stays open (stop), or in a closed one; the commands are the real ones, over a workspace in which
// nothing was started.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "orchestrator/control/commands.h"
#include "orchestrator/run/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const char settings_text[] =
    "{\"NetScript\": {\"Name\": \"fuzz\",\n"
    "\"Databases\": {\"db\": {\"Engine\": \"Sqlite\"}},\n"
    "\"Services\": {\"api\": {\"Command\": [\"true\"], \"Workdir\": \".\", \"HostPort\": 9}}}}\n";

static char root[] = "/tmp/berth-fuzz-XXXXXX";
static struct session session;
static struct control_commands commands;
static struct control_server *server;

static void on_stop(void *context, bool all)
{
    (void)context;
    (void)all;
}

static void must(int status, const struct err *err)
{
    if (status == 0)
        return;
    fprintf(stderr, "%s\n", err->message);
    abort();
}

static void remove_root(void)
{
    struct err ignored;
    (void)!file_remove_tree(root, &ignored);
}

static void start_once(void)
{
    static struct diag_list diags;
    static const struct supervisor_observer observer;
    // The database alone: what has processes starts its guard, from this very program.
    const struct session_options options = {
        .plan = {.environ = (char *[]){NULL}}, .names = (const char *[]){"db"}, .name_count = 1};
    struct settings *settings = NULL;
    struct err err;
    if (!mkdtemp(root))
        abort();
    (void)atexit(remove_root);
    AUTOFREE char *file = path_join(root, "appsettings.json");
    must(file_write_atomic(file, settings_text, strlen(settings_text), 0600, &err), &err);
    const struct settings_options where = {.project_root = root, .environ = (char *[]){NULL}};
    must(settings_load(&where, &settings, &diags, &err), &err);
    must(session_open(settings, &options, &observer, &session, &diags, &err), &err);
    // About to end: a request for a resource is refused, as what it starts would be this program.
    supervisor_stop(session.supervisor, false);
    commands = (struct control_commands){.supervisor = session.supervisor,
                                         .waits = waits_new(session.supervisor),
                                         .on_stop = on_stop,
                                         .dashboard_url = "http://127.0.0.1:1/"};
    must(control_serve(session.loop, &session.workspace, control_commands_handle, &commands,
                       &server, &err),
         &err);
}

static void stop(void *loop)
{
    loop_stop(loop);
}

static void run_a_turn(void)
{
    struct loop_timer *timer = loop_timer_new(session.loop, stop, session.loop);
    loop_timer_set(timer, 0);
    loop_run(session.loop);
    loop_timer_free(timer);
}

static int dial(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/.berth/control.sock", root);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address))
        abort();
    return fd;
}

static void check_answer(const struct strbuf *answer)
{
    AUTO_JSON *json = NULL;
    struct err err;
    if (answer->len == 0)
        return;
    if (memchr(answer->data, '\n', answer->len) != answer->data + answer->len - 1 ||
        json_parse(answer->data, answer->len, &json, &err) || !cJSON_IsObject(json))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (!server)
        start_once();
    AUTOCLOSE int fd = dial();
    AUTO_STRBUF answer = STRBUF_INIT;
    char piece[65536];
    send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    shutdown(fd, SHUT_WR);
    for (size_t turns = 0; turns < 8 + length / 4096; turns++) {
        run_a_turn();
        ssize_t got = recv(fd, piece, sizeof piece, MSG_DONTWAIT);
        if (got == 0)
            break;
        if (got > 0)
            strbuf_add(&answer, piece, (size_t)got);
    }
    check_answer(&answer);
    close(TAKE_FD(fd));
    run_a_turn();
    return 0;
}
