#include "base/url.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"

void url_encode(const char *text, struct strbuf *out)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (isalnum(c) || strchr("-._~", c))
            strbuf_addch(out, (char)c);
        else
            strbuf_addf(out, "%%%02X", c);
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void url_decode(const char *text, size_t length, struct strbuf *out)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '%' && i + 2 < length && hex_digit(text[i + 1]) >= 0 &&
            hex_digit(text[i + 2]) >= 0) {
            strbuf_addch(out, (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
            i += 2;
        } else {
            strbuf_addch(out, text[i]);
        }
    }
}

static char *decoded(const char *text, size_t length)
{
    struct strbuf out = STRBUF_INIT;
    url_decode(text, length, &out);
    return strbuf_detach(&out);
}

void url_release(struct url *url)
{
    free(url->scheme);
    free(url->user);
    free(url->password);
    free(url->host);
    free(url->path);
    free(url->query);
    *url = (struct url){0};
}

// userinfo = user [ ":" password ]
static void parse_userinfo(const char *text, size_t length, struct url *url)
{
    const char *colon = memchr(text, ':', length);
    size_t user_length = colon ? (size_t)(colon - text) : length;
    url->user = decoded(text, user_length);
    if (colon)
        url->password = decoded(colon + 1, length - user_length - 1);
}

// hostport = ( "[" ipv6 "]" | host ) [ ":" port ]
static int parse_hostport(const char *text, size_t length, struct url *url)
{
    const char *end = text + length, *host_end = end;
    if (length && text[0] == '[') {
        const char *bracket = memchr(text, ']', length);
        if (!bracket)
            return -1;
        url->host = mem_strndup(text + 1, (size_t)(bracket - text) - 1);
        host_end = bracket + 1;
    } else {
        const char *colon = memchr(text, ':', length);
        host_end = colon ? colon : end;
        url->host = decoded(text, (size_t)(host_end - text));
    }
    if (host_end == end)
        return 0;
    long port = 0;
    for (const char *digit = host_end + 1; digit < end; digit++) {
        if (!isdigit((unsigned char)*digit) || port > 65535)
            return -1;
        port = port * 10 + (*digit - '0');
    }
    if (*host_end != ':' || port > 65535)
        return -1;
    url->port = (int)port;
    return 0;
}

int url_parse(const char *text, struct url *out, struct err *err)
{
    const char *colon = strstr(text, "://");
    if (!colon || colon == text)
        return err_set(err, ERR_INVALID, "not a URL: it has no scheme://");
    struct url url = {.scheme = mem_strndup(text, (size_t)(colon - text))};
    const char *authority = colon + 3;
    size_t authority_length = strcspn(authority, "/?#");
    const char *rest = authority + authority_length;

    // The last @ ends the user: passwords that were not encoded may hold one.
    const char *at = memrchr(authority, '@', authority_length);
    const char *hostport = at ? at + 1 : authority;
    if (at)
        parse_userinfo(authority, (size_t)(at - authority), &url);
    if (parse_hostport(hostport, (size_t)(rest - hostport), &url)) {
        url_release(&url);
        return err_set(err, ERR_INVALID, "not a URL: its host or port is malformed");
    }
    size_t path_length = strcspn(rest, "?#");
    if (path_length > 1)
        url.path = decoded(rest + 1, path_length - 1);
    if (rest[path_length] == '?')
        url.query = mem_strndup(rest + path_length + 1, strcspn(rest + path_length + 1, "#"));
    *out = url;
    return 0;
}

char *url_query_get(const struct url *url, const char *name)
{
    size_t name_length = strlen(name);
    for (const char *pair = url->query; pair && *pair;) {
        size_t length = strcspn(pair, "&");
        if (length > name_length && pair[name_length] == '=' && !strncmp(pair, name, name_length))
            return decoded(pair + name_length + 1, length - name_length - 1);
        pair += length + (pair[length] == '&');
    }
    return NULL;
}
