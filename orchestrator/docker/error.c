#include "orchestrator/docker/error.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { ID_LENGTH = 64, SHORT_ID_LENGTH = 12 };

// How many bytes to copy of the word at `text`, and in *skip how many to leave out after them.
static size_t shorten_id(const char *text, size_t *skip)
{
    size_t length = strspn(text, "0123456789abcdef");
    *skip = length == ID_LENGTH ? ID_LENGTH - SHORT_ID_LENGTH : 0;
    return length - *skip;
}

void error_one_line(const char *text, struct strbuf *out)
{
    const char *end = text + strlen(text);
    size_t start = out->len;
    bool wants_space = false;
    while (*text) {
        unsigned char c = (unsigned char)*text;
        if (isspace(c) || iscntrl(c)) {
            wants_space |= isspace(c) != 0;
            text++;
            continue;
        }
        if (wants_space && out->len > start)
            strbuf_addch(out, ' ');
        wants_space = false;
        size_t skip = 0, length = shorten_id(text, &skip);
        if (length == 0)
            length = utf8_sequence(text, (size_t)(end - text));
        if (length == 0 || utf8_is_control(text)) {
            utf8_add(out, 0xFFFD);
            text += length ? length : 1;
            continue;
        }
        strbuf_add(out, text, length);
        text += length + skip;
    }
}

void error_tidy(struct err *err)
{
    AUTO_STRBUF text = STRBUF_INIT;
    error_one_line(err->message, &text);
    snprintf(err->message, sizeof err->message, "%s", text.data);
}

void error_body_text(const char *body, size_t length, struct strbuf *out)
{
    struct err ignored;
    AUTO_JSON *json = NULL;
    const char *message = body;
    if (json_parse(body, length, &json, &ignored) == 0) {
        message = json_string_or(json, "message", NULL);
        if (!message || !*message)
            message = json_string_or(json, "cause", body);
    }
    error_one_line(message, out);
}

#define CERTIFICATES_HINT "DOCKER_CERT_PATH to the directory of its ca.pem, cert.pem and key.pem"

static const struct {
    const char *needle, *hint;
} hints[] = {
    {"is already in use by container",
     "`docker ps -a` shows who has the name; rename or remove it"},
    {"no space left on device", "free some space: `docker system df` shows what Docker keeps, "
                                "`docker system prune` removes what is unused"},
    {"client version", "this engine's API is outside of what berth speaks: use another version of "
                       "one of the two"},
    {"toomanyrequests", "the registry limits anonymous pulls: `docker login`, then pull the image "
                        "with `docker pull`"},
    {"pull access denied", "check the image's name; if it is private, `docker login` and pull it "
                           "with `docker pull`"},
    {"authentication required", "the image is private: `docker login`, then pull it with "
                                "`docker pull`"},
    {"no basic auth credentials", "the image is private: `docker login`, then pull it with "
                                  "`docker pull`"},
    {"x509: ", "the engine does not trust the registry's certificate: install its authority's on "
               "the engine's machine, or use a mirror"},
    {"server gave HTTP response to HTTPS client",
     "the registry has no TLS: list it under \"insecure-registries\" in /etc/docker/daemon.json"},
    {"HTTP request to an HTTPS server", "set DOCKER_TLS_VERIFY=1, and " CERTIFICATES_HINT},
    {"bind source path does not exist",
     "the engine does not see this machine's files: where it is on another one, say so with "
     "BERTH_ENGINE_HOST=HOST"},
    {"Mounts denied", "share the folder with Docker Desktop (Settings, Resources, File sharing)"},
    {"invalid reference format", "an image is written NAME[:TAG], in lower case"},
};

// The first port in a word like "127.0.0.1:5432", "[::1]:80/tcp" or, of host and container,
// "127.0.0.1:5432:172.17.0.2:80/tcp"; 0: none.
static int port_in(const char *word, const char *end)
{
    const char *bracket = memchr(word, ']', (size_t)(end - word));
    for (const char *at = bracket ? bracket : word; at + 1 < end; at++) {
        if (*at != ':' || !isdigit((unsigned char)at[1]))
            continue;
        int port = 0;
        for (at++; at < end && isdigit((unsigned char)*at) && port <= 65535; at++)
            port = port * 10 + (*at - '0');
        return port <= 65535 ? port : 0;
    }
    return 0;
}

// That of the last word before `end` that has one: "listen tcp4 0.0.0.0:80: bind: ".
static int port_before(const char *text, const char *end)
{
    while (end > text) {
        const char *space = memrchr(text, ' ', (size_t)(end - text));
        const char *word = space ? space + 1 : text;
        int port = port_in(word, end);
        if (port)
            return port;
        end = space ? space : text;
    }
    return 0;
}

void error_add_hint(struct err *err)
{
    const char *found;
    if ((found = strstr(err->message, "port is already allocated"))) {
        int port = port_before(err->message, found);
        if (port)
            err_hint(err,
                     "another container publishes port %d: `docker ps --filter publish=%d` "
                     "names it",
                     port, port);
        return;
    }
    if ((found = strstr(err->message, "address already in use"))) {
        int port = port_before(err->message, found);
        if (port)
            err_hint(err,
                     "a process of this machine listens on port %d: `sudo ss -ltnp 'sport = "
                     ":%d'` names it",
                     port, port);
        return;
    }
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        if (strstr(err->message, hints[i].needle)) {
            err_hint(err, "%s", hints[i].hint);
            return;
        }
    }
}

static int no_engine(const struct http_reply *reply, const struct error_request *request,
                     struct err *err)
{
    const char *where = request->endpoint;
    if (reply->os_errno == EACCES || reply->os_errno == EPERM) {
        err_set(err, ERR_NO_ENGINE, "no permission to use the Docker engine at %s", where);
        return err_hint(err, "add yourself to its group (`sudo usermod -aG docker $USER`, then log "
                             "in again), or use a rootless engine");
    }
    err_set(err, ERR_NO_ENGINE, "the Docker engine does not answer at %s: %s", where,
            reply->os_errno ? strerror(reply->os_errno) : reply->err->message);
    const bool is_tcp = strncmp(where, "unix://", 7) != 0;
    if (is_tcp && !reply->connect_failed)
        err_hint(err, "where it asks for certificates, set " CERTIFICATES_HINT);
    else if (is_tcp)
        err_hint(err,
                 "start it there (`dockerd --host tcp://…`), or set DOCKER_HOST to where it is");
    else if (reply->connect_failed)
        err_hint(err, "start it (`sudo systemctl start docker`; rootless: `systemctl --user start "
                      "docker`), or set DOCKER_HOST to where it is");
    return -1;
}

int error_from_reply(const struct http_reply *reply, const struct error_request *request,
                     struct err *err)
{
    int path_length = (int)strcspn(request->path, "?");
    if (reply->err && reply->err->kind == ERR_TIMEOUT)
        return err_set(err, ERR_TIMEOUT, "the Docker engine at %s gave %s to %s %.*s",
                       request->endpoint, reply->err->message, request->method, path_length,
                       request->path);
    if (reply->err && reply->status == 0)
        return no_engine(reply, request, err);
    if (reply->err)
        return err_set(err, ERR_FAILED, "the Docker engine broke off its answer to %s %.*s: %s",
                       request->method, path_length, request->path, reply->err->message);
    if (reply->status < 400)
        return 0;
    AUTO_STRBUF text = STRBUF_INIT;
    error_body_text(reply->body, reply->body_length, &text);
    if (text.len == 0)
        strbuf_addf(&text, "the Docker engine answers %s %.*s with status %ld and no message",
                    request->method, path_length, request->path, reply->status);
    err_set(err, ERR_FAILED, "%s", text.data);
    error_add_hint(err);
    return -1;
}
