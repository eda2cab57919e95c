// Whether two column defaults store the same value, however they are written.
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "migrator/diff/dialect_rules.h"

static bool same_bytes(const struct value *left, const struct value *right)
{
    return left->length == right->length && memcmp(left->text, right->text, left->length) == 0;
}

// Digits without sign, leading zeros and trailing zeros of the fraction: 0010.50 is 10.5.
struct digits {
    const char *integer, *fraction;
    size_t integer_length, fraction_length;
    bool is_negative;
};

static struct digits digits_of(const struct value *value)
{
    struct digits digits = {0};
    const char *at = value->text;
    const char *end = at + value->length;
    if (at < end && (*at == '-' || *at == '+'))
        digits.is_negative = *at++ == '-';
    while (at < end && *at == '0')
        at++;
    const char *point = memchr(at, '.', (size_t)(end - at));
    digits.integer = at;
    digits.integer_length = (size_t)((point ? point : end) - at);
    digits.fraction = point ? point + 1 : end;
    digits.fraction_length = (size_t)(end - digits.fraction);
    while (digits.fraction_length > 0 && digits.fraction[digits.fraction_length - 1] == '0')
        digits.fraction_length--;
    if (digits.integer_length == 0 && digits.fraction_length == 0)
        digits.is_negative = false;
    return digits;
}

static bool same_number(const struct value *left, const struct value *right)
{
    struct digits l = digits_of(left);
    struct digits r = digits_of(right);
    return l.is_negative == r.is_negative && l.integer_length == r.integer_length &&
           l.fraction_length == r.fraction_length &&
           memcmp(l.integer, r.integer, l.integer_length) == 0 &&
           memcmp(l.fraction, r.fraction, l.fraction_length) == 0;
}

static bool same_json(const struct value *left, const struct value *right)
{
    struct err ignored;
    AUTO_JSON *l = NULL;
    AUTO_JSON *r = NULL;
    if (json_parse(left->text, left->length, &l, &ignored) < 0 ||
        json_parse(right->text, right->length, &r, &ignored) < 0)
        return same_bytes(left, right);
    return cJSON_Compare(l, r, true);
}

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static int64_t number_at(const char *text, size_t digits)
{
    int64_t number = 0;
    for (size_t i = 0; i < digits; i++)
        number = number * 10 + (text[i] - '0');
    return number;
}

static bool has_shape(const char *text, const char *shape)
{
    for (; *shape; shape++, text++) {
        bool is_digit = *text >= '0' && *text <= '9';
        if (*shape == '0'   ? !is_digit
            : *shape == 'T' ? !strchr("Tt ", *text) || !*text
                            : *text != *shape)
            return false;
    }
    return true;
}

// RFC 3339: 2031-12-24T18:30:15[.123]Z or +02:00, as nanoseconds of UTC time.
static bool instant_of(const struct value *value, int64_t *seconds, int64_t *nanoseconds)
{
    const char *text = value->text;
    if (!has_shape(text, "0000-00-00T00:00:00"))
        return false;
    *seconds = days_of(number_at(text, 4), number_at(text + 5, 2), number_at(text + 8, 2)) * 86400 +
               number_at(text + 11, 2) * 3600 + number_at(text + 14, 2) * 60 +
               number_at(text + 17, 2);
    *nanoseconds = 0;
    const char *at = text + 19;
    if (*at == '.') {
        int64_t unit = 100000000;
        for (at++; *at >= '0' && *at <= '9'; at++, unit /= 10)
            *nanoseconds += unit * (*at - '0');
    }
    if (*at == 'Z' || *at == 'z')
        return at[1] == '\0';
    if (!has_shape(at, "+00:00") && !has_shape(at, "-00:00"))
        return false;
    int64_t offset = number_at(at + 1, 2) * 3600 + number_at(at + 4, 2) * 60;
    *seconds -= *at == '-' ? -offset : offset;
    return true;
}

static bool same_instant(const struct value *left, const struct value *right)
{
    int64_t seconds[2];
    int64_t nanoseconds[2];
    if (!instant_of(left, &seconds[0], &nanoseconds[0]) ||
        !instant_of(right, &seconds[1], &nanoseconds[1]))
        return same_bytes(left, right);
    return seconds[0] == seconds[1] && nanoseconds[0] == nanoseconds[1];
}

static bool same_value(const struct value *left, const struct value *right)
{
    if (left->kind != right->kind)
        return false;
    switch (left->kind) {
    case VALUE_NUMBER: return same_number(left, right);
    case VALUE_JSON: return same_json(left, right);
    case VALUE_DATETIME: return same_instant(left, right);
    case VALUE_STRING:
    case VALUE_BOOLEAN:
    case VALUE_ENUM:
    case VALUE_BYTES: break;
    }
    return same_bytes(left, right);
}

static bool same_values(const struct column_default *left, const struct column_default *right)
{
    if (left->value_count != right->value_count)
        return false;
    for (size_t i = 0; i < left->value_count; i++) {
        if (!same_value(&left->values[i], &right->values[i]))
            return false;
    }
    return true;
}

static bool is_json(const struct column *column)
{
    return column->type.family == COLUMN_SCALAR && column->type.scalar == DM_JSON;
}

bool default_equal(const struct diff_rules *rules, const struct column *from,
                   const struct column *to)
{
    const struct column_default *left = &from->value;
    const struct column_default *right = &to->value;
    if (rules->ignores_json_defaults && (is_json(from) || is_json(to)))
        return true;
    if (right->kind == DEFAULT_SEQUENCE)
        return true; // a matter of COLUMN_INCREMENT
    if (left->kind != right->kind || name_compare(left->name, right->name) != 0)
        return false;
    switch (left->kind) {
    case DEFAULT_EXPRESSION: return strcasecmp(left->expression, right->expression) == 0;
    case DEFAULT_VALUE:
    case DEFAULT_LIST: return same_values(left, right);
    case DEFAULT_NONE:
    case DEFAULT_NOW:
    case DEFAULT_SEQUENCE: break;
    }
    return true;
}
