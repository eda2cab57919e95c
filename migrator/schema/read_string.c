// String literals: those of JSON (RFC 8259, section 7).
#include <stdint.h>
#include <string.h>

#include "migrator/schema/reader.h"

// Four hex digits at `at` as a UTF-16 unit, or -1.
static int32_t read_unit(const char *at, const char *end)
{
    int32_t unit = 0;
    if (end - at < 4)
        return -1;
    for (size_t i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static size_t encode(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint32_t first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = length; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(first[length] | c);
    return length;
}

static void report(const struct reader *reader, const char *from, const char *to,
                   const char *message, const char *hint)
{
    if (!reader->diagnostics)
        return;
    diag_error(reader->diagnostics, reader_span(reader, from, to), "%s", message);
    if (hint)
        diag_hint(reader->diagnostics, "%s", hint);
}

// \uXXXX, or two of them that make a surrogate pair. `at` is behind the u; returns what is behind.
static const char *unescape_unit(const struct reader *reader, const char *at, const char *end,
                                 char **out)
{
    int32_t unit = read_unit(at, end);
    if (unit >= 0 && (unit < 0xD800 || unit > 0xDFFF)) {
        *out += encode((uint32_t)unit, *out);
        return at + 4;
    }
    if (unit >= 0xD800 && unit < 0xDC00 && end - at >= 10 && at[4] == '\\' && at[5] == 'u') {
        int32_t low = read_unit(at + 6, end);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            uint32_t c = 0x10000 + ((uint32_t)(unit - 0xD800) << 10) + (uint32_t)(low - 0xDC00);
            *out += encode(c, *out);
            return at + 10;
        }
    }
    report(reader, at - 2, unit < 0 ? at : at + 4, "invalid Unicode escape sequence",
           "\\u is followed by four hex digits; surrogates come in pairs");
    return unit < 0 ? at : at + 4;
}

// The text never grows by unescaping.
static void unescape(struct reader *reader, const char *from, const char *to,
                     struct ast_expression *string)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    char *text = arena_alloc(reader->arena, (size_t)(to - from) + 1), *out = text;
    while (from < to) {
        if (*from != '\\') {
            *out++ = *from++;
            continue;
        }
        const char *name = from[1] ? strchr(names, from[1]) : NULL;
        from += 2;
        if (name)
            *out++ = values[name - names];
        else if (from[-1] == 'u')
            from = unescape_unit(reader, from, to, &out);
        else
            report(reader, from - 2, from, "unknown escape sequence",
                   "a backslash is written twice: \\\\");
    }
    string->text = text;
    string->length = (uint32_t)(out - text);
}

bool read_string(struct reader *reader, struct ast_expression *out)
{
    const char *start = reader->at, *at = start + 1, *end = reader->end;
    bool escaped = false;
    for (; at < end && *at != '"'; at++) {
        if (*at == '\\' && end - at > 1 && (unsigned char)at[1] >= 0x20) {
            escaped = true;
            at++;
        } else if ((unsigned char)*at < 0x20) {
            break;
        }
    }
    if (at == end || *at != '"') {
        bool control = at < end && *at != '\n' && *at != '\r';
        return reader_stop(reader, control ? at : start,
                           control ? "a control character in a string" : "unterminated string",
                           control ? "write it as an escape: \\t, \\n, \\u0000" : NULL);
    }
    *out = (struct ast_expression){.kind = AST_STRING,
                                   .at = start,
                                   .text = start + 1,
                                   .length = (uint32_t)(at - start) - 1,
                                   .place_length = (uint32_t)(at - start) + 1};
    if (escaped)
        unescape(reader, start + 1, at, out);
    reader->at = at + 1;
    return true;
}
