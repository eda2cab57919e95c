// What a column's default means: a value of its type, the present moment, a sequence; else the
// expression that it is.
#include <string.h>
#include <strings.h>

#include "migrator/introspect/default_value.h"
#include "migrator/introspect/postgres.h"
#include "migrator/introspect/postgres_literal.h"

static bool is_number_text(const char *text, bool is_whole)
{
    text += *text == '-';
    return *text && strspn(text, is_whole ? "0123456789" : "0123456789.") == strlen(text);
}

static bool read_number(const struct literal *literal, bool is_whole, struct value *out)
{
    if ((literal->kind != LITERAL_NUMBER && literal->kind != LITERAL_STRING) ||
        !is_number_text(literal->text, is_whole))
        return false;
    *out = value_of_text(VALUE_NUMBER, literal->text);
    return true;
}

static bool read_boolean(const struct literal *literal, struct value *out)
{
    if (literal->kind != LITERAL_WORD && literal->kind != LITERAL_STRING)
        return false;
    bool is_true = strcasecmp(literal->text, "true") == 0 || strcasecmp(literal->text, "t") == 0;
    bool is_false = strcasecmp(literal->text, "false") == 0 || strcasecmp(literal->text, "f") == 0;
    *out = value_of_text(VALUE_BOOLEAN, is_true ? "true" : "false");
    return is_true || is_false;
}

static bool read_bytes(struct arena *arena, const struct literal *literal, struct value *out)
{
    return literal->kind == LITERAL_STRING && strncmp(literal->text, "\\x", 2) == 0 &&
           value_of_hexadecimal(arena, literal->text + 2, strlen(literal->text + 2), out);
}

static bool read_text(const struct literal *literal, enum value_kind kind, struct value *out)
{
    if (literal->kind != LITERAL_STRING)
        return false;
    *out = value_of_text(kind, literal->text);
    return true;
}

// false: no constant of the type. How a server writes a point in time cannot be told from how a
// schema does: it stays an expression.
static bool read_value(struct arena *arena, const struct column_type *type,
                       const struct literal *literal, struct value *out)
{
    if (type->family == COLUMN_ENUM)
        return read_text(literal, VALUE_ENUM, out);
    if (type->family == COLUMN_UNSUPPORTED)
        return false;
    switch (type->scalar) {
    case DM_STRING: return read_text(literal, VALUE_STRING, out);
    case DM_JSON: return read_text(literal, VALUE_JSON, out);
    case DM_INT:
    case DM_BIGINT: return read_number(literal, true, out);
    case DM_FLOAT:
    case DM_DECIMAL: return read_number(literal, false, out);
    case DM_BOOLEAN: return read_boolean(literal, out);
    case DM_BYTES: return read_bytes(arena, literal, out);
    case DM_DATETIME: break;
    }
    return false;
}

static bool read_list(struct arena *arena, struct literal literal, struct column *column)
{
    if (literal.kind == LITERAL_STRING && !postgres_array_read(arena, literal.text, &literal))
        return false;
    if (literal.kind != LITERAL_ARRAY)
        return false;
    struct value *values = ARENA_ARRAY(arena, struct value, literal.item_count + 1);
    for (size_t i = 0; i < literal.item_count; i++) {
        if (!read_value(arena, &column->type, &literal.items[i], &values[i]))
            return false;
    }
    column->value.kind = DEFAULT_LIST;
    column->value.values = values;
    column->value.value_count = literal.item_count;
    return true;
}

static bool is_whole(const struct column *column)
{
    return column->type.family == COLUMN_SCALAR &&
           (column->type.scalar == DM_INT || column->type.scalar == DM_BIGINT);
}

static bool is_now(const struct column *column, const struct literal *literal)
{
    bool is_moment = column->type.family == COLUMN_SCALAR && column->type.scalar == DM_DATETIME;
    return is_moment && ((literal->kind == LITERAL_WORD &&
                          strcasecmp(literal->text, "CURRENT_TIMESTAMP") == 0) ||
                         (literal->kind == LITERAL_CALL && literal->item_count == 0 &&
                          strcasecmp(literal->text, "now") == 0));
}

static bool read_single(struct arena *arena, const struct literal *literal, struct column *column)
{
    struct value value;
    if (is_now(column, literal)) {
        column->value.kind = DEFAULT_NOW;
    } else if (is_whole(column) && literal->kind == LITERAL_CALL &&
               strcasecmp(literal->text, "nextval") == 0) {
        column->value.kind = DEFAULT_SEQUENCE;
        column->increments = true;
    } else if (read_value(arena, &column->type, literal, &value)) {
        default_set_value(arena, value, &column->value);
    } else {
        return false;
    }
    return true;
}

void postgres_read_default(struct arena *arena, const char *text, struct column *column)
{
    struct literal literal;
    bool is_literal = postgres_literal_read(arena, text, &literal);
    if (is_literal && literal.kind == LITERAL_WORD && strcasecmp(literal.text, "NULL") == 0)
        return;
    column->value.expression = arena_strdup(arena, text);
    bool is_understood =
        is_literal && (column->arity == COLUMN_LIST ? read_list(arena, literal, column)
                                                    : read_single(arena, &literal, column));
    if (!is_understood)
        column->value.kind = DEFAULT_EXPRESSION;
}
