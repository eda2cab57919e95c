// Words, literals, arguments and attributes.
#include <string.h>

#include "migrator/schema/characters.h"
#include "migrator/schema/reader.h"

enum { DEEPEST = 32 };

bool reader_stop(struct reader *reader, const char *at, const char *wanted, const char *hint)
{
    if (!reader->stopped_at || at > reader->stopped_at) {
        reader->stopped_at = at;
        reader->wanted = wanted;
        reader->wanted_hint = hint;
    }
    return false;
}

struct span reader_span(const struct reader *reader, const char *from, const char *to)
{
    const char *text = reader->source->text;
    return (struct span){reader->source, (size_t)(from - text), (size_t)(to - text)};
}

bool read_newline(struct reader *reader)
{
    if (reader->at == reader->end || (*reader->at != '\n' && *reader->at != '\r'))
        return false;
    if (*reader->at == '\r' && reader->end - reader->at > 1 && reader->at[1] == '\n')
        reader->at++;
    reader->at++;
    return true;
}

static void set_name(const struct reader *reader, const char *from, struct ast_name *out)
{
    *out = (struct ast_name){from, (uint32_t)(reader->at - from)};
}

// word = (letter | digit) (letter | digit | "_" | "-")*
bool read_word(struct reader *reader, struct ast_name *out)
{
    const char *start = reader->at;
    size_t length = word_start_length(start, reader->end);
    if (length == 0)
        return false;
    reader->at = word_end(start + length, reader->end);
    set_name(reader, start, out);
    return true;
}

// path = word ("." word?)*
bool read_path(struct reader *reader, struct ast_name *out)
{
    const char *start = reader->at;
    struct ast_name part;
    if (!read_word(reader, &part))
        return false;
    while (reader->at < reader->end && *reader->at == '.') {
        reader->at++;
        read_word(reader, &part);
    }
    set_name(reader, start, out);
    return true;
}

// number = "-"? digit+ ("." digit+)?
static bool read_number(struct reader *reader, struct ast_expression *out)
{
    const char *start = reader->at, *at = start, *end = reader->end;
    if (at < end && *at == '-')
        at++;
    const char *digits = at;
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    if (at == digits)
        return false;
    if (end - at > 1 && at[0] == '.' && at[1] >= '0' && at[1] <= '9')
        for (at++; at < end && *at >= '0' && *at <= '9';)
            at++;
    reader->at = at;
    *out = (struct ast_expression){.kind = AST_NUMBER,
                                   .at = start,
                                   .text = start,
                                   .length = (uint32_t)(at - start),
                                   .place_length = (uint32_t)(at - start)};
    return true;
}

// Where a list is neither continued nor closed.
static bool stop_in_list(struct reader *reader, const char *wanted)
{
    read_space(reader);
    bool wrapped = reader->at == reader->end || *reader->at == '\n' || *reader->at == '\r';
    return reader_stop(reader, reader->at, wanted,
                       wrapped ? "an attribute and its arguments stand on one line" : NULL);
}

// array = "[" (expression ("," expression)*)? "]"
static bool read_array(struct reader *reader, struct ast_expression *out)
{
    const char *start = reader->at++;
    size_t base = reader->items.len;
    struct ast_expression item;
    bool comma = false;
    for (;;) {
        read_space(reader);
        if (!read_expression(reader, &item))
            break;
        vec_push(&reader->items, item);
        comma = read_character(reader, ',');
        if (!comma)
            break;
    }
    size_t count = reader->items.len - base;
    reader->items.len = base;
    if (comma || !read_character(reader, ']'))
        return stop_in_list(reader, "expected a value or \"]\"");
    *out = (struct ast_expression){.kind = AST_ARRAY,
                                   .at = start,
                                   .place_length = (uint32_t)(reader->at - start),
                                   .item_count = (uint32_t)count};
    if (count > 0) {
        out->items = ARENA_ARRAY(reader->arena, struct ast_expression, count);
        memcpy(out->items, reader->items.items + base, count * sizeof item);
    }
    return true;
}

// member = word ":" expression
static bool read_member(struct reader *reader, struct ast_argument *out)
{
    read_space(reader);
    *out = (struct ast_argument){0};
    if (!read_word(reader, &out->name))
        return reader_stop(reader, reader->at, "expected a name", NULL);
    if (!read_character(reader, ':'))
        return reader_stop(reader, reader->at, "expected \":\"", NULL);
    read_space(reader);
    return read_expression(reader, &out->value);
}

static void take_arguments(struct reader *reader, size_t base, struct ast_argument **out,
                           uint32_t *count)
{
    *count = (uint32_t)(reader->arguments.len - base);
    reader->arguments.len = base;
    *out = NULL;
    if (*count > 0) {
        *out = ARENA_ARRAY(reader->arena, struct ast_argument, *count);
        memcpy(*out, reader->arguments.items + base, *count * sizeof **out);
    }
}

// object = "{" (member ("," member)*)? "}"
static bool read_object(struct reader *reader, struct ast_expression *out)
{
    const char *start = reader->at++;
    size_t base = reader->arguments.len;
    *out = (struct ast_expression){.kind = AST_OBJECT, .at = start};
    bool is_empty = read_character(reader, '}');
    for (bool comma = !is_empty; comma; comma = read_character(reader, ',')) {
        struct ast_argument member;
        if (!read_member(reader, &member)) {
            reader->arguments.len = base;
            return false;
        }
        vec_push(&reader->arguments, member);
    }
    take_arguments(reader, base, &out->arguments, &out->argument_count);
    if (!is_empty && !read_character(reader, '}'))
        return stop_in_list(reader, "expected \",\" or \"}\"");
    out->place_length = (uint32_t)(reader->at - start);
    return true;
}

// argument = word ":" expression? | expression
static bool read_argument(struct reader *reader, struct ast_argument *out)
{
    read_space(reader);
    const char *start = reader->at;
    *out = (struct ast_argument){0};
    if (read_word(reader, &out->name)) {
        if (read_character(reader, ':')) {
            const char *colon = reader->at;
            read_space(reader);
            if (!read_expression(reader, &out->value)) {
                reader->at = colon;
                out->value = (struct ast_expression){.kind = AST_ABSENT};
            }
            return true;
        }
        reader->at = start;
        out->name = (struct ast_name){0};
    }
    return read_expression(reader, &out->value);
}

// arguments = "(" (argument ("," argument)*)? ","? ")"
static bool read_arguments(struct reader *reader, struct ast_argument **out, uint32_t *count,
                           bool *trailing_comma)
{
    size_t base = reader->arguments.len;
    struct ast_argument argument;
    *trailing_comma = false;
    while (read_argument(reader, &argument)) {
        vec_push(&reader->arguments, argument);
        *trailing_comma = read_character(reader, ',');
        if (!*trailing_comma)
            break;
    }
    if (reader->arguments.len == base)
        *trailing_comma = read_character(reader, ',');
    take_arguments(reader, base, out, count);
    return read_character(reader, ')') || stop_in_list(reader, "expected an argument or \")\"");
}

// function = path arguments; constant = path
static bool read_constant_or_function(struct reader *reader, struct ast_expression *out)
{
    const char *start = reader->at;
    struct ast_name name;
    if (!read_path(reader, &name))
        return reader_stop(reader, reader->at, "expected a value", NULL);
    *out = (struct ast_expression){
        .kind = AST_CONSTANT,
        .at = start,
        .text = name.text,
        .length = name.length,
        .place_length = name.length,
    };
    if (!read_character(reader, '('))
        return true;
    out->kind = AST_FUNCTION;
    if (!read_arguments(reader, &out->arguments, &out->argument_count, &out->has_trailing_comma))
        return false;
    out->place_length = (uint32_t)(reader->at - start);
    return true;
}

// expression = function | array | object | number | string | constant
bool read_expression(struct reader *reader, struct ast_expression *out)
{
    const char *start = reader->at;
    if (start == reader->end)
        return reader_stop(reader, start, "expected a value", NULL);
    if (reader->depth == DEEPEST)
        return reader_stop(reader, start, "values are nested too deeply", NULL);
    reader->depth++;
    bool found;
    if (*start == '[')
        found = read_array(reader, out);
    else if (*start == '{')
        found = read_object(reader, out);
    else if (*start == '"')
        found = read_string(reader, out);
    else if (*start == '-' || (*start >= '0' && *start <= '9'))
        found = read_number(reader, out);
    else
        found = read_constant_or_function(reader, out);
    reader->depth--;
    if (!found)
        reader->at = start;
    return found;
}

// attribute = "@" path arguments? (two at signs for a block's)
bool read_attribute(struct reader *reader, size_t at_signs, struct ast_attribute *out)
{
    const char *start = reader->at;
    for (size_t i = 0; i < at_signs; i++)
        if (reader->at == reader->end || *reader->at++ != '@') {
            reader->at = start;
            return false;
        }
    read_space(reader);
    *out = (struct ast_attribute){0};
    if (!read_path(reader, &out->name)) {
        reader_stop(reader, reader->at, "expected the name of an attribute",
                    at_signs == 1 && reader->at < reader->end && *reader->at == '@'
                        ? "an attribute of the block (@@) stands on a line of its own"
                        : NULL);
        reader->at = start;
        return false;
    }
    if (read_character(reader, '(') &&
        !read_arguments(reader, &out->arguments, &out->argument_count, &out->has_trailing_comma)) {
        reader->at = start;
        return false;
    }
    out->at = start;
    out->place_length = (uint32_t)(reader->at - start);
    return true;
}
