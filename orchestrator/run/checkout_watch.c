#include "orchestrator/run/checkout_watch.h"

#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/worker/worker.h"

enum {
    FIRST_DELAY_MS = 100,
    // git writes HEAD and its log one after the other: one look for both.
    SETTLE_MS = 50
};

struct checkout_watch {
    struct loop *loop;
    const char *path, *marker;
    loop_fn *changed;
    void *context;
    struct loop_timer *timer; // until the next look
    struct worker *worker;    // NULL: nobody is looking
    cJSON *shown;
    int fd; // inotify(7) on the directories of HEAD and of its log; -1: nothing to watch
    struct loop_watch *fd_watch;
    bool is_stale; // HEAD moved during the look
};

static void look_soon(struct checkout_watch *watch)
{
    if (watch->worker)
        watch->is_stale = true;
    else
        loop_timer_set(watch->timer, SETTLE_MS);
}

// A commit moves the branch, not HEAD: it shows in HEAD's log. git replaces files by renaming.
static void on_files(void *context, bool readable, bool writable)
{
    struct checkout_watch *watch = context;
    char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t got;
    bool moved = false;
    (void)readable;
    (void)writable;
    while ((got = read(watch->fd, buffer, sizeof buffer)) > 0) {
        for (char *at = buffer; at < buffer + got;) {
            const struct inotify_event *event = (const struct inotify_event *)(void *)at;
            moved = moved || (event->len && (strcmp(event->name, "HEAD") == 0 ||
                                             strcmp(event->name, "logs") == 0));
            at += sizeof *event + event->len;
        }
    }
    if (moved)
        look_soon(watch);
}

static void stop_watching(struct checkout_watch *watch)
{
    loop_watch_free(TAKE(watch->fd_watch));
    if (watch->fd >= 0)
        close(TAKE_FD(watch->fd));
}

// Anew after each look: the log's directory may have come, or the repository have gone.
static void watch_files(struct checkout_watch *watch, const char *directory)
{
    const uint32_t mask = IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO;
    stop_watching(watch);
    if (!directory)
        return;
    AUTOFREE char *logs = mem_printf("%s/logs", directory);
    watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch->fd < 0 || inotify_add_watch(watch->fd, directory, mask) < 0) {
        stop_watching(watch);
        return;
    }
    (void)inotify_add_watch(watch->fd, logs, mask);
    watch->fd_watch = loop_watch_new(watch->loop, watch->fd, true, false, on_files, watch);
}

static void on_looked(void *context, const cJSON *result, const struct err *err)
{
    struct checkout_watch *watch = context;
    const cJSON *found = json_get(result, "checkout");
    worker_free(TAKE(watch->worker));
    if (err)
        return;
    watch_files(watch, json_string_or(result, "directory", NULL));
    if (!cJSON_IsObject(found))
        found = NULL;
    if (!cJSON_Compare(found, watch->shown, true) && (found || watch->shown)) {
        cJSON_Delete(watch->shown);
        watch->shown = found ? cJSON_Duplicate(found, true) : NULL;
        watch->changed(watch->context);
    }
    if (watch->is_stale)
        loop_timer_set(watch->timer, SETTLE_MS);
    watch->is_stale = false;
}

static void look(void *context)
{
    struct checkout_watch *watch = context;
    const struct worker_callbacks callbacks = {.context = watch, .on_done = on_looked};
    AUTO_JSON *job = worker_job_checkout(watch->path);
    struct err ignored;
    if (worker_start(watch->loop, job, watch->marker, &callbacks, &watch->worker, &ignored))
        watch->worker = NULL;
}

struct checkout_watch *checkout_watch_new(struct loop *loop, const char *path, const char *marker,
                                          loop_fn *changed, void *context)
{
    struct checkout_watch *watch = mem_alloc(sizeof *watch);
    *watch = (struct checkout_watch){.loop = loop,
                                     .path = path,
                                     .marker = marker,
                                     .changed = changed,
                                     .context = context,
                                     .timer = loop_timer_new(loop, look, watch),
                                     .fd = -1};
    loop_timer_set(watch->timer, FIRST_DELAY_MS);
    return watch;
}

void checkout_watch_free(struct checkout_watch *watch)
{
    if (!watch)
        return;
    stop_watching(watch);
    worker_free(watch->worker);
    loop_timer_free(watch->timer);
    cJSON_Delete(watch->shown);
    free(watch);
}

const cJSON *checkout_watch_shown(const struct checkout_watch *watch)
{
    return watch ? watch->shown : NULL;
}
