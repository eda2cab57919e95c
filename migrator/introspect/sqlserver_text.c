#include <string.h>
#include <strings.h>

#include "migrator/introspect/default_value.h"
#include "migrator/introspect/sqlserver.h"
#include "migrator/model/types_sqlserver.h"

enum arguments { ARGUMENTS_NONE, ARGUMENTS_BYTES, ARGUMENTS_CHARACTERS, ARGUMENTS_PRECISION };

static const struct {
    const char *name;
    enum sqlserver_type_code code;
    enum arguments arguments;
    int32_t usual; // what the engine takes for no argument
} types[] = {
    {"tinyint", MS_TINYINT, ARGUMENTS_NONE, 0},
    {"smallint", MS_SMALLINT, ARGUMENTS_NONE, 0},
    {"int", MS_INT, ARGUMENTS_NONE, 0},
    {"bigint", MS_BIGINT, ARGUMENTS_NONE, 0},
    {"decimal", MS_DECIMAL, ARGUMENTS_PRECISION, 18},
    {"numeric", MS_DECIMAL, ARGUMENTS_PRECISION, 18},
    {"money", MS_MONEY, ARGUMENTS_NONE, 0},
    {"smallmoney", MS_SMALLMONEY, ARGUMENTS_NONE, 0},
    {"bit", MS_BIT, ARGUMENTS_NONE, 0},
    {"float", MS_FLOAT, ARGUMENTS_PRECISION, 53},
    {"real", MS_REAL, ARGUMENTS_NONE, 0},
    {"date", MS_DATE, ARGUMENTS_NONE, 0},
    {"time", MS_TIME, ARGUMENTS_NONE, 0},
    {"datetime", MS_DATETIME, ARGUMENTS_NONE, 0},
    {"datetime2", MS_DATETIME2, ARGUMENTS_NONE, 0},
    {"datetimeoffset", MS_DATETIMEOFFSET, ARGUMENTS_NONE, 0},
    {"smalldatetime", MS_SMALLDATETIME, ARGUMENTS_NONE, 0},
    {"char", MS_CHAR, ARGUMENTS_BYTES, 1},
    {"nchar", MS_NCHAR, ARGUMENTS_CHARACTERS, 1},
    {"varchar", MS_VARCHAR, ARGUMENTS_BYTES, 1},
    {"text", MS_TEXT, ARGUMENTS_NONE, 0},
    {"nvarchar", MS_NVARCHAR, ARGUMENTS_CHARACTERS, 1},
    {"ntext", MS_NTEXT, ARGUMENTS_NONE, 0},
    {"binary", MS_BINARY, ARGUMENTS_BYTES, 1},
    {"varbinary", MS_VARBINARY, ARGUMENTS_BYTES, 1},
    {"image", MS_IMAGE, ARGUMENTS_NONE, 0},
    {"xml", MS_XML, ARGUMENTS_NONE, 0},
    {"uniqueidentifier", MS_UNIQUEIDENTIFIER, ARGUMENTS_NONE, 0},
};

static void take_arguments(const struct sqlserver_type *declared, enum arguments arguments,
                           int32_t usual, struct column_type *type)
{
    const int32_t unit = arguments == ARGUMENTS_CHARACTERS ? 2 : 1;
    type->argument_count = 1;
    if (arguments == ARGUMENTS_PRECISION)
        type->arguments[0] = declared->precision;
    else
        type->arguments[0] = declared->length < 0 ? TYPE_ARGUMENT_MAX : declared->length / unit;
    if (type->native->arguments == TYPE_PRECISION) {
        type->arguments[1] = declared->scale;
        type->argument_count = 2;
    }
    type->arguments_are_usual = type->arguments[0] == usual && type->arguments[1] == 0;
}

struct column_type sqlserver_read_type(struct draft *draft, const struct sqlserver_type *declared)
{
    struct column_type type = {.family = COLUMN_UNSUPPORTED};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcasecmp(types[i].name, declared->name) != 0)
            continue;
        type.family = COLUMN_SCALAR;
        type.native = &draft->model->dialect->types[types[i].code];
        type.scalar = type.native->scalar;
        if (types[i].arguments != ARGUMENTS_NONE)
            take_arguments(declared, types[i].arguments, types[i].usual, &type);
        return type;
    }
    type.unsupported = draft_copy(draft, declared->name);
    return type;
}

static bool is_in_parentheses(const char *text, size_t length)
{
    int depth = 0;
    bool is_quoted = false;
    for (size_t i = 0; i < length; i++) {
        is_quoted ^= text[i] == '\'';
        if (!is_quoted)
            depth += (text[i] == '(') - (text[i] == ')');
        if (depth == 0)
            return i > 0 && i == length - 1;
    }
    return false;
}

// The server keeps a default in parentheses, and a number in two pairs.
static const char *without_parentheses(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    for (; is_in_parentheses(text, length); length -= 2)
        text++;
    return arena_strndup(arena, text, length);
}

// 'it''s', N'it''s': the text. NULL: it is no literal, or more than one.
static const char *read_string(struct arena *arena, const char *text)
{
    AUTO_STRBUF out = STRBUF_INIT;
    text += *text == 'N' || *text == 'n';
    if (*text++ != '\'')
        return NULL;
    for (; *text && (*text != '\'' || text[1] == '\''); text++) {
        strbuf_addch(&out, *text);
        text += *text == '\'';
    }
    return strcmp(text, "'") == 0 ? arena_strndup(arena, out.data, out.len) : NULL;
}

static bool is_number(const char *text, bool is_whole)
{
    text += *text == '-' || *text == '+';
    return *text && strspn(text, is_whole ? "0123456789" : "0123456789.eE+-") == strlen(text);
}

// false: no constant of the type.
static bool read_value(struct arena *arena, enum dm_scalar scalar, const char *text,
                       struct value *out)
{
    const char *string = read_string(arena, text);
    *out = value_of_text(VALUE_STRING, string ? string : text);
    switch (scalar) {
    case DM_STRING: return string;
    case DM_JSON: out->kind = VALUE_JSON; return string;
    case DM_DATETIME: out->kind = VALUE_DATETIME; return string;
    case DM_BOOLEAN:
        *out = value_of_text(VALUE_BOOLEAN, strcmp(text, "1") == 0 ? "true" : "false");
        return strcmp(text, "1") == 0 || strcmp(text, "0") == 0;
    case DM_INT:
    case DM_BIGINT:
    case DM_FLOAT:
    case DM_DECIMAL:
        out->kind = VALUE_NUMBER;
        return is_number(text, scalar == DM_INT || scalar == DM_BIGINT);
    case DM_BYTES:
        return strncasecmp(text, "0x", 2) == 0 &&
               value_of_hexadecimal(arena, text + 2, strlen(text + 2), out);
    }
    return false;
}

// CURRENT_TIMESTAMP is kept as its other name.
static bool is_now(const struct column_type *type, const char *text)
{
    return type->family == COLUMN_SCALAR && type->scalar == DM_DATETIME &&
           (strcasecmp(text, "getdate()") == 0 || strcasecmp(text, "current_timestamp") == 0);
}

void sqlserver_read_default(struct arena *arena, const char *text, struct column *column)
{
    const struct column_type *type = &column->type;
    struct value value;
    const char *bare = without_parentheses(arena, text);
    if (strcasecmp(bare, "NULL") == 0)
        return;
    column->value.expression = bare;
    if (is_now(type, bare))
        column->value.kind = DEFAULT_NOW;
    else if (type->family == COLUMN_SCALAR && read_value(arena, type->scalar, bare, &value))
        default_set_value(arena, value, &column->value);
    else
        column->value.kind = DEFAULT_EXPRESSION;
}
