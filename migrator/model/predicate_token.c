#include "migrator/model/predicate_token.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"

static const char *fold(char *text)
{
    for (char *c = text; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return text;
}

// The server has its own list of the names that it puts in quotes.
static const char *bare_identifier(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    bool is_plain = text[0] == '"' && length > 2 && !isdigit((unsigned char)text[1]) &&
                    strspn(text + 1, "abcdefghijklmnopqrstuvwxyz_0123456789") == length - 2;
    if (!is_plain || strcmp(text, "\"true\"") == 0 || strcmp(text, "\"false\"") == 0 ||
        strcmp(text, "\"null\"") == 0)
        return text;
    return arena_strndup(arena, text + 1, length - 2);
}

// '2020-01-02', '2020-01-02T03:04:05.600Z' as '2020-01-02 03:04:05.6'. Any other text stays.
static const char *moment(struct arena *arena, const char *text)
{
    int year, month, day, hour = 0, minute = 0, second = 0, read = 0;
    if (strspn(text, "'0123456789-+T :.Z") != strlen(text) ||
        sscanf(text, "'%4d-%2d-%2d%n", &year, &month, &day, &read) != 3 || read != 11)
        return text;
    const char *rest = text + read;
    if (*rest == 'T' || *rest == ' ') {
        if (sscanf(rest + 1, "%2d:%2d:%2d%n", &hour, &minute, &second, &read) != 3 || read != 8)
            return text;
        rest += 1 + read;
    }
    size_t fraction = *rest == '.' ? 1 + strspn(rest + 1, "0123456789") : 0;
    const char *zone = rest + fraction;
    while (fraction > 0 && strchr(".0", rest[fraction - 1]))
        fraction--;
    if (strcmp(zone, "'") != 0 && strcmp(zone, "Z'") != 0 && strcmp(zone, "+00'") != 0)
        return text;
    return arena_printf(arena, "'%04d-%02d-%02d %02d:%02d:%02d%.*s'", year, month, day, hour,
                        minute, second, (int)fraction, rest);
}

// E'a\\b' is how the server writes 'a\b'.
static const char *plain_string(struct arena *arena, const char *text)
{
    bool is_escaped = *text == 'E' || *text == 'e';
    AUTO_STRBUF out = STRBUF_INIT;
    for (text += is_escaped; *text; text++) {
        text += is_escaped && *text == '\\' && text[1];
        strbuf_addch(&out, *text);
    }
    return moment(arena, arena_strndup(arena, out.data, out.len));
}

static const char *plain_number(const char *text)
{
    while (text[0] == '0' && isdigit((unsigned char)text[1]))
        text++;
    return text;
}

const char *predicate_token(struct arena *arena, enum sql_token_kind kind, const char *text,
                            size_t length)
{
    char *copy = arena_strndup(arena, text, length);
    switch (kind) {
    case SQL_WORD: return fold(copy);
    case SQL_IDENTIFIER: return bare_identifier(arena, copy);
    case SQL_STRING: return plain_string(arena, copy);
    case SQL_NUMBER: return plain_number(copy);
    default: return copy;
    }
}
