// The dashboard over a scripted workspace, for the browser tests and for looking at the page:
//
//     dashboard_demo demo.json [--chatter MS] [--port N] [--token TEXT]
//
// Prints the login URL, then takes commands on stdin, one JSON object a line, until end of file:
//
//     {"resource": "api", "set": {"state": "Running", "health": "Healthy"}}
//     {"log": "api", "text": "listening", "stream": "stdout"}
//     {"migrations": [...]}
//     {"workspace": "shop"}
//
// Times in the scenario are seconds relative to the start: {"startedAt": -75}.

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "dashboard/dashboard.h"

struct line {
    int64_t time_ms;
    char *stream, *text;
};

struct log {
    VEC_OF(struct line) lines; // line i has the id i + 1
};

struct demo {
    struct event_base *base;
    struct dashboard *dashboard;
    cJSON *scenario;
    struct map *logs; // of struct log, by resource
    size_t chatter_next;
};

// Numbers under keys that end in "At" become the times that they are away from now.
static void resolve_times(cJSON *value)
{
    cJSON *next;
    for (cJSON *child = value->child; child; child = next) {
        next = child->next;
        const size_t length = child->string ? strlen(child->string) : 0;
        if (cJSON_IsNumber(child) && length > 2 && strcmp(child->string + length - 2, "At") == 0) {
            char time[CLOCK_RFC3339_SIZE];
            clock_format_rfc3339(clock_wall_ms() + (int64_t)(child->valuedouble * 1000), time);
            cJSON_ReplaceItemInObjectCaseSensitive(value, child->string, cJSON_CreateString(time));
        } else {
            resolve_times(child);
        }
    }
}

static cJSON *find_resource(const struct demo *demo, const char *name)
{
    cJSON *resource;
    json_each (resource, json_get(demo->scenario, "resources")) {
        if (strcmp(json_string_or(resource, "name", ""), name) == 0)
            return resource;
    }
    return NULL;
}

static void write_resources(void *context, struct strbuf *json)
{
    const struct demo *demo = context;
    strbuf_adds(json, "{\"workspace\":");
    json_quote(json_string_or(demo->scenario, "workspace", ""), json);
    strbuf_adds(json, ",\"git\":");
    json_print(json_get(demo->scenario, "git"), false, json);
    strbuf_adds(json, ",\"resources\":");
    json_print(json_get(demo->scenario, "resources"), false, json);
    strbuf_addch(json, '}');
}

static void write_migrations(void *context, struct strbuf *json)
{
    const struct demo *demo = context;
    json_print(json_get(demo->scenario, "migrations"), false, json);
}

static bool write_logs(void *context, const char *resource, int64_t after, size_t limit,
                       struct strbuf *json)
{
    const struct demo *demo = context;
    if (!find_resource(demo, resource))
        return false;
    const struct log *log = map_get(demo->logs, resource);
    const size_t count = log ? log->lines.len : 0;
    size_t first = (size_t)after < count ? (size_t)after : count;
    if (after == 0 && count > limit)
        first = count - limit;
    const size_t end = count - first > limit ? first + limit : count;
    strbuf_adds(json, "{\"lines\":[");
    for (size_t i = first; i < end; i++) {
        const struct line *line = &log->lines.items[i];
        char time[CLOCK_RFC3339_SIZE];
        clock_format_rfc3339(line->time_ms, time);
        strbuf_addf(json, "%s{\"id\":%zu,\"time\":\"%s\",\"stream\":\"%s\",\"text\":",
                    i > first ? "," : "", i + 1, time, line->stream);
        json_quote(line->text, json);
        strbuf_addch(json, '}');
    }
    strbuf_addf(json, "],\"next\":%zu}", end);
    return true;
}

static void append_log(struct demo *demo, const char *resource, int64_t time_ms, const char *stream,
                       const char *text)
{
    struct log *log = map_get(demo->logs, resource);
    if (!log) {
        log = mem_alloc(sizeof *log);
        map_put(demo->logs, resource, log);
    }
    vec_push(&log->lines, (struct line){time_ms, mem_strdup(stream), mem_strdup(text)});
    if (demo->dashboard)
        dashboard_logs_appended(demo->dashboard, resource);
}

// {"log": resource, "text": …, "stream": …, "ago": seconds, "repeat": times}
static void append_log_of(struct demo *demo, const cJSON *entry)
{
    const int64_t repeat = json_int_or(entry, "repeat", 1);
    const int64_t ago_ms = (int64_t)(json_number_or(entry, "ago", 0) * 1000);
    for (int64_t i = 0; i < repeat; i++)
        append_log(demo, json_string_or(entry, "log", ""), clock_wall_ms() - ago_ms,
                   json_string_or(entry, "stream", "stdout"), json_string_or(entry, "text", ""));
}

static void set_fields(cJSON *target, const cJSON *fields)
{
    const cJSON *field;
    json_each (field, fields) {
        cJSON_DeleteItemFromObjectCaseSensitive(target, field->string);
        cJSON_AddItemToObject(target, field->string, cJSON_Duplicate(field, true));
    }
    resolve_times(target);
}

static void obey(struct demo *demo, const char *text, size_t length)
{
    struct err err;
    AUTO_JSON *command = NULL;
    if (json_parse(text, length, &command, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return;
    }
    cJSON *resource = find_resource(demo, json_string_or(command, "resource", ""));
    if (resource) {
        set_fields(resource, json_get(command, "set"));
        dashboard_resources_changed(demo->dashboard);
    } else if (json_get(command, "log")) {
        append_log_of(demo, command);
    } else if (json_get(command, "migrations")) {
        set_fields(demo->scenario, command);
        dashboard_migrations_changed(demo->dashboard);
    } else {
        set_fields(demo->scenario, command);
        dashboard_resources_changed(demo->dashboard);
    }
}

static void on_stdin(evutil_socket_t fd, short what, void *context)
{
    struct demo *demo = context;
    (void)what;
    static struct strbuf pending = STRBUF_INIT;
    char chunk[4096];
    const ssize_t got = read(fd, chunk, sizeof chunk);
    if (got <= 0) {
        strbuf_release(&pending);
        event_base_loopbreak(demo->base);
        return;
    }
    strbuf_add(&pending, chunk, (size_t)got);
    for (char *end; (end = strchr(pending.data, '\n'));) {
        obey(demo, pending.data, (size_t)(end - pending.data));
        strbuf_consume(&pending, (size_t)(end - pending.data) + 1);
    }
}

static void on_chatter(evutil_socket_t fd, short what, void *context)
{
    struct demo *demo = context;
    (void)fd;
    (void)what;
    const cJSON *chatter = json_get(demo->scenario, "chatter");
    const int count = cJSON_GetArraySize(chatter);
    if (count > 0)
        append_log_of(demo,
                      cJSON_GetArrayItem(chatter, (int)(demo->chatter_next++ % (size_t)count)));
}

static int load(struct demo *demo, const char *path, struct err *err)
{
    AUTO_STRBUF text = STRBUF_INIT;
    if (file_read(path, &text, err) || json_parse(text.data, text.len, &demo->scenario, err))
        return -1;
    resolve_times(demo->scenario);
    const cJSON *entry;
    json_each (entry, json_get(demo->scenario, "logs"))
        append_log_of(demo, entry);
    return 0;
}

static void demo_release(struct demo *demo)
{
    map_each (at, demo->logs) {
        struct log *log = at.value;
        vec_each (line, &log->lines) {
            free(line->stream);
            free(line->text);
        }
        vec_release(&log->lines);
        free(log);
    }
    map_free(demo->logs);
    cJSON_Delete(demo->scenario);
    event_base_free(demo->base);
}

static int run(struct demo *demo, const struct dashboard_options *options, int chatter_ms,
               struct err *err)
{
    AUTO_STRBUF url = STRBUF_INIT;
    const struct dashboard_backend backend = {
        .context = demo,
        .resources = write_resources,
        .migrations = write_migrations,
        .logs = write_logs,
    };
    if (dashboard_start(demo->base, options, &backend, &demo->dashboard, err))
        return -1;
    dashboard_login_url(demo->dashboard, &url);
    printf("%s\n", url.data);
    fflush(stdout);
    struct event *input = event_new(demo->base, STDIN_FILENO, EV_READ | EV_PERSIST, on_stdin, demo);
    struct event *chatter = event_new(demo->base, -1, EV_PERSIST, on_chatter, demo);
    event_add(input, NULL);
    if (chatter_ms > 0)
        event_add(chatter, &(const struct timeval){.tv_sec = chatter_ms / 1000,
                                                   .tv_usec = chatter_ms % 1000 * 1000});
    event_base_dispatch(demo->base);
    event_free(input);
    event_free(chatter);
    dashboard_free(demo->dashboard);
    return 0;
}

int main(int argc, char **argv)
{
    int chatter_ms = 0;
    AUTOFREE char *token = random_token(32);
    struct dashboard_options options = {.token = token};
    struct err err;
    if (argc < 2) {
        fprintf(stderr,
                "usage: dashboard_demo SCENARIO.json [--chatter MS] [--port N] [--token TEXT]\n");
        return 2;
    }
    for (int i = 2; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--port") == 0)
            options.port = (int)strtol(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--token") == 0)
            options.token = argv[i + 1];
        else if (strcmp(argv[i], "--chatter") == 0)
            chatter_ms = (int)strtol(argv[i + 1], NULL, 10);
    }
    // stdin may be a regular file, which epoll refuses.
    struct event_config *config = event_config_new();
    event_config_require_features(config, EV_FEATURE_FDS);
    struct demo demo = {.base = event_base_new_with_config(config), .logs = map_new()};
    event_config_free(config);
    const bool failed = load(&demo, argv[1], &err) || run(&demo, &options, chatter_ms, &err);
    if (failed)
        fprintf(stderr, "%s\n", err.message);
    demo_release(&demo);
    return failed ? 1 : 0;
}
