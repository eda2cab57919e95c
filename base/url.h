#pragma once
// URLs as connection strings use them (RFC 3986): scheme://user:password@host:port/path?query

#include "base/err.h"
#include "base/strbuf.h"

// Decoded parts, owned by the struct. Absent parts are NULL, port 0.
struct url {
    char *scheme, *user, *password, *host, *path; // path without its first slash
    char *query;                                  // raw, as it lies
    int port;
};

int url_parse(const char *text, struct url *out, struct err *err) MUST_CHECK;
void url_release(struct url *url);
// A parameter of the query, decoded, owned by the caller; NULL when absent.
char *url_query_get(const struct url *url, const char *name);

// Appends with everything but unreserved characters percent-encoded.
void url_encode(const char *text, struct strbuf *out);
void url_decode(const char *text, size_t length, struct strbuf *out);
