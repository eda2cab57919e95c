#include "orchestrator/cli/start_live.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/vec.h"
#include "orchestrator/cli/start_browser.h"
#include "orchestrator/run/reason.h"
#include "orchestrator/run/report.h"
#include "orchestrator/run/requests.h"
#include "orchestrator/terminal/layout.h"
#include "orchestrator/terminal/output.h"
#include "orchestrator/terminal/screen.h"
#include "orchestrator/terminal/text.h"
#include "orchestrator/terminal/tty.h"

enum { FRAME_MS = 50, TICK_MS = 1000, SHOWN_OF_LOG = 20, OWN_WORDS = 0 };

enum shown_logs { LOGS_OF_PROCESSES, LOGS_OF_ALL, LOGS_OF_ONE };

struct start_live {
    const struct supervisor *supervisor;
    struct loop *loop;
    struct start_live_actions actions;
    struct tty *tty;
    struct screen *screen;
    struct output *output;
    struct loop_timer *frame_timer, *tick_timer;
    int64_t last_frame_ms;
    bool dirty;
    enum shown_logs logs;
    char *selected; // the resource that keys act on; NULL: none
    struct browser *browser;
};

// What the rows point to.
struct row_texts {
    VEC_OF(struct live_row) rows;
    VEC_OF(char *) owned;
};

static enum live_tone tone_of(const struct resource *resource)
{
    switch (resource->machine.state) {
    case STATE_RUNNING:
        return resource->machine.health == HEALTH_DEGRADED ? LIVE_UNWELL : LIVE_GOOD;
    case STATE_FINISHED:
    case STATE_EXITED:
        if (resource->machine.failed)
            return LIVE_BAD;
        return resource->plan->backing == BACKING_JOB ? LIVE_GOOD : LIVE_QUIET;
    case STATE_FAILED_TO_START: return LIVE_BAD;
    case STATE_RUNTIME_UNHEALTHY: return LIVE_UNWELL;
    case STATE_NOT_STARTED: return LIVE_QUIET;
    default: return LIVE_BUSY;
    }
}

// Of what is on its way: since it may go on. Of what is up: how long that took.
static int64_t elapsed_of(const struct resource *resource, int64_t now)
{
    switch (resource->machine.state) {
    case STATE_WAITING: return now - resource->machine.since_ms;
    case STATE_BUILDING:
    case STATE_STARTING: return now - resource->unblocked_ms;
    case STATE_STOPPING: return now - resource->machine.since_ms;
    default:
        return resource->ready_ms > 0 && resource->unblocked_ms > 0 &&
                       resource->ready_ms >= resource->unblocked_ms
                   ? resource->ready_ms - resource->unblocked_ms
                   : -1;
    }
}

// Where it can be reached, or why not. A progress says enough.
static const char *detail_of(const struct resource *resource, bool has_progress,
                             struct row_texts *texts)
{
    AUTO_STRBUF detail = STRBUF_INIT;
    AUTO_STRBUF reason = STRBUF_INIT;
    if (has_progress)
        return NULL;
    reason_of(resource, &reason);
    if (!reason.len && machine_is_ready(&resource->machine) &&
        resource->plan->backing != BACKING_JOB)
        report_endpoint(resource->plan, &detail);
    else if (reason.len || resource->message)
        terminal_safe(reason.len ? reason.data : resource->message, &detail);
    if (!detail.len)
        return NULL;
    vec_push(&texts->owned, strbuf_detach(&detail));
    return texts->owned.items[texts->owned.len - 1];
}

static struct live_row row_of(const struct resource *resource, int64_t now, struct row_texts *texts)
{
    const struct resource_progress *progress = &resource->progress;
    const bool has_progress = progress->total > 0 && (resource->machine.state == STATE_BUILDING ||
                                                      resource->machine.state == STATE_STARTING);
    return (struct live_row){.name = resource->plan->name,
                             .state = machine_state_name(resource->machine.state),
                             .health = machine_health_name(resource->machine.health),
                             .detail = detail_of(resource, has_progress, texts),
                             .tone = tone_of(resource),
                             .elapsed_ms = elapsed_of(resource, now),
                             .done = progress->done,
                             .total = has_progress ? progress->total : 0,
                             .unit = progress->unit};
}

static const char *footer_of(const struct start_live *live)
{
    static const char *const keys[] = {
        [LOGS_OF_PROCESSES] = "d dashboard  r restart  l logs: processes  q quit  ↑↓ choose",
        [LOGS_OF_ALL] = "d dashboard  r restart  l logs: all  q quit  ↑↓ choose",
        [LOGS_OF_ONE] = "d dashboard  r restart  l logs: this one  q quit  ↑↓ choose"};
    return keys[live->logs];
}

// Returns whether something is on its way, and the clock has to tick.
static bool add_block(const struct start_live *live, size_t columns, size_t rows,
                      struct strbuf *out)
{
    struct row_texts texts = {0};
    const int64_t now = clock_monotonic_ms();
    size_t selected = SIZE_MAX;
    bool busy = false;
    for (size_t i = 0; i < supervisor_count(live->supervisor); i++) {
        const struct resource *resource = supervisor_resource(live->supervisor, i);
        if (!resource->wanted)
            continue;
        if (live->selected && strcmp(live->selected, resource->plan->name) == 0)
            selected = texts.rows.len;
        vec_push(&texts.rows, row_of(resource, now, &texts));
        busy = busy || texts.rows.items[texts.rows.len - 1].tone == LIVE_BUSY;
    }
    const struct live_view view = {.rows = texts.rows.items,
                                   .count = texts.rows.len,
                                   .selected = selected,
                                   .footer = footer_of(live),
                                   .columns = columns,
                                   .lines_max = rows / 2 > 1 ? rows / 2 : 1};
    live_layout(&view, out);
    vec_each (text, &texts.owned)
        free(*text);
    vec_release(&texts.owned);
    vec_release(&texts.rows);
    return busy;
}

static void draw(struct start_live *live)
{
    size_t columns, rows;
    tty_size(&columns, &rows);
    AUTO_STRBUF block = STRBUF_INIT;
    AUTO_STRBUF frame = STRBUF_INIT;
    const bool busy = add_block(live, columns, rows, &block);
    screen_frame(live->screen, block.data, columns, rows, &frame);
    live->dirty = false;
    live->last_frame_ms = clock_monotonic_ms();
    output_write(live->output, frame.data, frame.len);
    if (busy)
        loop_timer_set(live->tick_timer, TICK_MS);
    else
        loop_timer_clear(live->tick_timer);
}

static void on_frame_due(void *context)
{
    struct start_live *live = context;
    if (live->dirty && output_waiting(live->output) == 0) // else once that is written
        draw(live);
}

void start_live_change(struct start_live *live)
{
    live->dirty = true;
    if (loop_timer_pending(live->frame_timer))
        return;
    const int64_t due = live->last_frame_ms + FRAME_MS - clock_monotonic_ms();
    loop_timer_set(live->frame_timer, due > 0 ? due : 0);
}

static void on_tick(void *context)
{
    start_live_change(context);
}

static void add_line(struct start_live *live, size_t key, const char *prefix, const char *text)
{
    AUTO_STRBUF safe = STRBUF_INIT;
    terminal_safe(text, &safe);
    screen_add_line(live->screen, key, prefix, safe.data);
    start_live_change(live);
}

void start_live_say(struct start_live *live, const char *text)
{
    while (*text) {
        const size_t length = strcspn(text, "\n");
        AUTOFREE char *line = mem_strndup(text, length);
        add_line(live, OWN_WORDS, "", line);
        text += length + (text[length] == '\n');
    }
}

static bool is_shown(const struct start_live *live, const struct resource *resource,
                     const struct log_line *line)
{
    if (live->logs == LOGS_OF_ONE)
        return live->selected && strcmp(live->selected, resource->plan->name) == 0;
    if (line->stream == LOG_SYSTEM) // the block shows what berth says of it
        return false;
    return live->logs == LOGS_OF_ALL || resource->plan->backing == BACKING_PROCESS;
}

// Each resource's prefix in a colour of its own, as far as there are any.
static void add_prefix(const struct start_live *live, size_t index, struct strbuf *out)
{
    static const int colours[] = {36, 35, 34, 33, 32, 96, 95, 94};
    size_t width = 0;
    for (size_t i = 0; i < supervisor_count(live->supervisor); i++) {
        const struct resource *resource = supervisor_resource(live->supervisor, i);
        const size_t length = strlen(resource->plan->name);
        if (resource->wanted && length > width)
            width = length;
    }
    strbuf_addf(out, "\033[%dm%-*s |\033[0m ", colours[index % (sizeof colours / sizeof *colours)],
                (int)width, supervisor_resource(live->supervisor, index)->plan->name);
}

static size_t index_of(const struct start_live *live, const struct resource *resource)
{
    size_t index = 0;
    while (supervisor_resource(live->supervisor, index) != resource)
        index++;
    return index;
}

void start_live_line(struct start_live *live, const struct resource *resource,
                     const struct log_line *line)
{
    if (!is_shown(live, resource, line))
        return;
    const size_t index = index_of(live, resource);
    AUTO_STRBUF prefix = STRBUF_INIT;
    add_prefix(live, index, &prefix);
    add_line(live, OWN_WORDS + 1 + index, prefix.data, line->text);
}

static bool show_kept(void *context, const struct log_line *line)
{
    struct start_live *live = context;
    const struct resource *resource = supervisor_find(live->supervisor, live->selected);
    if (resource)
        start_live_line(live, resource, line);
    return true;
}

// With one chosen: its log, what it said last included, and back. Without: of all, or of processes.
static void on_logs_key(struct start_live *live)
{
    if (!live->selected) {
        live->logs = live->logs == LOGS_OF_PROCESSES ? LOGS_OF_ALL : LOGS_OF_PROCESSES;
        return;
    }
    live->logs = live->logs == LOGS_OF_ONE ? LOGS_OF_PROCESSES : LOGS_OF_ONE;
    if (live->logs != LOGS_OF_ONE)
        return;
    AUTOFREE char *directory = workspace_path(supervisor_plan(live->supervisor)->workspace, "logs");
    int64_t next;
    log_read(directory, live->selected, 0, SHOWN_OF_LOG, show_kept, live, &next);
}

static void on_no_browser(void *context)
{
    struct start_live *live = context;
    AUTOFREE char *text =
        mem_printf("there is neither $BROWSER nor xdg-open; the dashboard is at %s",
                   live->actions.dashboard_url);
    start_live_say(live, text);
}

static void on_dashboard_key(struct start_live *live)
{
    struct err err;
    if (!live->actions.dashboard_url) {
        start_live_say(live, "there is no dashboard in this run");
        return;
    }
    browser_free(TAKE(live->browser));
    if (browser_open(live->loop, supervisor_plan(live->supervisor)->workspace,
                     live->actions.dashboard_url, on_no_browser, live, &live->browser, &err))
        start_live_say(live, err.message);
}

// The next wanted resource in either direction; before the first and after the last is none.
static void select_next(struct start_live *live, int direction)
{
    const int count = (int)supervisor_count(live->supervisor);
    const struct resource *now =
        live->selected ? supervisor_find(live->supervisor, live->selected) : NULL;
    int index = now ? (int)index_of(live, now) : direction > 0 ? -1 : count;
    do
        index += direction;
    while (index >= 0 && index < count &&
           !supervisor_resource(live->supervisor, (size_t)index)->wanted);
    free(TAKE(live->selected));
    if (index >= 0 && index < count)
        live->selected =
            mem_strdup(supervisor_resource(live->supervisor, (size_t)index)->plan->name);
    if (live->logs == LOGS_OF_ONE)
        live->logs = LOGS_OF_PROCESSES;
}

static void on_restart_key(struct start_live *live)
{
    struct resource *resource =
        live->selected ? supervisor_find(live->supervisor, live->selected) : NULL;
    struct err err;
    if (!resource)
        start_live_say(live, "choose what to restart with the arrow keys, then press r");
    else if (resource_request(resource, REQUEST_RESTART, &err))
        start_live_say(live, err.message);
}

static void on_key(void *context, int key)
{
    struct start_live *live = context;
    switch (key) {
    case 'd': on_dashboard_key(live); break;
    case 'l': on_logs_key(live); break;
    case 'r': on_restart_key(live); break;
    case 'q': live->actions.quit(live->actions.context); break;
    case 'j':
    case TTY_KEY_DOWN: select_next(live, 1); break;
    case 'k':
    case TTY_KEY_UP: select_next(live, -1); break;
    case TTY_KEY_ESCAPE: free(TAKE(live->selected)); break;
    default: return;
    }
    start_live_change(live);
}

static void on_resize(void *context)
{
    struct start_live *live = context;
    AUTO_STRBUF out = STRBUF_INIT;
    screen_clear(live->screen, &out);
    output_write(live->output, out.data, out.len);
    start_live_change(live);
}

static void leave(struct start_live *live)
{
    AUTO_STRBUF out = STRBUF_INIT;
    screen_leave(live->screen, &out);
    output_write(live->output, out.data, out.len);
}

static void on_suspend(void *context)
{
    struct start_live *live = context;
    leave(live);
    output_flush(live->output); // there is no next turn
}

static void on_resume(void *context)
{
    start_live_change(context);
}

bool start_live_is_possible(bool colour)
{
    return colour && tty_is_usable();
}

struct start_live *start_live_new(const struct supervisor *supervisor,
                                  const struct start_live_actions *actions)
{
    struct start_live *live = mem_alloc(sizeof *live);
    struct loop *loop = supervisor_loop(supervisor);
    const struct tty_events events = {live, on_key, on_resize, on_suspend, on_resume};
    *live = (struct start_live){.supervisor = supervisor,
                                .loop = loop,
                                .actions = *actions,
                                .screen = screen_new(),
                                .output = output_new(loop, STDOUT_FILENO, on_frame_due, live),
                                .frame_timer = loop_timer_new(loop, on_frame_due, live),
                                .tick_timer = loop_timer_new(loop, on_tick, live)};
    live->tty = tty_new(loop, &events);
    start_live_change(live);
    return live;
}

void start_live_free(struct start_live *live)
{
    if (!live)
        return;
    draw(live);
    leave(live);
    tty_free(live->tty);
    output_free(live->output);
    loop_timer_free(live->frame_timer);
    loop_timer_free(live->tick_timer);
    screen_free(live->screen);
    browser_free(live->browser);
    free(live->selected);
    free(live);
}
