#include "migrator/schema/literals.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

const char *literal_check_integer(const char *text, size_t length)
{
    bool negative = length > 0 && text[0] == '-';
    uint64_t value = 0, limit = (uint64_t)INT64_MAX + negative;
    if (length == negative)
        return "it has no digits";
    for (size_t i = negative; i < length; i++) {
        if (!is_digit(text[i]))
            return "it is not a whole number";
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (value > (limit - digit) / 10)
            return "it does not fit into 64 bits";
        value = value * 10 + digit;
    }
    return NULL;
}

const char *literal_check_decimal(const char *text, size_t length)
{
    const char *at = text, *end = text + length;
    size_t digits = 0;
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    for (bool point = false; at < end && (is_digit(*at) || *at == '_' || (*at == '.' && !point));
         at++) {
        digits += is_digit(*at);
        point |= *at == '.';
    }
    if (digits > 0 && at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '-' || *at == '+'))
            at++;
        for (digits = 0; at < end && is_digit(*at); at++)
            digits++;
    }
    return digits > 0 && at == end ? NULL : "it is not a decimal number";
}

// `count` digits at *at, as a number; -1 where they are not there.
static int take_digits(const char **at, const char *end, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (*at == end || !is_digit(**at))
            return -1;
        value = value * 10 + (**at - '0');
    }
    return value;
}

static bool take_any(const char **at, const char *end, const char *of)
{
    if (*at == end || !**at || !strchr(of, **at))
        return false;
    (*at)++;
    return true;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

const char *literal_check_datetime(const char *text, size_t length)
{
    static const char shape[] = "write it as 2031-12-24T18:30:00Z";
    static const char range[] = "there is no such date or time";
    const char *at = text, *end = text + length;
    int year = take_digits(&at, end, 4);
    int month = take_any(&at, end, "-") ? take_digits(&at, end, 2) : -1;
    int day = take_any(&at, end, "-") ? take_digits(&at, end, 2) : -1;
    int hour = take_any(&at, end, "Tt ") ? take_digits(&at, end, 2) : -1;
    int minute = take_any(&at, end, ":") ? take_digits(&at, end, 2) : -1;
    int second = take_any(&at, end, ":") ? take_digits(&at, end, 2) : -1;
    if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0)
        return shape;
    if (take_any(&at, end, ".")) {
        if (take_digits(&at, end, 1) < 0)
            return shape;
        while (at < end && is_digit(*at))
            at++;
    }
    int offset_hour = 0, offset_minute = 0;
    if (!take_any(&at, end, "Zz")) {
        if (!take_any(&at, end, "+-"))
            return "the offset is missing: Z, or +01:00";
        offset_hour = take_digits(&at, end, 2);
        offset_minute = take_any(&at, end, ":") ? take_digits(&at, end, 2) : -1;
    }
    if (offset_hour < 0 || offset_minute < 0 || at != end)
        return shape;
    bool fits = month >= 1 && month <= 12 && day >= 1 && day <= days_of_month(year, month) &&
                hour <= 23 && minute <= 59 && second <= 60 && offset_hour <= 23 &&
                offset_minute <= 59;
    return fits ? NULL : range;
}

struct json {
    const char *at, *end;
};

static void json_space(struct json *json)
{
    while (json->at < json->end && *json->at && strchr(" \t\r\n", *json->at))
        json->at++;
}

static bool json_hex(const char *at, const char *end, unsigned *out)
{
    *out = 0;
    if (end - at < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef", *found = NULL;
        char c = at[i] >= 'A' && at[i] <= 'F' ? (char)(at[i] - 'A' + 'a') : at[i];
        if (c)
            found = strchr(digits, c);
        if (!found)
            return false;
        *out = *out << 4 | (unsigned)(found - digits);
    }
    return true;
}

static bool json_escape(struct json *json)
{
    if (json->at == json->end || !*json->at)
        return false;
    char c = *json->at++;
    if (c != 'u')
        return strchr("\"\\/bfnrt", c) != NULL;
    unsigned unit, low;
    if (!json_hex(json->at, json->end, &unit))
        return false;
    json->at += 4;
    if (unit < 0xD800 || unit > 0xDFFF)
        return true;
    if (unit > 0xDBFF || json->end - json->at < 6 || json->at[0] != '\\' || json->at[1] != 'u' ||
        !json_hex(json->at + 2, json->end, &low) || low < 0xDC00 || low > 0xDFFF)
        return false;
    json->at += 6;
    return true;
}

static bool json_string(struct json *json)
{
    for (json->at++; json->at < json->end && *json->at != '"';) {
        char c = *json->at++;
        if ((unsigned char)c < 0x20 || (c == '\\' && !json_escape(json)))
            return false;
    }
    return json->at < json->end && *json->at++ == '"';
}

static size_t json_digits(struct json *json)
{
    const char *start = json->at;
    while (json->at < json->end && is_digit(*json->at))
        json->at++;
    return (size_t)(json->at - start);
}

static bool json_number(struct json *json)
{
    const char *start = json->at;
    if (*json->at == '-')
        json->at++;
    bool zero = json->at < json->end && *json->at == '0';
    size_t digits = json_digits(json);
    if (digits == 0 || (zero && digits > 1))
        return false;
    if (json->at < json->end && *json->at == '.') {
        json->at++;
        if (json_digits(json) == 0)
            return false;
    }
    if (json->at < json->end && (*json->at == 'e' || *json->at == 'E')) {
        json->at++;
        if (json->at < json->end && (*json->at == '-' || *json->at == '+'))
            json->at++;
        if (json_digits(json) == 0)
            return false;
    }
    enum { MOST_DIGITS = 400 }; // a double has 309 before its point
    char copy[MOST_DIGITS + 1];
    size_t length = (size_t)(json->at - start);
    if (length > MOST_DIGITS)
        return true;
    memcpy(copy, start, length);
    copy[length] = '\0';
    return isfinite(strtod(copy, NULL)) != 0;
}

static bool json_word(struct json *json, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(json->end - json->at) < length || memcmp(json->at, word, length) != 0)
        return false;
    json->at += length;
    return true;
}

static bool json_value(struct json *json, int depth);

// Members of an object or items of an array, up to the closing bracket.
static bool json_members(struct json *json, bool object, int depth)
{
    char close = object ? '}' : ']';
    json->at++;
    json_space(json);
    if (json->at < json->end && *json->at == close)
        return json->at++, true;
    for (;;) {
        json_space(json);
        if (object) {
            if (json->at == json->end || *json->at != '"' || !json_string(json))
                return false;
            json_space(json);
            if (json->at == json->end || *json->at++ != ':')
                return false;
        }
        if (!json_value(json, depth))
            return false;
        json_space(json);
        if (json->at == json->end)
            return false;
        char c = *json->at++;
        if (c == close)
            return true;
        if (c != ',')
            return false;
    }
}

static bool json_value(struct json *json, int depth)
{
    enum { DEEPEST = 127 };
    json_space(json);
    if (json->at == json->end || depth > DEEPEST)
        return false;
    switch (*json->at) {
    case '{': return json_members(json, true, depth + 1);
    case '[': return json_members(json, false, depth + 1);
    case '"': return json_string(json);
    case 't': return json_word(json, "true");
    case 'f': return json_word(json, "false");
    case 'n': return json_word(json, "null");
    default: return json_number(json);
    }
}

const char *literal_check_json(const char *text, size_t length)
{
    struct json json = {text, text + length};
    if (!json_value(&json, 0))
        return "it is not valid JSON";
    json_space(&json);
    return json.at == json.end ? NULL : "something follows the JSON value";
}

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

const char *literal_check_base64(const char *text, size_t length)
{
    if (length % 4 != 0)
        return "its length is not a multiple of four: is padding (=) missing?";
    size_t padding = 0;
    while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < length - padding; i++)
        if (base64_digit(text[i]) < 0)
            return "it is not valid base64";
    // The bits that padding leaves over are zero.
    int left_over = padding == 2 ? 0x0F : padding == 1 ? 0x03 : 0;
    if (left_over && (base64_digit(text[length - padding - 1]) & left_over))
        return "it is not valid base64: bits are left over at its end";
    return NULL;
}
