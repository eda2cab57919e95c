#include "orchestrator/terminal/layout.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "orchestrator/terminal/text.h"

enum { NAME_MIN = 8, DETAIL_MIN = 10, HEALTH_FROM_COLUMNS = 60, MINUTE_MS = 60000 };

// Widths of the columns before the last one.
struct columns {
    size_t name, state, health, elapsed;
    bool has_detail;
};

static const char *const tones[] = {[LIVE_QUIET] = "\033[2m",
                                    [LIVE_BUSY] = "\033[36m",
                                    [LIVE_GOOD] = "\033[32m",
                                    [LIVE_UNWELL] = "\033[33m",
                                    [LIVE_BAD] = "\033[31m"};

static size_t widest(size_t known, const char *text)
{
    const size_t width = text ? terminal_width(text) : 0;
    return width > known ? width : known;
}

// "850 ms", "3.2 s" for what is over; whole seconds for what still counts.
static void format_elapsed(const struct live_row *row, char out[CLOCK_DURATION_SIZE])
{
    out[0] = '\0';
    if (row->tone == LIVE_BUSY && row->elapsed_ms >= 0 && row->elapsed_ms < MINUTE_MS)
        snprintf(out, CLOCK_DURATION_SIZE, "%" PRId64 " s", row->elapsed_ms / 1000);
    else if (row->elapsed_ms >= 0)
        clock_format_duration(row->elapsed_ms, out);
}

static struct columns measure(const struct live_view *view)
{
    struct columns columns = {0};
    char elapsed[CLOCK_DURATION_SIZE];
    for (size_t i = 0; i < view->count; i++) {
        format_elapsed(&view->rows[i], elapsed);
        columns.elapsed = widest(columns.elapsed, elapsed);
        columns.name = widest(columns.name, view->rows[i].name);
        columns.state = widest(columns.state, view->rows[i].state);
        columns.health = widest(columns.health, view->rows[i].health);
    }
    const bool narrow = view->columns < HEALTH_FROM_COLUMNS;
    const size_t part = view->columns / (narrow ? 4 : 3);
    const size_t most = part > NAME_MIN ? part : NAME_MIN;
    if (columns.name > most)
        columns.name = most;
    if (narrow)
        columns.health = 0;
    const size_t taken = 2 + columns.name + 2 + columns.state + columns.health + 2 +
                         columns.elapsed + 2 + (columns.health ? 2 : 0);
    columns.has_detail = taken + DETAIL_MIN <= view->columns;
    return columns;
}

static void add_padded(const char *text, size_t width, struct strbuf *out)
{
    for (size_t taken = terminal_fit(text, width, out); taken < width; taken++)
        strbuf_addch(out, ' ');
}

static void add_progress(const struct live_row *row, struct strbuf *out)
{
    const int64_t done = row->done < row->total ? row->done : row->total;
    if (strcmp(row->unit, "bytes") == 0)
        strbuf_addf(out, "%" PRId64 " %% of %.1f MB  ", done * 100 / row->total,
                    (double)row->total / 1e6);
    else
        strbuf_addf(out, "%" PRId64 " of %" PRId64 " %s  ", done, row->total, row->unit);
}

static void add_row(const struct live_view *view, const struct columns *columns, size_t index,
                    struct strbuf *out)
{
    const struct live_row *row = &view->rows[index];
    AUTO_STRBUF line = STRBUF_INIT;
    strbuf_adds(&line, index == view->selected ? "> " : "  ");
    add_padded(row->name, columns->name, &line);
    strbuf_adds(&line, "  ");
    AUTO_STRBUF state = STRBUF_INIT;
    strbuf_addf(&state, "%s%s\033[0m", tones[row->tone], row->state);
    add_padded(state.data, columns->state, &line);
    if (columns->health) {
        strbuf_adds(&line, "  ");
        add_padded(row->health ? row->health : "", columns->health, &line);
    }
    char elapsed[CLOCK_DURATION_SIZE];
    format_elapsed(row, elapsed);
    strbuf_addf(&line, "  %*s  ", (int)columns->elapsed, elapsed);
    if (row->total > 0 && columns->has_detail)
        add_progress(row, &line);
    if (row->detail && columns->has_detail)
        strbuf_adds(&line, row->detail);
    while (line.len && line.data[line.len - 1] == ' ')
        line.data[--line.len] = '\0';
    terminal_fit(line.data, view->columns, out);
    strbuf_addch(out, '\n');
}

static bool is_up(const struct live_row *row)
{
    return row->tone == LIVE_GOOD || row->tone == LIVE_QUIET;
}

// Marks the rows to show where there is room for `room` of them: the selected one, those that are
// not up, then the first of the rest. Returns how many of the hidden ones are up.
static size_t choose(const struct live_view *view, size_t room, bool *shown)
{
    size_t hidden_up = 0;
    for (size_t pass = 0; pass < 3; pass++)
        for (size_t i = 0; i < view->count && room > 0; i++) {
            const bool takes = pass == 0   ? i == view->selected
                               : pass == 1 ? !is_up(&view->rows[i])
                                           : true;
            if (!takes || shown[i])
                continue;
            shown[i] = true;
            room--;
        }
    for (size_t i = 0; i < view->count; i++)
        hidden_up += !shown[i] && is_up(&view->rows[i]);
    return hidden_up;
}

static void add_line(const struct live_view *view, const char *text, struct strbuf *out)
{
    AUTO_STRBUF line = STRBUF_INIT;
    strbuf_addf(&line, "\033[2m%s\033[0m", text);
    terminal_fit(line.data, view->columns, out);
    strbuf_addch(out, '\n');
}

size_t live_layout(const struct live_view *view, struct strbuf *out)
{
    const struct columns columns = measure(view);
    size_t room = view->lines_max, lines = 0;
    const bool has_footer = view->footer && room > view->count / 8 + 1;
    room -= has_footer;
    AUTOFREE bool *shown = mem_alloc(view->count * sizeof *shown + 1);
    const bool all = view->count <= room;
    const size_t rows = all ? view->count : room > 1 ? room - 1 : 0;
    const size_t hidden_up = choose(view, rows, shown);
    for (size_t i = 0; i < view->count; i++)
        if (shown[i]) {
            add_row(view, &columns, i, out);
            lines++;
        }
    if (!all && room > 0) {
        const size_t hidden = view->count - rows;
        AUTOFREE char *text = hidden_up == hidden
                                  ? mem_printf("  and %zu more that are up", hidden)
                                  : mem_printf("  and %zu more, %zu of them up", hidden, hidden_up);
        add_line(view, text, out);
        lines++;
    }
    if (has_footer) {
        add_line(view, view->footer, out);
        lines++;
    }
    return lines;
}
