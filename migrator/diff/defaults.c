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

static bool is_whole(const struct column *column)
{
    enum dm_scalar scalar = column->type.scalar;
    return column->type.family == COLUMN_SCALAR && (scalar == DM_INT || scalar == DM_BIGINT);
}

static bool is_text(const struct value *value)
{
    return value->kind == VALUE_STRING || value->kind == VALUE_ENUM;
}

// A JSON value that becomes a text: one that is JSON too is a new default, any other tells nothing.
static bool json_stays(const struct value *text)
{
    struct err ignored;
    AUTO_JSON *json = NULL;
    return json_parse(text->text, text->length, &json, &ignored) < 0;
}

static bool same_value(const struct value *left, const struct value *right)
{
    if (left->kind == VALUE_JSON && right->kind == VALUE_STRING)
        return json_stays(right);
    if (left->kind != right->kind && !(is_text(left) && is_text(right)))
        return false;
    if (left->kind == VALUE_NUMBER)
        return same_number(left, right);
    return left->kind == VALUE_JSON ? same_json(left, right) : same_bytes(left, right);
}

// Inside a list, JSON is compared as it is written, but where a server has written it anew; and a
// whole number never equals a bigger one.
static bool same_list(const struct column *from, const struct column *to)
{
    const struct column_default *left = &from->value;
    const struct column_default *right = &to->value;
    if (left->value_count != right->value_count)
        return false;
    const bool is_described = left->expression || right->expression;
    bool same_scalar = from->type.scalar == to->type.scalar || !is_whole(from) || !is_whole(to);
    for (size_t i = 0; i < left->value_count; i++) {
        const struct value *l = &left->values[i];
        const struct value *r = &right->values[i];
        const bool same = l->kind != VALUE_JSON ? same_scalar && same_value(l, r)
                          : is_described        ? same_json(l, r)
                                                : same_bytes(l, r);
        if (!same)
            return false;
    }
    return true;
}

static bool is_json(const struct column *column)
{
    return column->type.family == COLUMN_SCALAR && column->type.scalar == DM_JSON;
}

static bool is_moment(const struct column_default *value)
{
    bool has_value = value->kind == DEFAULT_VALUE || value->kind == DEFAULT_LIST;
    return has_value && value->value_count > 0 && value->values[0].kind == VALUE_DATETIME;
}

// How a server writes a point in time cannot be compared with how the schema does: one default that
// is a date is taken for any other, and a list of them for any other of as many.
static bool is_beyond_comparison(const struct column_default *left,
                                 const struct column_default *right)
{
    if (left->kind == DEFAULT_NONE || right->kind == DEFAULT_NONE)
        return false;
    bool lists = left->kind == DEFAULT_LIST && right->kind == DEFAULT_LIST;
    return (is_moment(left) || is_moment(right)) &&
           (!lists || left->value_count == right->value_count);
}

static bool is_in_parentheses(const char *text, size_t length)
{
    int depth = 0;
    for (size_t i = 0; i < length; i++) {
        depth += (text[i] == '(') - (text[i] == ')');
        if (depth == 0)
            return i > 0 && i == length - 1;
    }
    return false;
}

// Of 'text'::type the part before the cast.
static size_t length_without_cast(const char *text, size_t length)
{
    size_t end = length;
    while (end > 0 && text[end - 1] != '\'')
        end--;
    bool is_cast = *text == '\'' && end > 1 && end + 2 < length && memcmp(text + end, "::", 2) == 0;
    return is_cast ? end : length;
}

// Servers add parentheses around an expression and casts to a text, and take them away.
bool expressions_equal(const char *left, const char *right)
{
    size_t left_length = strlen(left);
    size_t right_length = strlen(right);
    for (; is_in_parentheses(left, left_length); left_length -= 2)
        left++;
    for (; is_in_parentheses(right, right_length); right_length -= 2)
        right++;
    left_length = length_without_cast(left, left_length);
    right_length = length_without_cast(right, right_length);
    return left_length == right_length && strncasecmp(left, right, left_length) == 0;
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
    const bool are_none = left->kind == DEFAULT_NONE && right->kind == DEFAULT_NONE;
    if (!are_none && name_compare(left->name, right->name) != 0)
        return false;
    if (is_beyond_comparison(left, right))
        return true;
    bool is_given_as_sql = left->kind == DEFAULT_EXPRESSION || right->kind == DEFAULT_EXPRESSION;
    if (is_given_as_sql && left->expression && right->expression)
        return rules->same_expression(left->expression, right->expression);
    if (left->kind != right->kind)
        return false;
    switch (left->kind) {
    case DEFAULT_VALUE:
        return is_whole(from) == is_whole(to) && same_value(&left->values[0], &right->values[0]);
    case DEFAULT_LIST: return is_whole(from) == is_whole(to) && same_list(from, to);
    case DEFAULT_NONE:
    case DEFAULT_NOW:
    case DEFAULT_SEQUENCE:
    case DEFAULT_EXPRESSION: break;
    }
    return true;
}
