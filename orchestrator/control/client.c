#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/control/control.h"

enum { ANSWER_S = 15 };

static int connect_to(const struct workspace *workspace, int *out, struct err *err)
{
    AUTOCLOSE int directory = open(workspace->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    AUTOCLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/control.sock", directory);
    if (directory < 0 || fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) {
        err_set(err, ERR_NOT_RUNNING, "berth is not running in %s", workspace->root);
        return err_hint(err, "start it with `berth start`");
    }
    *out = TAKE_FD(fd);
    return 0;
}

static int send_request(int fd, const cJSON *request, struct err *err)
{
    AUTO_STRBUF text = STRBUF_INIT;
    json_print(request, false, &text);
    strbuf_addch(&text, '\n');
    for (size_t sent = 0; sent < text.len;) {
        ssize_t put = send(fd, text.data + sent, text.len - sent, MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return err_set_errno(err, "cannot speak with the supervisor");
        sent += (size_t)put;
    }
    return 0;
}

static int error_of(const cJSON *answer, struct err *err)
{
    const cJSON *error = json_get(answer, "error");
    if (!error)
        return 0;
    err_set(err, (enum err_kind)json_int_or(error, "kind", ERR_FAILED), "%s",
            json_string_or(error, "message", "failed"));
    const char *hint = json_string_or(error, "hint", "");
    return hint[0] ? err_hint(err, "%s", hint) : -1;
}

static int no_answer(const struct workspace *workspace, struct err *err)
{
    const int holder = (int)workspace_holder(workspace);
    err_set(err, ERR_TIMEOUT, "berth runs here, as process %d, and did not answer within %d s",
            holder, ANSWER_S);
    return err_hint(err, "was it stopped (`kill -CONT %d`), or is the machine overloaded?", holder);
}

// limit_s: between two pieces of the answer; 0: none.
static int converse(const struct workspace *workspace, const cJSON *request, int limit_s,
                    bool (*fn)(void *context, const cJSON *line), void *context, struct err *err)
{
    AUTOCLOSE int fd = -1;
    if (connect_to(workspace, &fd, err) || send_request(fd, request, err))
        return -1;
    const struct timeval limit = {.tv_sec = limit_s};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    AUTO_STRBUF input = STRBUF_INIT;
    char bytes[16384];
    ssize_t got;
    while ((got = recv(fd, bytes, sizeof bytes, 0)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return no_answer(workspace, err);
        if (got < 0)
            return err_set_errno(err, "the supervisor went away");
        strbuf_add(&input, bytes, (size_t)got);
        const char *newline;
        while ((newline = memchr(input.data, '\n', input.len))) {
            const size_t length = (size_t)(newline - input.data);
            AUTO_JSON *line = NULL;
            if (json_parse(input.data, length, &line, err) || error_of(line, err))
                return -1;
            strbuf_consume(&input, length + 1);
            if (!fn(context, line))
                return 0;
        }
    }
    return 0;
}

int control_follow(const struct workspace *workspace, const cJSON *request,
                   bool (*fn)(void *context, const cJSON *line), void *context, struct err *err)
{
    return converse(workspace, request, 0, fn, context, err);
}

static bool keep_answer(void *context, const cJSON *line)
{
    *(cJSON **)context = cJSON_Duplicate(line, true);
    return false;
}

int control_request(const struct workspace *workspace, const cJSON *request, cJSON **answer,
                    struct err *err)
{
    cJSON *kept = NULL;
    const int limit_s = json_get(request, "names") ? 0 : ANSWER_S;
    if (converse(workspace, request, limit_s, keep_answer, &kept, err))
        return -1;
    if (!kept)
        return err_set(err, ERR_NOT_RUNNING, "berth ended before it answered");
    *answer = kept;
    return 0;
}
