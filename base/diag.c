#include "base/diag.h"

#include <stdarg.h>
#include <string.h>

#include "base/utf8.h"

struct position source_line_position(struct source_line *line, const struct source *source,
                                     size_t offset)
{
    if (offset > source->length)
        offset = source->length;
    if (line->source != source || line->at > offset)
        *line = (struct source_line){.source = source, .number = 1, .column = 1};
    const char *newline;
    while (line->at < offset &&
           (newline = memchr(source->text + line->at, '\n', offset - line->at)) != NULL) {
        line->at = (size_t)(newline - source->text) + 1;
        line->number++;
        line->column = 1;
    }
    for (; line->at < offset; line->at++)
        line->column += ((unsigned char)source->text[line->at] & 0xC0) != 0x80;
    return (struct position){line->number, line->column};
}

struct position source_position(const struct source *source, size_t offset)
{
    struct source_line line = {0};
    return source_line_position(&line, source, offset);
}

void diag_list_release(struct diag_list *list)
{
    vec_release(&list->items);
    arena_free(list->arena);
    *list = (struct diag_list){0};
}

static void add(struct diag_list *list, enum diag_severity severity, struct span span,
                const char *format, va_list args)
{
    if (!list->arena)
        list->arena = arena_new();
    AUTOFREE char *message = mem_vprintf(format, args);
    vec_push(&list->items, (struct diag){.severity = severity,
                                         .span = span,
                                         .message = arena_strdup(list->arena, message)});
    if (severity == DIAG_ERROR)
        list->error_count++;
}

void diag_error(struct diag_list *list, struct span span, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(list, DIAG_ERROR, span, format, args);
    va_end(args);
}

void diag_warning(struct diag_list *list, struct span span, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(list, DIAG_WARNING, span, format, args);
    va_end(args);
}

void diag_hint(struct diag_list *list, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTOFREE char *hint = mem_vprintf(format, args);
    va_end(args);
    list->items.items[list->items.len - 1].hint = arena_strdup(list->arena, hint);
}

// The source line with a caret line below. Very long lines (minified files) are cut around the
// span.
static void render_excerpt(const struct span *span, struct position position, struct strbuf *out)
{
    enum { WIDTH = 160 };
    const struct source *source = span->source;
    size_t start = span->start > source->length ? source->length : span->start;
    size_t line_start = start, line_end = start;
    // Not further than what is shown: the line may be the whole file.
    while (line_start > 0 && start - line_start <= WIDTH && source->text[line_start - 1] != '\n')
        line_start--;
    while (line_end < source->length && line_end - start <= WIDTH && source->text[line_end] != '\n')
        line_end++;
    size_t from = start - line_start > WIDTH / 2 ? start - WIDTH / 2 : line_start;
    size_t to = line_end - from > WIDTH ? from + WIDTH : line_end;
    while (from < start && ((unsigned char)source->text[from] & 0xC0) == 0x80)
        from++;
    if (to > from && to == line_end && source->text[to - 1] == '\r')
        to--;
    if (to < line_end)
        to = from + utf8_whole_length(source->text + from, to - from);

    strbuf_addf(out, "%5zu | ", position.line);
    utf8_add_safe(out, source->text + from, to - from);
    strbuf_adds(out, "\n      | ");
    for (size_t i = from; i < start; i++)
        if (((unsigned char)source->text[i] & 0xC0) != 0x80)
            strbuf_addch(out, ' ');
    strbuf_addch(out, '^');
    size_t end = span->end < to ? span->end : to;
    for (size_t i = start + 1; i < end; i++)
        if (((unsigned char)source->text[i] & 0xC0) != 0x80)
            strbuf_addch(out, '~');
    strbuf_addch(out, '\n');
}

static void render(const struct diag *diag, struct source_line *line, bool colour,
                   struct strbuf *out)
{
    const bool is_error = diag->severity == DIAG_ERROR;
    struct position position = {0};
    if (diag->span.source) {
        position = source_line_position(line, diag->span.source, diag->span.start);
        utf8_add_safe(out, diag->span.source->path, strlen(diag->span.source->path));
        strbuf_addf(out, ":%zu:%zu: ", position.line, position.column);
    }
    if (colour)
        strbuf_adds(out, is_error ? "\033[1;31m" : "\033[1;33m");
    strbuf_adds(out, is_error ? "error" : "warning");
    if (colour)
        strbuf_adds(out, "\033[0m");
    strbuf_adds(out, ": ");
    utf8_add_safe(out, diag->message, strlen(diag->message));
    strbuf_addch(out, '\n');
    if (diag->span.source)
        render_excerpt(&diag->span, position, out);
    if (diag->hint) {
        strbuf_adds(out, "  hint: ");
        utf8_add_safe(out, diag->hint, strlen(diag->hint));
        strbuf_addch(out, '\n');
    }
}

void diag_render(const struct diag *diag, bool colour, struct strbuf *out)
{
    struct source_line line = {0};
    render(diag, &line, colour, out);
}

void diag_render_all(const struct diag_list *list, bool colour, struct strbuf *out)
{
    struct source_line line = {0};
    vec_each (diag, &list->items)
        render(diag, &line, colour, out);
}
