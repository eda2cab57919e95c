#include "migrator/schema/reader.h"

#include <string.h>

#include "migrator/schema/characters.h"
#include "migrator/schema/place.h"

static bool at_line_end(const struct reader *reader)
{
    return reader->at == reader->end || *reader->at == '\n' || *reader->at == '\r';
}

static const char *line_end(const struct reader *reader)
{
    const char *at = reader->at;
    while (at < reader->end && *at != '\n' && *at != '\r')
        at++;
    return at;
}

// Whether a line begins with a closing brace, behind spaces or a comment.
static bool line_closes(const char *line, const char *end)
{
    const char *at = line;
    for (const char *star = line; (star = memchr(star, '*', (size_t)(end - star))) != NULL; star++)
        if (end - star > 1 && star[1] == '/')
            at = star + 2;
    size_t length;
    while ((length = space_length(at, end)) > 0)
        at += length;
    return at < end && *at == '}';
}

// A block is closed by the first line that begins with a brace, whatever the lines between are. So
// a head behind the last such line opens nothing.
static const char *find_last_close(const struct reader *reader)
{
    const char *start = reader->at, *end = reader->end;
    while (end > start) {
        const char *line = end;
        while (line > start && line[-1] != '\n' && line[-1] != '\r')
            line--;
        if (line_closes(line, end))
            return line;
        end = line > start ? line - 1 : start;
    }
    return NULL;
}

void reader_init(struct reader *reader, const struct source *source, struct arena *arena,
                 struct diag_list *diagnostics)
{
    *reader = (struct reader){.source = source,
                              .at = source->text,
                              .end = source->text + source->length,
                              .arena = arena,
                              .diagnostics = diagnostics};
    if (source->length >= 3 && memcmp(source->text, "\xEF\xBB\xBF", 3) == 0)
        reader->at += 3;
    reader->last_close = find_last_close(reader);
    reader->last_brace = memrchr(source->text, '}', source->length);
    const char *end = reader->end, *star;
    while ((star = memrchr(source->text, '*', (size_t)(end - source->text))) != NULL &&
           (star + 1 == reader->end || star[1] != '/'))
        end = star;
    reader->last_comment_end = star;
}

void reader_release(struct reader *reader)
{
    vec_release(&reader->arguments);
    vec_release(&reader->items);
    vec_release(&reader->attributes);
}

// comment = "//" rest of the line | "/*" … "*/"
static bool read_comment(struct reader *reader, struct span *out)
{
    const char *start = reader->at;
    if (reader->end - start < 2 || start[0] != '/')
        return false;
    if (start[1] == '/') {
        reader->at = line_end(reader);
    } else if (start[1] == '*') {
        const char *close = start + 2;
        if (!reader->last_comment_end || close > reader->last_comment_end)
            return reader_stop(reader, start, "the comment is not closed", NULL);
        while (!(close[0] == '*' && close[1] == '/'))
            close++;
        reader->at = close + 2;
    } else {
        return false;
    }
    *out = reader_span(reader, start, reader->at);
    return true;
}

// The rest of a line behind its content: comment? newline. `content` becomes the event's span.
static bool read_rest(struct reader *reader, const char *start, struct reader_event *out)
{
    const char *content_end = reader->at;
    read_space(reader);
    out->comment = (struct span){0};
    if (read_comment(reader, &out->comment))
        read_space(reader);
    if (!at_line_end(reader))
        return reader_stop(reader, reader->at, "unexpected text", NULL);
    out->span = reader_span(reader, start, content_end);
    read_newline(reader);
    return true;
}

static void mistake(struct reader_event *event, struct span span, const char *message,
                    const char *hint)
{
    event->mistake = message;
    event->mistake_span = span;
    event->hint = hint;
}

// Takes the whole line as not understood, and says why as well as is known.
static void read_invalid(struct reader *reader, const char *start, const char *message,
                         struct reader_event *out)
{
    *out = (struct reader_event){.kind = READ_INVALID};
    reader->at = start;
    const char *stopped = reader->stopped_at;
    const char *end = line_end(reader);
    reader->at = end;
    out->span = reader_span(reader, start, end);
    read_newline(reader);
    const char *last = end;
    while (last > start && (last[-1] == ' ' || last[-1] == '\t'))
        last--;
    mistake(out, reader_span(reader, start, last), message, NULL);
    if (stopped && stopped >= start && stopped <= end && reader->wanted)
        mistake(out, reader_span(reader, stopped, stopped < last ? stopped + 1 : stopped),
                reader->wanted, reader->wanted_hint);
}

// Blank lines, or one comment with its newline. Returns false where there is neither; `at` is then
// behind the line's leading space.
static bool read_trivia(struct reader *reader, struct reader_event *out)
{
    const char *start = reader->at, *line = start;
    do {
        line = reader->at;
        read_space(reader);
    } while (read_newline(reader));
    if (line > start || reader->at == reader->end) {
        bool is_end = reader->at == reader->end && line == start;
        if (reader->at < reader->end)
            reader->at = line;
        *out = (struct reader_event){.kind = is_end ? READ_END : READ_EMPTY,
                                     .span = reader_span(reader, start, reader->at)};
        return true;
    }
    struct span comment;
    if (!read_comment(reader, &comment))
        return false;
    *out = (struct reader_event){.kind = READ_COMMENT, .span = comment};
    const char *behind = reader->at;
    read_space(reader);
    if (!read_newline(reader))
        reader->at = behind;
    return true;
}

const char *ast_block_keyword(enum ast_block_kind kind)
{
    static const char *const keywords[] = {
#define X(id, keyword) [id] = (keyword),
        AST_BLOCK_KINDS(X)
#undef X
    };
    return keywords[kind];
}

// A keyword and the name behind it without a space between them, as others take it too: modelUser.
static bool split_keyword(const struct reader *reader, struct ast_name *word, struct ast_name *name,
                          enum ast_block_kind *out)
{
    for (int kind = AST_MODEL; kind <= AST_GENERATOR; kind++) {
        size_t length = strlen(ast_block_keyword((enum ast_block_kind)kind));
        if (word->length <= length ||
            memcmp(word->text, ast_block_keyword((enum ast_block_kind)kind), length) != 0 ||
            word_start_length(word->text + length, reader->end) == 0)
            continue;
        *name = (struct ast_name){word->text + length, word->length - (uint32_t)length};
        *out = (enum ast_block_kind)kind;
        return true;
    }
    return false;
}

static bool find_keyword(const struct ast_name *word, enum ast_block_kind *out)
{
    for (int kind = AST_MODEL; kind <= AST_GENERATOR; kind++)
        if (ast_name_is(word, ast_block_keyword((enum ast_block_kind)kind))) {
            *out = (enum ast_block_kind)kind;
            return true;
        }
    return false;
}

// head = keyword word "{" anything newline
static bool read_head(struct reader *reader, struct reader_event *out)
{
    const char *start = reader->at;
    struct ast_name keyword, name;
    enum ast_block_kind kind;
    if (!read_word(reader, &keyword))
        return false;
    bool known = find_keyword(&keyword, &kind);
    const char *behind = reader->at;
    bool glued =
        !known && read_character(reader, '{') && split_keyword(reader, &keyword, &name, &kind);
    reader->at = behind;
    if (!known && !glued)
        return false;
    read_space(reader);
    if (!glued && !read_word(reader, &name))
        return reader_stop(reader, reader->at, "expected the name of the block", NULL);
    if (!read_character(reader, '{')) {
        read_space(reader);
        return reader_stop(reader, reader->at, "expected \"{\"",
                           "the brace stands on the line of the block's name");
    }
    const char *brace = reader->at;
    read_space(reader);
    const char *rest = reader->at, *end = line_end(reader);
    bool is_comment = end - rest > 1 && rest[0] == '/';
    if (!is_comment && memchr(rest, '}', (size_t)(end - rest)))
        return reader_stop(reader, rest, "a block cannot stand on one line",
                           "write every field, and the closing brace, on a line of its own");
    reader->at = end;
    if (!read_newline(reader) || !reader->last_close || reader->last_close < reader->at)
        return reader_stop(reader, brace - 1, "the block is not closed", NULL);
    *out = (struct reader_event){.kind = READ_BLOCK,
                                 .span = reader_span(reader, start, brace),
                                 .block = {.kind = kind, .name = name}};
    return true;
}

// word word? "{" anything "}": a block of an unknown kind
static bool read_unknown_block(struct reader *reader, struct reader_event *out)
{
    const char *start = reader->at;
    struct ast_name word, name;
    enum ast_block_kind kind;
    if (!read_word(reader, &word) || find_keyword(&word, &kind))
        return false;
    read_space(reader);
    read_word(reader, &name);
    if (!read_character(reader, '{'))
        return false;
    if (!reader->last_brace || reader->last_brace < reader->at)
        return false;
    const char *close = memchr(reader->at, '}', (size_t)(reader->end - reader->at));
    reader->at = close + 1;
    *out = (struct reader_event){.kind = READ_UNKNOWN_BLOCK,
                                 .span = reader_span(reader, start, reader->at)};
    mistake(out, span_of(reader->source, &word), "this is not a kind of block",
            "the kinds are model, enum, view, type, datasource and generator");
    return true;
}

// alias = "type" word "=" anything
static bool read_alias(struct reader *reader, struct reader_event *out)
{
    const char *start = reader->at;
    struct ast_name word;
    if (!read_word(reader, &word) || !ast_name_is(&word, "type"))
        return false;
    read_space(reader);
    if (!read_word(reader, &word) || !read_character(reader, '='))
        return false;
    reader->at = line_end(reader);
    *out =
        (struct reader_event){.kind = READ_ALIAS, .span = reader_span(reader, start, reader->at)};
    mistake(out, out->span, "type aliases are not supported", NULL);
    read_newline(reader);
    return true;
}

static void begin_line(struct reader *reader)
{
    reader->stopped_at = NULL;
    reader->wanted = NULL;
    reader->wanted_hint = NULL;
}

void reader_next_top(struct reader *reader, struct reader_event *out)
{
    begin_line(reader);
    if (read_trivia(reader, out))
        return;
    const char *start = reader->at;
    if (read_head(reader, out))
        return;
    reader->at = start;
    if (read_alias(reader, out))
        return;
    reader->at = start;
    if (read_unknown_block(reader, out))
        return;
    read_invalid(reader, start, "this line does not begin a block", out);
    if (!reader->wanted)
        out->hint = "blocks begin with model, enum, view, type, datasource or generator";
}

// Attributes up to whatever is none. Complete when it returns true.
static bool read_attributes(struct reader *reader, struct ast_attribute **out, uint32_t *count)
{
    size_t base = reader->attributes.len;
    struct ast_attribute attribute;
    bool complete = true;
    for (;;) {
        const char *behind = reader->at;
        read_space(reader);
        if (reader->at == reader->end || *reader->at != '@') {
            reader->at = behind;
            break;
        }
        if (!read_attribute(reader, 1, &attribute)) {
            complete = false;
            break;
        }
        vec_push(&reader->attributes, attribute);
    }
    *count = (uint32_t)(reader->attributes.len - base);
    reader->attributes.len = base;
    *out = NULL;
    if (*count > 0) {
        *out = ARENA_ARRAY(reader->arena, struct ast_attribute, *count);
        memcpy(*out, reader->attributes.items + base, *count * sizeof attribute);
    }
    return complete;
}

// base_type = "Unsupported(" string ")" | word
static bool read_base_type(struct reader *reader, struct ast_field *field)
{
    static const char prefix[] = "Unsupported(";
    const char *start = reader->at;
    if ((size_t)(reader->end - start) > sizeof prefix &&
        memcmp(start, prefix, sizeof prefix - 1) == 0) {
        struct ast_expression text;
        reader->at += sizeof prefix - 1;
        read_space(reader);
        if (reader->at < reader->end && *reader->at == '"' && read_string(reader, &text) &&
            read_character(reader, ')')) {
            field->type = (struct ast_name){text.text, text.length};
            field->type_is_unsupported = true;
            return true;
        }
        reader->at = start;
    }
    return read_word(reader, &field->type);
}

static bool read_brackets(struct reader *reader)
{
    const char *start = reader->at;
    read_space(reader);
    if (reader->end - reader->at >= 2 && memcmp(reader->at, "[]", 2) == 0) {
        reader->at += 2;
        return true;
    }
    reader->at = start;
    return false;
}

// type = base_type ("[]" | "?")? and the forms of an older language, which are mistakes
static bool read_type(struct reader *reader, struct reader_event *event)
{
    struct ast_field *field = &event->field;
    const char *start = reader->at;
    if (*start == '[') {
        reader->at++;
        read_space(reader);
        if (!read_base_type(reader, field) || !read_character(reader, ']'))
            return false;
        field->arity = AST_LIST;
        mistake(event, reader_span(reader, start, reader->at), "a list is written Type[]", NULL);
        return true;
    }
    if (!read_base_type(reader, field))
        return reader_stop(reader, reader->at, "expected the type of the field", NULL);
    if (read_brackets(reader)) {
        field->arity = AST_LIST;
        if (read_character(reader, '?'))
            mistake(event, reader_span(reader, start, reader->at), "a list cannot be optional",
                    "write Type[] or Type?");
    } else if (read_character(reader, '?')) {
        field->arity = AST_OPTIONAL;
    } else if (read_character(reader, '!')) {
        mistake(event, reader_span(reader, start, reader->at),
                "a field is required without an exclamation mark", NULL);
    }
    return true;
}

// field = word type attribute* comment? newline
static bool read_field(struct reader *reader, struct reader_event *out)
{
    const char *start = reader->at;
    *out = (struct reader_event){.kind = READ_FIELD};
    struct ast_field *field = &out->field;
    if (!read_word(reader, &field->name))
        return reader_stop(reader, reader->at, "expected a field or an attribute", NULL);
    const char *colon = NULL;
    if (read_character(reader, ':'))
        colon = reader->at - 1;
    read_space(reader);
    bool has_type = reader->at < reader->end && *reader->at != '@' && *reader->at != '/' &&
                    !at_line_end(reader);
    if (has_type && !read_type(reader, out))
        return false;
    if (!read_attributes(reader, &field->attributes, &field->attribute_count) ||
        !read_rest(reader, start, out))
        return false;
    field->place_length = (uint32_t)(out->span.end - out->span.start);
    if (colon)
        mistake(out, reader_span(reader, colon, colon + 1), "a field is declared without a colon",
                NULL);
    else if (!has_type)
        mistake(out, span_of(reader->source, &field->name), "the field has no type", NULL);
    return true;
}

// value = word attribute* comment? newline
static bool read_value(struct reader *reader, struct reader_event *out)
{
    const char *start = reader->at;
    *out = (struct reader_event){.kind = READ_VALUE};
    if (!read_word(reader, &out->value.name))
        return reader_stop(reader, reader->at, "expected a value or an attribute", NULL);
    if (!read_attributes(reader, &out->value.attributes, &out->value.attribute_count) ||
        !read_rest(reader, start, out))
        return false;
    out->value.place_length = (uint32_t)(out->span.end - out->span.start);
    return true;
}

// property = word "=" expression? comment? newline
static bool read_property(struct reader *reader, struct reader_event *out)
{
    const char *start = reader->at;
    *out = (struct reader_event){.kind = READ_PROPERTY};
    if (!read_word(reader, &out->property.name))
        return reader_stop(reader, reader->at, "expected a property", NULL);
    if (!read_character(reader, '=')) {
        read_space(reader);
        return reader_stop(reader, reader->at, "expected \"=\"", NULL);
    }
    const char *behind = reader->at;
    read_space(reader);
    if (at_line_end(reader) || *reader->at == '/')
        reader->at = behind;
    else if (!read_expression(reader, &out->property.value))
        return false;
    if (!read_rest(reader, start, out))
        return false;
    out->property.place_length = (uint32_t)(out->span.end - out->span.start);
    return true;
}

static bool read_block_attribute(struct reader *reader, struct reader_event *out)
{
    const char *start = reader->at;
    *out = (struct reader_event){.kind = READ_ATTRIBUTE};
    return read_attribute(reader, 2, &out->attribute) && read_rest(reader, start, out);
}

static bool looks_like_head(struct reader *reader)
{
    const char *start = reader->at;
    struct ast_name word;
    enum ast_block_kind kind;
    bool found = read_word(reader, &word) && find_keyword(&word, &kind);
    read_space(reader);
    found = found && read_word(reader, &word) && read_character(reader, '{');
    reader->at = start;
    return found;
}

void reader_next_in_block(struct reader *reader, enum ast_block_kind block,
                          struct reader_event *out)
{
    begin_line(reader);
    if (read_trivia(reader, out))
        return;
    const char *start = reader->at;
    if (*start == '}') {
        reader->at++;
        *out = (struct reader_event){.kind = READ_CLOSE,
                                     .span = reader_span(reader, start, reader->at)};
        return;
    }
    bool config = block == AST_DATASOURCE || block == AST_GENERATOR;
    bool found;
    if (*start == '@' && !config)
        found = read_block_attribute(reader, out);
    else if (config)
        found = read_property(reader, out);
    else if (block == AST_ENUM)
        found = read_value(reader, out);
    else
        found = read_field(reader, out);
    if (found)
        return;
    reader->at = start;
    bool opens_block = looks_like_head(reader);
    read_invalid(reader, start, "this line is not understood", out);
    out->opens_block = opens_block;
}
