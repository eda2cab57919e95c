#include "orchestrator/terminal/text.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/utf8.h"
#include "base/width.h"

static const char colour_off[] = "\033[0m";

// What begins with ESC and a letter, or with the one C1 character that stands for both
// (ECMA-48, 5.4 to 5.6).
enum sequence_kind { NO_SEQUENCE, CONTROL_SEQUENCE, CONTROL_STRING, ESCAPE_SEQUENCE };

// *rest: where it goes on after its introducer.
static enum sequence_kind sequence_at(const char *text, const char **rest)
{
    const unsigned char first = (unsigned char)text[0], second = (unsigned char)text[1];
    int letter;
    if (first == 0x1B) {
        letter = second;
        *rest = text + (second >= '@' && second <= '_' ? 2 : 1);
    } else if (first == 0xC2 && second >= 0x80 && second < 0xA0) {
        letter = second - 0x40;
        *rest = text + 2;
    } else {
        return NO_SEQUENCE;
    }
    switch (letter) {
    case '[': return CONTROL_SEQUENCE;
    case ']': // operating system commands
    case 'P':
    case 'X':
    case '^':
    case '_': return CONTROL_STRING;
    default: return ESCAPE_SEQUENCE;
    }
}

static const char *skip_range(const char *text, char first, char last)
{
    while (*text >= first && *text <= last)
        text++;
    return text;
}

// After a string's end (BEL, or ST in either form); NULL when it has none.
static const char *string_end(const char *text)
{
    for (; *text; text++) {
        if (*text == '\a')
            return text + 1;
        if ((text[0] == '\033' && text[1] == '\\') ||
            ((unsigned char)text[0] == 0xC2 && (unsigned char)text[1] == 0x9C))
            return text + 2;
    }
    return NULL;
}

// The end of the sequence at `text`, or `text` where there is none. A string without an end loses
// its introducer only: it must not hide what follows.
static const char *sequence_end(const char *text, bool *is_colour)
{
    const char *rest = text, *end;
    *is_colour = false;
    switch (sequence_at(text, &rest)) {
    case CONTROL_SEQUENCE:
        end = skip_range(rest, '0', ';');
        *is_colour = *text == '\033' && *end == 'm';
        end = skip_range(skip_range(end, '0', '?'), ' ', '/');
        return *end >= '@' && *end <= '~' ? end + 1 : end;
    case CONTROL_STRING: end = string_end(rest); return end ? end : rest;
    case ESCAPE_SEQUENCE:
        if (*text != '\033')
            return rest;
        end = skip_range(text + 1, ' ', '/');
        return *end >= '0' && *end <= '~' ? end + 1 : text + 1;
    default: return text;
    }
}

void terminal_safe(const char *text, struct strbuf *out)
{
    const char *text_end = text + strlen(text);
    bool coloured = false;
    while (text < text_end) {
        bool is_colour;
        const char *end = sequence_end(text, &is_colour);
        if (end > text) {
            if (is_colour)
                strbuf_add(out, text, (size_t)(end - text));
            coloured = coloured || is_colour;
            text = end;
            continue;
        }
        const size_t size = utf8_sequence(text, (size_t)(text_end - text));
        if (size == 0)
            utf8_add(out, 0xFFFD);
        else if (*text == '\t')
            strbuf_addch(out, ' ');
        else if (!utf8_is_control(text))
            strbuf_add(out, text, size);
        text += size ? size : 1;
    }
    if (coloured)
        strbuf_adds(out, colour_off);
}

// One step through safe text: a character or a colour. The end of the text when *size is 0.
static size_t step(const char *safe, size_t *size)
{
    if (*safe == '\033') {
        *size = strcspn(safe, "m") + 1;
        return 0;
    }
    *size = utf8_sequence(safe, strnlen(safe, 4));
    return *size ? (size_t)sequence_width(safe, *size) : 0;
}

size_t terminal_width(const char *safe)
{
    size_t columns = 0, size;
    for (;; safe += size) {
        const size_t width = step(safe, &size);
        if (size == 0)
            return columns;
        columns += width;
    }
}

size_t terminal_fit(const char *safe, size_t columns, struct strbuf *out)
{
    if (terminal_width(safe) <= columns) {
        strbuf_adds(out, safe);
        return terminal_width(safe);
    }
    size_t taken = 0, size;
    bool coloured = false;
    for (const char *at = safe; columns > 0; at += size) {
        const size_t width = step(at, &size);
        if (taken + width > columns - 1)
            break;
        coloured = coloured || *at == '\033';
        strbuf_add(out, at, size);
        taken += width;
    }
    if (columns > 0)
        strbuf_adds(out, "…");
    if (coloured)
        strbuf_adds(out, colour_off);
    return columns > 0 ? taken + 1 : 0;
}

size_t terminal_wrap(const char *safe, size_t columns, const char *line_end, struct strbuf *out)
{
    size_t rows = 1, taken = 0, size;
    for (;; safe += size) {
        const size_t width = step(safe, &size);
        if (size == 0)
            return rows;
        if (taken > 0 && taken + width > columns) {
            strbuf_adds(out, line_end);
            rows++;
            taken = 0;
        }
        strbuf_add(out, safe, size);
        taken += width;
    }
}

size_t terminal_rows(const char *safe, size_t columns)
{
    size_t rows = 1, taken = 0, size;
    for (;; safe += size) {
        const size_t width = step(safe, &size);
        if (size == 0)
            return rows;
        if (taken > 0 && taken + width > columns) {
            rows++;
            taken = 0;
        }
        taken += width;
    }
}
