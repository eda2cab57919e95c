#include "migrator/develop/migration_name.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "migrator/develop/letters.h"

enum { SLUG_MAX = 200, STAMP_DIGITS = 14 };

enum { REPLACEMENT = 0xFFFD };

// The next code point of a text in UTF-8; a byte that is no part of one is a replacement character.
static unsigned next_code_point(const char **text)
{
    const unsigned char *at = (const unsigned char *)*text;
    const size_t length = at[0] < 0xC0 ? 1 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
    unsigned code_point = at[0] < 0x80  ? at[0]
                          : length == 1 ? REPLACEMENT
                                        : at[0] & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            *text += 1;
            return REPLACEMENT;
        }
        code_point = code_point << 6 | (at[i] & 0x3F);
    }
    *text += length;
    return code_point;
}

static void transliterate(const char *text, struct strbuf *out)
{
    struct letter_buffer buffer;
    while (*text) {
        const unsigned code_point = next_code_point(&text);
        const char *letters = letter_transliterate(code_point, &buffer);
        if (code_point == '&')
            strbuf_adds(out, " and ");
        else if (code_point < 0x80)
            strbuf_addch(out, (char)code_point);
        else
            strbuf_adds(out, letters ? letters : " ");
    }
}

static bool is_upper(char c)
{
    return isupper((unsigned char)c) != 0;
}

// "addOrders", "HTTPServer", "ABC123": does another word begin at text[i]?
static bool begins_word(const char *text, size_t i)
{
    if (i == 0 || !isalnum((unsigned char)text[i - 1]))
        return false;
    if (!is_upper(text[i - 1]))
        return is_upper(text[i]);
    if (is_upper(text[i]))
        return islower((unsigned char)text[i + 1]);
    return isdigit((unsigned char)text[i]) && i > 1 && is_upper(text[i - 2]);
}

void migration_slug(const char *text, struct strbuf *out)
{
    AUTO_STRBUF letters = STRBUF_INIT, slug = STRBUF_INIT;
    transliterate(text, &letters);
    bool is_new_word = false;
    for (size_t i = 0; i < letters.len; i++) {
        const unsigned char c = (unsigned char)letters.data[i];
        if (!isalnum(c)) {
            is_new_word = true;
            continue;
        }
        if ((is_new_word || begins_word(letters.data, i)) && slug.len > 0)
            strbuf_addch(&slug, '_');
        is_new_word = false;
        strbuf_addch(&slug, (char)tolower(c));
    }
    strbuf_add(out, slug.data, slug.len < SLUG_MAX ? slug.len : SLUG_MAX);
    if (slug.len == 0)
        strbuf_adds(out, "migration");
}

static void format_stamp(time_t time, char out[STAMP_DIGITS + 1])
{
    struct tm tm;
    gmtime_r(&time, &tm);
    strftime(out, STAMP_DIGITS + 1, "%Y%m%d%H%M%S", &tm);
}

static int digits(const char *text, size_t count)
{
    int value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

// Is the name one with a stamp?
static bool parse_stamp(const char *name, time_t *out)
{
    if (strspn(name, "0123456789") != STAMP_DIGITS)
        return false;
    struct tm tm = {.tm_year = digits(name, 4) - 1900,
                    .tm_mon = digits(name + 4, 2) - 1,
                    .tm_mday = digits(name + 6, 2),
                    .tm_hour = digits(name + 8, 2),
                    .tm_min = digits(name + 10, 2),
                    .tm_sec = digits(name + 12, 2)};
    *out = timegm(&tm);
    return true;
}

void migration_name(const struct history *history, int64_t wall_ms, const char *slug,
                    struct strbuf *out)
{
    char stamp[STAMP_DIGITS + 1];
    time_t time = (time_t)(wall_ms / 1000), last = 0;
    const size_t count = history->migrations.len;
    if (count > 0 && parse_stamp(history->migrations.items[count - 1].name, &last) && last >= time)
        time = last + 1;
    format_stamp(time, stamp);
    strbuf_addf(out, "%s_%s", stamp, slug);
}
