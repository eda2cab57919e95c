#include <errno.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "dashboard/reply.h"
#include "dashboard/server.h"

enum { LOG_LINES_DEFAULT = 500, LOG_LINES_MAX = 5000 };

void api_resources(struct dashboard *dashboard, struct evhttp_request *request)
{
    AUTO_STRBUF json = STRBUF_INIT;
    dashboard->backend.resources(dashboard->backend.context, &json);
    reply_json(request, &json);
}

void api_migrations(struct dashboard *dashboard, struct evhttp_request *request)
{
    AUTO_STRBUF json = STRBUF_INIT;
    dashboard->backend.migrations(dashboard->backend.context, &json);
    reply_json(request, &json);
}

// A whole number of the query, in [low, high]; false when it is anything else. Absent: *value
// stays.
static bool query_number(struct evkeyvalq *query, const char *name, int64_t low, int64_t high,
                         int64_t *value)
{
    const char *text = evhttp_find_header(query, name);
    if (!text)
        return true;
    char *end;
    errno = 0;
    const long long number = strtoll(text, &end, 10);
    if (end == text || *end || errno || number < low || number > high)
        return false;
    *value = number;
    return true;
}

// logs?resource=NAME&after=ID&limit=N
static void logs_of_query(struct dashboard *dashboard, struct evhttp_request *request,
                          struct evkeyvalq *query)
{
    int64_t after = 0, limit = LOG_LINES_DEFAULT;
    const char *resource = evhttp_find_header(query, "resource");
    if (!resource || !*resource) {
        reply_error(request, 400, "resource is missing: /api/logs?resource=NAME");
        return;
    }
    if (!query_number(query, "after", 0, INT64_MAX, &after) ||
        !query_number(query, "limit", 1, LOG_LINES_MAX, &limit)) {
        reply_error(request, 400, "after is an id, 0 or more; limit is 1 to 5000");
        return;
    }
    AUTO_STRBUF json = STRBUF_INIT;
    if (dashboard->backend.logs(dashboard->backend.context, resource, after, (size_t)limit, &json))
        reply_json(request, &json);
    else
        reply_error(request, 404, "there is no resource of this name");
}

void api_logs(struct dashboard *dashboard, struct evhttp_request *request)
{
    const char *text = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request));
    struct evkeyvalq query;
    if (evhttp_parse_query_str(text ? text : "", &query)) {
        reply_error(request, 400, "the query is not name=value pairs");
        return;
    }
    logs_of_query(dashboard, request, &query);
    evhttp_clear_headers(&query);
}

void api_events(struct dashboard *dashboard, struct evhttp_request *request)
{
    if (reply_is_head(request))
        reply_empty(request, 200);
    else
        sse_hub_attach(dashboard->hub, request);
}

void api_render_topic(void *context, const char *event, const char *key, struct strbuf *out)
{
    const struct dashboard *dashboard = context;
    if (strcmp(event, "resources") == 0) {
        dashboard->backend.resources(dashboard->backend.context, out);
    } else if (strcmp(event, "migrations") == 0) {
        dashboard->backend.migrations(dashboard->backend.context, out);
    } else {
        strbuf_adds(out, "{\"resource\":");
        json_quote(key, out);
        strbuf_addch(out, '}');
    }
}
