#include "dashboard/dashboard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "base/url.h"
#include "dashboard/server.h"

enum {
    PORT_MAX = 65535,
    PORTS_AFTER_FIRST = 100,
    BACKLOG = 128,
    HEADERS_MAX_BYTES = 16 * 1024,
    BODY_MAX_BYTES = 1024, // no route wants one
    IDLE_CONNECTION_S = 30,
    REST_MS = 200,
};

// A listening socket on 127.0.0.1, or -1 with errno set.
static int listen_on(int port)
{
    AUTOCLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int yes = 1;
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((in_port_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) ||
        bind(fd, (const struct sockaddr *)&address, sizeof address) || listen(fd, BACKLOG))
        return -1;
    return TAKE_FD(fd);
}

static int listen_from(int first, int *fd, struct err *err)
{
    if (first < 0 || first > PORT_MAX)
        return err_set(err, ERR_USAGE, "the dashboard's port %d is not in 0 to %d", first,
                       PORT_MAX);
    int last = first == 0 ? 0 : first + PORTS_AFTER_FIRST;
    if (last > PORT_MAX)
        last = PORT_MAX;
    for (int port = first; port <= last; port++) {
        *fd = listen_on(port);
        if (*fd >= 0)
            return 0;
        if (errno != EADDRINUSE)
            return err_set_errno(err, "the dashboard can't listen on 127.0.0.1:%d", port);
    }
    err_set(err, ERR_FAILED, "the dashboard finds no free port: %d to %d are taken on 127.0.0.1",
            first, last);
    return err_hint(err, "choose another with --dashboard-port N, or use --no-dashboard");
}

static int bound_port(int fd)
{
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;
    getsockname(fd, (struct sockaddr *)&address, &length);
    return ntohs(address.sin_port);
}

static void on_rested(evutil_socket_t fd, short what, void *listener)
{
    (void)fd, (void)what;
    evconnlistener_enable(listener);
}

// No descriptor is left: the connection stays in the queue, and trying at once again would spin.
// The context is evhttp's, not ours.
static void on_accept_error(struct evconnlistener *listener, void *context)
{
    (void)context;
    const struct timeval rest = {.tv_usec = REST_MS * 1000};
    evconnlistener_disable(listener);
    event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, on_rested, listener, &rest);
}

static void serve(struct dashboard *dashboard, struct event_base *base, int fd)
{
    dashboard->http = evhttp_new(base);
    struct evhttp_bound_socket *bound =
        evhttp_accept_socket_with_handle(dashboard->http, fd); // owns it from here on
    evconnlistener_set_error_cb(evhttp_bound_socket_get_listener(bound), on_accept_error);
    evhttp_set_gencb(dashboard->http, routes_handle, dashboard);
    evhttp_set_default_content_type(dashboard->http, NULL);
    evhttp_set_timeout(dashboard->http, IDLE_CONNECTION_S);
    evhttp_set_max_headers_size(dashboard->http, HEADERS_MAX_BYTES);
    evhttp_set_max_body_size(dashboard->http, BODY_MAX_BYTES);
    // All of them, so that the door answers what it does not serve.
    evhttp_set_allowed_methods(dashboard->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
                                                    EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |
                                                    EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH);
}

int dashboard_start(struct event_base *base, const struct dashboard_options *options,
                    const struct dashboard_backend *backend, struct dashboard **out,
                    struct err *err)
{
    AUTOCLOSE int fd = -1;
    if (listen_from(options->port, &fd, err))
        return -1;
    struct dashboard *dashboard = mem_alloc(sizeof *dashboard);
    dashboard->backend = *backend;
    auth_init(&dashboard->auth, options->token, bound_port(fd));
    dashboard->hub = sse_hub_new(base, api_render_topic, dashboard);
    // What a page wants as soon as it connects.
    dashboard_resources_changed(dashboard);
    dashboard_migrations_changed(dashboard);
    serve(dashboard, base, TAKE_FD(fd));
    *out = dashboard;
    return 0;
}

void dashboard_free(struct dashboard *dashboard)
{
    if (!dashboard)
        return;
    evhttp_free(dashboard->http);
    sse_hub_free(dashboard->hub);
    auth_release(&dashboard->auth);
    free(dashboard);
}

int dashboard_port(const struct dashboard *dashboard)
{
    return dashboard->auth.port;
}

void dashboard_login_url(const struct dashboard *dashboard, struct strbuf *out)
{
    // Not "localhost": it may mean [::1], where another program may listen and be told the token.
    strbuf_addf(out, "http://127.0.0.1:%d/login?t=", dashboard->auth.port);
    url_encode(dashboard->auth.token, out);
}

void dashboard_resources_changed(struct dashboard *dashboard)
{
    sse_hub_touch(dashboard->hub, "resources", NULL);
}

void dashboard_migrations_changed(struct dashboard *dashboard)
{
    sse_hub_touch(dashboard->hub, "migrations", NULL);
}

void dashboard_logs_appended(struct dashboard *dashboard, const char *resource)
{
    sse_hub_touch(dashboard->hub, "logs", resource);
}
