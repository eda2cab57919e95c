#include "migrator/introspect/postgres_literal.h"

#include <string.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "migrator/script/lexer.h"

enum { DEPTH_MAX = 16 };

struct reader {
    struct arena *arena;
    struct sql_lexer lexer;
    struct sql_token token; // the next one, not yet taken
    int depth;
};

typedef VEC_OF(struct literal) literals;

static void advance(struct reader *reader)
{
    reader->token = sql_lexer_next(&reader->lexer);
}

static bool is_symbol(const struct reader *reader, char symbol)
{
    return reader->token.kind == SQL_SYMBOL && reader->lexer.text[reader->token.start] == symbol;
}

static bool take_symbol(struct reader *reader, char symbol)
{
    if (!is_symbol(reader, symbol))
        return false;
    advance(reader);
    return true;
}

static const char *take_text(struct reader *reader)
{
    const char *text = arena_strndup(reader->arena, reader->lexer.text + reader->token.start,
                                     reader->token.end - reader->token.start);
    advance(reader);
    return text;
}

static char unescape(char letter)
{
    switch (letter) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return letter;
    }
}

// string = ["E" | "B"] "'" … "'"
static const char *take_string(struct reader *reader)
{
    const char *text = reader->lexer.text + reader->token.start;
    const char *end = reader->lexer.text + reader->token.end;
    AUTO_STRBUF out = STRBUF_INIT;
    bool escapes = *text == 'E' || *text == 'e';
    text += *text != '\'';
    for (text++; text < end - 1; text++) {
        char c = *text;
        if (c == '\'')
            text++; // the second of two
        else if (c == '\\' && escapes)
            c = unescape(*++text);
        strbuf_addch(&out, c);
    }
    advance(reader);
    return arena_strndup(reader->arena, out.data, out.len);
}

// type = (word | identifier | "." | "(" … ")" | "[" [number] "]")*
static bool skip_type(struct reader *reader)
{
    for (;;) {
        if (reader->token.kind == SQL_WORD || reader->token.kind == SQL_IDENTIFIER ||
            is_symbol(reader, '.')) {
            advance(reader);
        } else if (take_symbol(reader, '[')) {
            if (reader->token.kind == SQL_NUMBER)
                advance(reader);
            if (!take_symbol(reader, ']'))
                return false;
        } else if (take_symbol(reader, '(')) {
            while (reader->token.kind != SQL_END && !is_symbol(reader, ')'))
                advance(reader);
            if (!take_symbol(reader, ')'))
                return false;
        } else {
            return true;
        }
    }
}

static bool read_value(struct reader *reader, struct literal *out);

// items = [value ("," value)*] `end`
static bool read_items(struct reader *reader, char end, struct literal *out)
{
    literals items = {0};
    bool is_well = true;
    while (is_well && !is_symbol(reader, end)) {
        struct literal item = {0};
        is_well = (items.len == 0 || take_symbol(reader, ',')) && read_value(reader, &item);
        vec_push(&items, item);
    }
    if (is_well) {
        struct literal *copy = ARENA_ARRAY(reader->arena, struct literal, items.len + 1);
        for (size_t i = 0; i < items.len; i++)
            copy[i] = items.items[i];
        out->items = copy;
        out->item_count = items.len;
        advance(reader);
    }
    vec_release(&items);
    return is_well;
}

// word = ARRAY "[" items | name ["(" items]
static bool read_word(struct reader *reader, struct literal *out)
{
    bool is_array = sql_token_is(reader->lexer.text, reader->token, "ARRAY");
    *out = (struct literal){.kind = LITERAL_WORD, .text = take_text(reader)};
    if (is_array && take_symbol(reader, '[')) {
        out->kind = LITERAL_ARRAY;
        return read_items(reader, ']', out);
    }
    if (!take_symbol(reader, '('))
        return true;
    out->kind = LITERAL_CALL;
    return read_items(reader, ')', out);
}

static bool read_number(struct reader *reader, struct literal *out)
{
    bool is_negative = take_symbol(reader, '-');
    if (reader->token.kind != SQL_NUMBER)
        return false;
    out->kind = LITERAL_NUMBER;
    out->text = arena_printf(reader->arena, "%s%s", is_negative ? "-" : "", take_text(reader));
    return true;
}

static bool read_plain(struct reader *reader, struct literal *out)
{
    if (take_symbol(reader, '('))
        return read_value(reader, out) && take_symbol(reader, ')');
    if (reader->token.kind == SQL_WORD)
        return read_word(reader, out);
    if (reader->token.kind != SQL_STRING)
        return read_number(reader, out);
    if (reader->token.unterminated || !strchr("'EeBb", reader->lexer.text[reader->token.start]))
        return false;
    *out = (struct literal){.kind = LITERAL_STRING, .text = take_string(reader)};
    return true;
}

// value = ("(" value ")" | word | string | ["-"] number) ("::" type)*
static bool read_value(struct reader *reader, struct literal *out)
{
    bool is_well = ++reader->depth <= DEPTH_MAX && read_plain(reader, out);
    while (is_well && take_symbol(reader, ':'))
        is_well = take_symbol(reader, ':') && skip_type(reader);
    reader->depth--;
    return is_well;
}

bool postgres_literal_read(struct arena *arena, const char *text, struct literal *out)
{
    struct reader reader = {
        .arena = arena,
        .lexer = {.text = text, .length = strlen(text), .dialect = SQL_POSTGRES},
    };
    advance(&reader);
    return read_value(&reader, out) && reader.token.kind == SQL_END;
}

// element = '"' … '"' | text without , { } and "
static bool read_element(struct arena *arena, const char **text, struct literal *out)
{
    AUTO_STRBUF element = STRBUF_INIT;
    const char *at = *text;
    bool is_quoted = *at == '"';
    for (at += is_quoted; *at && (is_quoted ? *at != '"' : *at != ',' && *at != '}'); at++) {
        if (!is_quoted && (*at == '{' || *at == '"'))
            return false;
        if (*at == '\\' && at[1])
            at++;
        strbuf_addch(&element, *at);
    }
    if (is_quoted && *at++ != '"')
        return false;
    *text = at;
    *out = (struct literal){.kind = LITERAL_STRING,
                            .text = arena_strndup(arena, element.data, element.len)};
    return is_quoted || strcmp(out->text, "NULL") != 0;
}

bool postgres_array_read(struct arena *arena, const char *text, struct literal *out)
{
    size_t capacity = 1;
    for (const char *at = text; *at; at++)
        capacity += *at == ',';
    struct literal *items = ARENA_ARRAY(arena, struct literal, capacity);
    *out = (struct literal){.kind = LITERAL_ARRAY, .items = items};
    if (*text++ != '{')
        return false;
    if (strcmp(text, "}") == 0)
        return true;
    for (;; text++) {
        if (!read_element(arena, &text, &items[out->item_count++]))
            return false;
        if (*text != ',')
            return strcmp(text, "}") == 0;
    }
}
