#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <string.h>

#include "dashboard/page.h"
#include "dashboard/reply.h"
#include "dashboard/server.h"

static const char open_printed_url[] =
    "This dashboard is for whoever started it: open the URL that `berth start` printed. It ends in "
    "/login?t=... and works for as long as that `berth start` runs.";

typedef void handler_fn(struct dashboard *dashboard, struct evhttp_request *request);

static const struct {
    const char *path;
    handler_fn *handle;
} routes[] = {
    {"/api/resources", api_resources},
    {"/api/migrations", api_migrations},
    {"/api/logs", api_logs},
    {"/api/events", api_events},
};

static void send_asset(struct evhttp_request *request, const struct page_asset *asset)
{
    const char *known = reply_request_header(request, "If-None-Match");
    reply_add_header(request, "Cache-Control", "no-cache");
    reply_add_header(request, "ETag", asset->etag);
    if (known && strstr(known, asset->etag))
        reply_empty(request, 304);
    else
        reply_constant(request, asset->type, asset->bytes, asset->length);
}

// Exchanges the token for the cookie, and takes it out of the address bar and the history.
static void log_in(struct dashboard *dashboard, struct evhttp_request *request)
{
    const char *text = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request));
    struct evkeyvalq query;
    if (evhttp_parse_query_str(text ? text : "", &query)) {
        reply_error(request, 401, open_printed_url);
        return;
    }
    if (auth_token_matches(&dashboard->auth, evhttp_find_header(&query, "t"))) {
        AUTO_STRBUF cookie = STRBUF_INIT;
        auth_set_cookie(&dashboard->auth, &cookie);
        reply_add_header(request, "Set-Cookie", cookie.data);
        reply_add_header(request, "Location", "/");
        reply_empty(request, 303);
    } else {
        reply_error(request, 401, open_printed_url);
    }
    evhttp_clear_headers(&query);
}

static void refuse_session(struct evhttp_request *request)
{
    const char *site = reply_request_header(request, "Sec-Fetch-Site");
    // A link followed from another site (a terminal in a browser tab) arrives here from /login
    // without the cookie just set, since SameSite=Strict holds it back for the whole chain of
    // redirects. Going to / once more from our own page sends it.
    if (strcmp(reply_path(request), "/") == 0 && site && strcmp(site, "cross-site") == 0)
        reply_html(request, 401,
                   "<!doctype html><meta http-equiv=refresh content=\"0; url=/\">"
                   "<title>berth</title><p><a href=\"/\">Open the dashboard</a>");
    else
        reply_error(request, 401, open_printed_url);
}

// True when the request may go on to its route, else it has been answered.
static bool pass_door(const struct dashboard *dashboard, struct evhttp_request *request)
{
    const struct auth *auth = &dashboard->auth;
    const enum evhttp_cmd_type method = evhttp_request_get_command(request);
    // An absolute target would overrule the Host header (RFC 9112, section 3.2.2).
    if (evhttp_uri_get_host(evhttp_request_get_evhttp_uri(request))) {
        reply_error(request, 400, "only paths are served here, no absolute targets");
    } else if (!auth_host_allowed(auth, reply_request_header(request, "Host"))) {
        reply_error(request, 403,
                    "The dashboard answers to 127.0.0.1 and localhost only: open the URL that "
                    "`berth start` printed.");
    } else if (!auth_origin_allowed(auth, reply_request_header(request, "Origin")) ||
               !auth_fetch_allowed(reply_request_header(request, "Sec-Fetch-Site"),
                                   reply_request_header(request, "Sec-Fetch-Mode"))) {
        reply_error(request, 403, "Pages of another origin may not use the dashboard.");
    } else if (method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD) {
        reply_add_header(request, "Allow", "GET, HEAD");
        reply_error(request, 405, "The dashboard shows, and changes nothing: GET and HEAD only.");
    } else {
        return true;
    }
    return false;
}

void routes_handle(struct evhttp_request *request, void *context)
{
    struct dashboard *dashboard = context;
    if (!pass_door(dashboard, request))
        return;
    const char *path = reply_path(request);
    if (strcmp(path, "/login") == 0) {
        log_in(dashboard, request);
        return;
    }
    if (!auth_cookie_matches(&dashboard->auth, reply_request_header(request, "Cookie"))) {
        refuse_session(request);
        return;
    }
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (strcmp(path, routes[i].path) == 0) {
            routes[i].handle(dashboard, request);
            return;
        }
    }
    const struct page_asset *asset = page_find(path);
    if (asset)
        send_asset(request, asset);
    else
        reply_error(request, 404, "There is nothing at this address.");
}
