#pragma once
// Answers over evhttp, every one of them with the security headers.

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

struct evhttp_request;

bool reply_is_head(struct evhttp_request *request);
// The request's path, "" when it has none; borrowed.
const char *reply_path(struct evhttp_request *request);
// A header of the request, NULL when absent; borrowed.
const char *reply_request_header(struct evhttp_request *request, const char *name);
void reply_add_header(struct evhttp_request *request, const char *name, const char *value);
// Content-Security-Policy and its kin, for answers that are not sent through this file.
void reply_add_security_headers(struct evhttp_request *request);

// Each sends the whole answer; the request is no longer the caller's.
void reply_json(struct evhttp_request *request, struct strbuf *json); // empties `json`
void reply_html(struct evhttp_request *request, int status, const char *html);
// `bytes` must outlive the program's connections: constants only.
void reply_constant(struct evhttp_request *request, const char *type, const void *bytes,
                    size_t length);
void reply_empty(struct evhttp_request *request, int status);
// A sentence: {"error": message} below /api/, plain text elsewhere.
void reply_error(struct evhttp_request *request, int status, const char *message);
