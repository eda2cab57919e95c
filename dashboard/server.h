#pragma once
// What the request handlers of one dashboard share, and the door they stand behind.

#include "dashboard/auth.h"
#include "dashboard/dashboard.h"
#include "dashboard/sse.h"

struct evhttp;
struct evhttp_request;

struct dashboard {
    struct dashboard_backend backend;
    struct auth auth;
    struct sse_hub *hub;
    struct evhttp *http;
};

// Answers one request: the checks of Host, Origin and session, then its route. Called by evhttp
// with the dashboard.
void routes_handle(struct evhttp_request *request, void *dashboard);

// The JSON API (docs/dashboard.md); each answers its request.
void api_resources(struct dashboard *dashboard, struct evhttp_request *request);
void api_migrations(struct dashboard *dashboard, struct evhttp_request *request);
void api_logs(struct dashboard *dashboard, struct evhttp_request *request);
void api_events(struct dashboard *dashboard, struct evhttp_request *request);
// What the hub calls for the value of a topic.
sse_render_fn api_render_topic;
