// Whatever bytes arrive at the dashboard's port, they end in an answer or a closed connection.
//
// In an input, byte 1 stands for the right Host and byte 2 for the session's cookie, which differ
// from run to run; without them nothing would get past the door.
#include <arpa/inet.h>
#include <event2/event.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "dashboard/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct event_base *base;
static struct dashboard *dashboard;

static void write_document(void *context, struct strbuf *json)
{
    (void)context;
    strbuf_adds(json, "{}");
}

static bool write_logs(void *context, const char *resource, int64_t after, size_t limit,
                       struct strbuf *json)
{
    (void)context;
    if (after < 0 || limit < 1 || limit > 5000)
        abort();
    strbuf_addf(json, "%zu", strlen(resource));
    return true;
}

static void start_once(void)
{
    const struct dashboard_options options = {.token = "0123456789abcdefghijABCDEFGHIJ"};
    const struct dashboard_backend backend = {
        .resources = write_document, .migrations = write_document, .logs = write_logs};
    struct err err;
    base = event_base_new();
    if (dashboard_start(base, &options, &backend, &dashboard, &err)) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
}

static int dial(void)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((in_port_t)dashboard_port(dashboard)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address))
        abort();
    // Leaves no TIME_WAIT behind, which would use up the ports.
    const struct linger reset = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (!dashboard)
        start_once();
    AUTO_STRBUF request = STRBUF_INIT;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == 1)
            strbuf_addf(&request, "127.0.0.1:%d", dashboard_port(dashboard));
        else if (bytes[i] == 2)
            strbuf_addf(&request, "%s=%s", dashboard->auth.cookie_name, dashboard->auth.session);
        else
            strbuf_addch(&request, (char)bytes[i]);
    }
    AUTOCLOSE int fd = dial();
    send(fd, request.data, request.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    for (int i = 0; i < 4; i++)
        event_base_loop(base, EVLOOP_NONBLOCK);
    dashboard_resources_changed(dashboard);
    event_base_loop(base, EVLOOP_NONBLOCK);
    char answer[4096];
    while (recv(fd, answer, sizeof answer, MSG_DONTWAIT) > 0)
        continue;
    close(TAKE_FD(fd));
    for (int i = 0; i < 3; i++)
        event_base_loop(base, EVLOOP_NONBLOCK);
    return 0;
}
