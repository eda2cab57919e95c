#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "migrator/introspect/default_value.h"
#include "migrator/introspect/mysql.h"
#include "migrator/model/types_mysql.h"

static const struct {
    const char *name; // up to its arguments
    enum mysql_type code, unsigned_code;
    bool has_arguments; // that mean something; a display width does not
    int32_t usual;      // what the engine takes for no argument; -1: there must be one
} types[] = {
    {"tinyint", MY_TINYINT, MY_UNSIGNED_TINYINT, false, 0},
    {"smallint", MY_SMALLINT, MY_UNSIGNED_SMALLINT, false, 0},
    {"mediumint", MY_MEDIUMINT, MY_UNSIGNED_MEDIUMINT, false, 0},
    {"int", MY_INT, MY_UNSIGNED_INT, false, 0},
    {"bigint", MY_BIGINT, MY_UNSIGNED_BIGINT, false, 0},
    {"year", MY_YEAR, MY_YEAR, false, 0},
    {"float", MY_FLOAT, MY_FLOAT, false, 0},
    {"double", MY_DOUBLE, MY_DOUBLE, false, 0},
    {"decimal", MY_DECIMAL, MY_DECIMAL, true, 10},
    {"bit", MY_BIT, MY_BIT, true, 1},
    {"char", MY_CHAR, MY_CHAR, true, 1},
    {"varchar", MY_VARCHAR, MY_VARCHAR, true, -1},
    {"tinytext", MY_TINYTEXT, MY_TINYTEXT, false, 0},
    {"text", MY_TEXT, MY_TEXT, false, 0},
    {"mediumtext", MY_MEDIUMTEXT, MY_MEDIUMTEXT, false, 0},
    {"longtext", MY_LONGTEXT, MY_LONGTEXT, false, 0},
    {"binary", MY_BINARY, MY_BINARY, true, 1},
    {"varbinary", MY_VARBINARY, MY_VARBINARY, true, -1},
    {"tinyblob", MY_TINYBLOB, MY_TINYBLOB, false, 0},
    {"blob", MY_BLOB, MY_BLOB, false, 0},
    {"mediumblob", MY_MEDIUMBLOB, MY_MEDIUMBLOB, false, 0},
    {"longblob", MY_LONGBLOB, MY_LONGBLOB, false, 0},
    {"date", MY_DATE, MY_DATE, false, 0},
    {"time", MY_TIME, MY_TIME, true, 0},
    {"datetime", MY_DATETIME, MY_DATETIME, true, 0},
    {"timestamp", MY_TIMESTAMP, MY_TIMESTAMP, true, 0},
    {"json", MY_JSON, MY_JSON, false, 0},
};

// "(65,30)" into the type; without any those that the engine takes.
static void take_arguments(const char *text, int32_t usual, struct column_type *type)
{
    const bool has_scale = type->native->arguments == TYPE_PRECISION;
    char *end = NULL;
    type->arguments[0] = *text == '(' ? (int32_t)strtol(text + 1, &end, 10) : usual;
    type->argument_count = 1;
    if (has_scale) {
        type->arguments[1] = end && *end == ',' ? (int32_t)strtol(end + 1, NULL, 10) : 0;
        type->argument_count = 2;
    }
    type->arguments_are_usual =
        type->arguments[0] == usual && (!has_scale || type->arguments[1] == 0);
}

struct column_type mysql_read_type(struct draft *draft, const char *declared)
{
    const size_t length = strcspn(declared, "( ");
    struct column_type type = {.family = COLUMN_UNSUPPORTED};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strlen(types[i].name) != length || strncasecmp(types[i].name, declared, length) != 0)
            continue;
        const bool is_unsigned = strcasestr(declared, "unsigned");
        type.family = COLUMN_SCALAR;
        type.native =
            &draft->model->dialect->types[is_unsigned ? types[i].unsigned_code : types[i].code];
        type.scalar = type.native->scalar;
        if (types[i].has_arguments)
            take_arguments(declared + length, types[i].usual, &type);
        // The only display width that means something, and a single bit.
        if (strncasecmp(declared, "tinyint(1)", 10) == 0 || strcasecmp(declared, "bit(1)") == 0)
            type.scalar = DM_BOOLEAN;
        return type;
    }
    type.unsupported = draft_copy(draft, declared);
    return type;
}

// What a backslash and the letter mean (MySQL manual 11.1.1).
static char unescaped(char letter)
{
    switch (letter) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'b': return '\b';
    case 'Z': return 26;
    default: return letter;
    }
}

const char *mysql_read_string(struct arena *arena, const char **text)
{
    const char *at = *text;
    AUTO_STRBUF out = STRBUF_INIT;
    if (*at++ != '\'')
        return NULL;
    for (; *at && (*at != '\'' || at[1] == '\''); at++) {
        const bool is_escape = *at == '\\' && at[1];
        if (*at == '\'' || is_escape)
            at++;
        strbuf_addch(&out, is_escape ? unescaped(*at) : *at);
    }
    if (*at != '\'')
        return NULL;
    *text = at + 1;
    return arena_strndup(arena, out.data, out.len);
}

static bool is_number(const char *text, bool is_whole)
{
    text += *text == '-' || *text == '+';
    return *text && strspn(text, is_whole ? "0123456789" : "0123456789.eE+-") == strlen(text);
}

static bool read_boolean(const char *text, struct value *out)
{
    const bool is_true = strcmp(text, "1") == 0 || strcmp(text, "b'1'") == 0;
    const bool is_false = strcmp(text, "0") == 0 || strcmp(text, "b'0'") == 0;
    *out = value_of_text(VALUE_BOOLEAN, is_true ? "true" : "false");
    return is_true || is_false;
}

// 0x00FF, X'00ff'
static bool read_bytes(struct arena *arena, const char *text, struct value *out)
{
    const bool is_quoted = strncasecmp(text, "x'", 2) == 0;
    if (!is_quoted && strncasecmp(text, "0x", 2) != 0)
        return false;
    return value_of_hexadecimal(arena, text + 2, strlen(text + 2) - is_quoted, out);
}

// false: no constant of the type.
static bool read_value(struct arena *arena, const struct column_type *type, const char *text,
                       struct value *out)
{
    if (type->family == COLUMN_UNSUPPORTED)
        return false;
    *out = value_of_text(VALUE_STRING, text);
    if (type->family == COLUMN_ENUM) {
        out->kind = VALUE_ENUM;
        return true;
    }
    switch (type->scalar) {
    case DM_STRING: return true;
    case DM_JSON: out->kind = VALUE_JSON; return true;
    case DM_BOOLEAN: return read_boolean(text, out);
    case DM_INT:
    case DM_BIGINT:
    case DM_FLOAT:
    case DM_DECIMAL:
        out->kind = VALUE_NUMBER;
        return is_number(text, type->scalar == DM_INT || type->scalar == DM_BIGINT);
    case DM_BYTES: return read_bytes(arena, text, out);
    case DM_DATETIME: break;
    }
    return false;
}

static bool is_now(const struct column_type *type, const char *text)
{
    return type->family == COLUMN_SCALAR && type->scalar == DM_DATETIME &&
           (strncasecmp(text, "current_timestamp", 17) == 0 || strncasecmp(text, "now(", 4) == 0);
}

// Of "_utf8mb4" in front of a string, which is the character set of whoever made the column; 0:
// none.
static size_t introducer_length(const char *text)
{
    if (*text != '_')
        return 0;
    const size_t length = 1 + strspn(text + 1, "abcdefghijklmnopqrstuvwxyz0123456789");
    return text[length] == '\'' ? length : 0;
}

static const char *without_introducers(struct arena *arena, const char *text)
{
    AUTO_STRBUF out = STRBUF_INIT;
    bool is_string = false;
    for (const char *at = text; *at; at++) {
        const size_t introducer = is_string ? 0 : introducer_length(at);
        at += introducer;
        is_string ^= *at == '\'';
        if (is_string && *at == '\\' && at[1])
            strbuf_addch(&out, *at++);
        strbuf_addch(&out, *at);
    }
    return arena_strndup(arena, out.data, out.len);
}

static bool is_utf8(const char *text, size_t length)
{
    size_t at = 0;
    for (size_t size = 1; at < length && size > 0; at += size)
        size = utf8_sequence(text + at, length - at);
    return at == length;
}

// MySQL tells of an expression as it stands inside of a string, and takes each of its bytes for a
// character: the SQL that is meant.
static const char *plain_expression(struct arena *arena, const char *text)
{
    AUTO_STRBUF bytes = STRBUF_INIT;
    AUTO_STRBUF plain = STRBUF_INIT;
    const char *at = text;
    for (; *at && (unsigned char)*at <= 0xC3; at++) {
        const bool is_pair = (unsigned char)*at >= 0xC2 && at[1];
        strbuf_addch(&bytes, is_pair ? (char)((*at & 3) << 6 | (at[1] & 0x3F)) : *at);
        at += is_pair;
    }
    const bool is_decoded = *at == '\0' && is_utf8(bytes.data, bytes.len);
    for (at = is_decoded ? bytes.data : text; *at; at++) {
        at += *at == '\\' && at[1];
        strbuf_addch(&plain, *at);
    }
    return without_introducers(arena, plain.data);
}

static bool is_literal(const char *text)
{
    return strpbrk(text, "'0123456789+-") == text || strncasecmp(text, "b'", 2) == 0 ||
           strncasecmp(text, "x'", 2) == 0 || strcasecmp(text, "NULL") == 0;
}

// What a column's definition takes: an expression stands in parentheses there.
static const char *as_sql(struct arena *arena, const char *text, bool is_expression,
                          const struct column_type *type)
{
    const bool is_text = type->family == COLUMN_UNSUPPORTED ||
                         (type->family == COLUMN_SCALAR && type->scalar == DM_DATETIME);
    if (!is_expression)
        return arena_printf(arena, is_text ? "'%s'" : "%s", text);
    return arena_printf(arena, is_literal(text) || *text == '(' ? "%s" : "(%s)", text);
}

void mysql_read_default(struct arena *arena, const char *text, enum mysql_default_form form,
                        struct column *column)
{
    const struct column_type *type = &column->type;
    const bool is_expression = form != MYSQL_DEFAULT_BARE;
    struct value value;
    if (is_expression && strcasecmp(text, "NULL") == 0)
        return;
    if (form == MYSQL_DEFAULT_ESCAPED)
        text = plain_expression(arena, text);
    column->value.expression = as_sql(arena, text, is_expression, type);
    if (is_now(type, text)) {
        column->value.kind = DEFAULT_NOW;
        return;
    }
    const char *rest = text;
    const char *string = is_expression ? mysql_read_string(arena, &rest) : NULL;
    const bool is_string = string && *rest == '\0';
    // Of a text only a literal is a constant: a bare word of SQL is a function or a column.
    const bool is_text =
        type->family == COLUMN_ENUM || (type->family == COLUMN_SCALAR && type->scalar == DM_STRING);
    const char *constant = is_string ? string : arena_strdup(arena, text);
    if (is_string && type->family == COLUMN_SCALAR && type->scalar == DM_BYTES)
        value = value_of_bytes(arena, string, strlen(string));
    else if ((is_expression && is_text && !is_string) || !read_value(arena, type, constant, &value))
        column->value.kind = DEFAULT_EXPRESSION;
    if (column->value.kind != DEFAULT_EXPRESSION)
        default_set_value(arena, value, &column->value);
}
