#include "orchestrator/terminal/screen.h"

#include "base/mem.h"
#include "base/vec.h"
#include "orchestrator/terminal/text.h"

#define HIDE_CURSOR "\033[?25l"
#define SHOW_CURSOR "\033[?25h"
#define WRAP_OFF "\033[?7l"
#define WRAP_ON "\033[?7h"
#define ERASE_BELOW "\033[J"
// Terminals that know it show a frame at once, the others ignore it (DEC private mode 2026).
#define FRAME_BEGIN "\033[?2026h"
#define FRAME_END "\033[?2026l"

enum { NONE = -1 };

// A line that came since the last frame. Those of one key are chained, the oldest first.
struct waiting_line {
    char *text; // NULL: skipped
    size_t key;
    ptrdiff_t next;
};

struct source {
    char *prefix;
    ptrdiff_t oldest, newest; // in `waiting`; NONE
    size_t count, skipped;
};

struct screen {
    VEC_OF(struct waiting_line) waiting;
    VEC_OF(struct source) sources; // by key
    VEC_OF(char *) tail;           // the lines below the block
    size_t drawn_rows;             // what the last frame took; 0: nothing is drawn
};

struct screen *screen_new(void)
{
    return mem_alloc(sizeof(struct screen));
}

static void free_lines(struct screen *screen)
{
    vec_each (line, &screen->tail)
        free(*line);
    screen->tail.len = 0;
}

void screen_free(struct screen *screen)
{
    if (!screen)
        return;
    free_lines(screen);
    vec_each (line, &screen->waiting)
        free(line->text);
    vec_each (source, &screen->sources)
        free(source->prefix);
    vec_release(&screen->tail);
    vec_release(&screen->waiting);
    vec_release(&screen->sources);
    free(screen);
}

static struct source *source_of(struct screen *screen, size_t key)
{
    while (screen->sources.len <= key)
        vec_push(&screen->sources, (struct source){.oldest = NONE, .newest = NONE});
    return &screen->sources.items[key];
}

// Takes out what was skipped, so that a flood between two frames does not grow the list.
static void compact(struct screen *screen)
{
    size_t kept = 0;
    vec_each (source, &screen->sources)
        source->oldest = source->newest = NONE;
    for (size_t i = 0; i < screen->waiting.len; i++) {
        struct waiting_line line = screen->waiting.items[i];
        if (!line.text)
            continue;
        struct source *source = &screen->sources.items[line.key];
        line.next = NONE;
        if (source->newest == NONE)
            source->oldest = (ptrdiff_t)kept;
        else
            screen->waiting.items[source->newest].next = (ptrdiff_t)kept;
        source->newest = (ptrdiff_t)kept;
        screen->waiting.items[kept++] = line;
    }
    screen->waiting.len = kept;
}

static void skip_oldest(struct screen *screen, struct source *source)
{
    struct waiting_line *line = &screen->waiting.items[source->oldest];
    free(TAKE(line->text));
    source->oldest = line->next;
    source->count--;
    source->skipped++;
}

void screen_add_line(struct screen *screen, size_t key, const char *prefix, const char *text)
{
    struct source *source = source_of(screen, key);
    if (!source->prefix || strcmp(source->prefix, prefix) != 0) {
        free(source->prefix);
        source->prefix = mem_strdup(prefix);
    }
    if (source->count == SCREEN_BACKLOG) {
        skip_oldest(screen, source);
        if (screen->waiting.len > 2 * SCREEN_BACKLOG * screen->sources.len)
            compact(screen);
    }
    const ptrdiff_t index = (ptrdiff_t)screen->waiting.len;
    vec_push(&screen->waiting, (struct waiting_line){mem_printf("%s%s", prefix, text), key, NONE});
    if (source->count++ == 0)
        source->oldest = index;
    else
        screen->waiting.items[source->newest].next = index;
    source->newest = index;
}

static void tell_skipped(struct screen *screen, struct source *source)
{
    if (source->skipped)
        vec_push(&screen->tail, mem_printf("%s\033[2m… %zu line%s skipped\033[0m", source->prefix,
                                           source->skipped, source->skipped == 1 ? "" : "s"));
    source->skipped = 0;
}

// The lines that waited join those below the block.
static void take_waiting(struct screen *screen)
{
    vec_each (line, &screen->waiting) {
        if (!line->text)
            continue;
        tell_skipped(screen, &screen->sources.items[line->key]);
        vec_push(&screen->tail, line->text);
    }
    screen->waiting.len = 0;
    vec_each (source, &screen->sources) {
        source->oldest = source->newest = NONE;
        source->count = 0;
    }
}

// How many of the oldest lines don't fit below the block any more.
static size_t outgoing(const struct screen *screen, size_t columns, size_t room, size_t *rows)
{
    size_t first = screen->tail.len;
    for (*rows = 0; first > 0; first--) {
        const size_t more = terminal_rows(screen->tail.items[first - 1], columns);
        if (*rows + more > room)
            break;
        *rows += more;
    }
    return first;
}

static void go_to_top(const struct screen *screen, struct strbuf *out)
{
    if (!screen->drawn_rows)
        return;
    strbuf_addch(out, '\r');
    if (screen->drawn_rows > 1)
        strbuf_addf(out, "\033[%zuA", screen->drawn_rows - 1);
    strbuf_adds(out, ERASE_BELOW);
}

static size_t add_block(const char *block, struct strbuf *out)
{
    size_t rows = 0;
    for (const char *line = block; *line; rows++) {
        const size_t length = strcspn(line, "\n");
        strbuf_adds(out, rows ? "\r\n" : "");
        strbuf_add(out, line, length);
        line += length + (line[length] == '\n');
    }
    return rows;
}

void screen_frame(struct screen *screen, const char *block, size_t columns, size_t height,
                  struct strbuf *out)
{
    size_t tail_rows, block_rows = 0;
    for (const char *at = block; *at; at++)
        block_rows += *at == '\n';
    take_waiting(screen);
    const size_t room = height > block_rows ? height - block_rows : 0;
    const size_t leaving = outgoing(screen, columns, room, &tail_rows);
    strbuf_adds(out, FRAME_BEGIN HIDE_CURSOR);
    go_to_top(screen, out);
    for (size_t i = 0; i < leaving; i++) {
        strbuf_addf(out, "%s\r\n", screen->tail.items[i]);
        free(screen->tail.items[i]);
    }
    for (size_t i = leaving; i < screen->tail.len; i++)
        screen->tail.items[i - leaving] = screen->tail.items[i];
    screen->tail.len -= leaving;
    strbuf_adds(out, WRAP_OFF);
    size_t rows = add_block(block, out);
    vec_each (line, &screen->tail) {
        strbuf_adds(out, rows ? "\r\n" : "");
        rows += terminal_wrap(*line, columns, "\r\n", out);
    }
    strbuf_adds(out, WRAP_ON FRAME_END);
    screen->drawn_rows = rows;
}

void screen_clear(struct screen *screen, struct strbuf *out)
{
    if (screen->drawn_rows)
        strbuf_adds(out, "\033[H" ERASE_BELOW);
    screen->drawn_rows = 0;
}

void screen_leave(struct screen *screen, struct strbuf *out)
{
    if (screen->drawn_rows)
        strbuf_adds(out, "\r\n");
    strbuf_adds(out, SHOW_CURSOR);
    free_lines(screen);
    screen->drawn_rows = 0;
}
