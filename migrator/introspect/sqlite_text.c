#include <string.h>
#include <strings.h>

#include "migrator/introspect/default_value.h"
#include "migrator/introspect/sqlite.h"
#include "migrator/script/lexer.h"

static const struct {
    const char *name;
    enum dm_scalar scalar;
} types[] = {
    {"int", DM_INT},       {"integer", DM_INT},       {"serial", DM_INT},
    {"bigint", DM_BIGINT}, {"real", DM_FLOAT},        {"float", DM_FLOAT},
    {"double", DM_FLOAT},  {"boolean", DM_BOOLEAN},   {"text", DM_STRING},
    {"date", DM_DATETIME}, {"datetime", DM_DATETIME}, {"timestamp", DM_DATETIME},
    {"binary", DM_BYTES},  {"blob", DM_BYTES},        {"jsonb", DM_JSON},
};
// Where no name fits: the first of these that the type contains.
static const struct {
    const char *part;
    enum dm_scalar scalar;
} parts[] = {{"char", DM_STRING}, {"numeric", DM_DECIMAL}, {"decimal", DM_DECIMAL}};

struct column_type sqlite_read_type(struct arena *arena, const char *declared)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcasecmp(types[i].name, declared) == 0)
            return (struct column_type){.family = COLUMN_SCALAR, .scalar = types[i].scalar};
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strcasestr(declared, parts[i].part))
            return (struct column_type){.family = COLUMN_SCALAR, .scalar = parts[i].scalar};
    }
    return (struct column_type){.family = COLUMN_UNSUPPORTED,
                                .unsupported = arena_strdup(arena, declared)};
}

// 'te''xt' or "te""xt"; NULL: neither.
static const char *unquote(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    char quote = *text;
    if (length < 2 || (quote != '\'' && quote != '"') || text[length - 1] != quote)
        return NULL;
    AUTO_STRBUF out = STRBUF_INIT;
    for (const char *at = text + 1; at < text + length - 1; at++) {
        strbuf_addch(&out, *at);
        at += *at == quote && at[1] == quote;
    }
    return arena_strndup(arena, out.data, out.len);
}

static bool is_number(const char *text, bool is_whole)
{
    text += *text == '-' || *text == '+';
    return *text && strspn(text, is_whole ? "0123456789" : "0123456789.eE+-") == strlen(text);
}

static bool is_now(const char *text)
{
    return strcasecmp(text, "CURRENT_TIMESTAMP") == 0 || strcasecmp(text, "datetime('now')") == 0 ||
           strcasecmp(text, "datetime('now', 'localtime')") == 0;
}

static bool read_boolean(const char *text, struct value *out)
{
    bool is_true = strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0;
    bool is_false = strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0;
    *out = value_of_text(VALUE_BOOLEAN, is_true ? "true" : "false");
    return is_true || is_false;
}

static bool read_text(struct arena *arena, const char *text, enum value_kind kind,
                      struct value *out)
{
    const char *plain = unquote(arena, text);
    if (plain)
        *out = value_of_text(kind, plain);
    return plain;
}

static bool read_bytes(struct arena *arena, const char *text, struct value *out)
{
    size_t length = strlen(text);
    return length >= 3 && (*text == 'x' || *text == 'X') && text[1] == '\'' &&
           value_of_hexadecimal(arena, text + 2, length - 3, out);
}

static bool read_value(struct arena *arena, const char *text, enum dm_scalar scalar,
                       struct value *out)
{
    switch (scalar) {
    case DM_STRING: return read_text(arena, text, VALUE_STRING, out);
    case DM_JSON: return read_text(arena, text, VALUE_JSON, out);
    case DM_BYTES: return read_bytes(arena, text, out);
    case DM_BOOLEAN: return read_boolean(text, out);
    case DM_INT:
    case DM_BIGINT:
    case DM_FLOAT:
    case DM_DECIMAL: {
        bool is_whole = scalar == DM_INT || scalar == DM_BIGINT;
        *out = value_of_text(VALUE_NUMBER, arena_strdup(arena, text));
        return is_number(text, is_whole);
    }
    case DM_DATETIME: break;
    }
    return false;
}

void sqlite_read_default(struct arena *arena, const char *text, struct column *column)
{
    struct value value;
    if (strcasecmp(text, "NULL") == 0)
        return;
    column->value.expression = arena_strdup(arena, text);
    bool is_scalar = column->type.family == COLUMN_SCALAR;
    if (is_scalar && column->type.scalar == DM_DATETIME && is_now(text))
        column->value.kind = DEFAULT_NOW;
    else if (is_scalar && read_value(arena, text, column->type.scalar, &value))
        default_set_value(arena, value, &column->value);
    else
        column->value.kind = DEFAULT_EXPRESSION;
}

const char *sqlite_read_predicate(struct arena *arena, const char *definition)
{
    if (!definition)
        return NULL;
    struct sql_lexer lexer = {
        .text = definition, .length = strlen(definition), .dialect = SQL_SQLITE};
    int depth = 0;
    for (;;) {
        struct sql_token token = sql_lexer_next(&lexer);
        char symbol = token.kind == SQL_SYMBOL ? definition[token.start] : '\0';
        depth += (symbol == '(') - (symbol == ')');
        if (token.kind == SQL_END)
            return NULL;
        if (depth > 0 || !sql_token_is(definition, token, "WHERE"))
            continue;
        const char *predicate = definition + token.end;
        return arena_strdup(arena, predicate + strspn(predicate, " \t\r\n"));
    }
}
