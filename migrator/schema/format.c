// The formatter: the reader's events, laid out anew.
//
// Fields stand in three columns, which blank lines end; the attributes of a block come last, in a
// fixed order, each with the comment above it; comments keep their text.
#include <string.h>

#include "migrator/schema/format_table.h"
#include "migrator/schema/place.h"
#include "migrator/schema/reader.h"
#include "migrator/schema/schema.h"

enum { INDENT = 2 };

// A block's attribute, held back until the block ends. Comments are spans of the source.
struct held_attribute {
    struct ast_attribute attribute;
    struct span comment;                 // behind it; source NULL: none
    size_t first_comment, comment_count; // above it, in `comments`
};

struct formatter {
    struct reader reader;
    struct strbuf *out;
    struct format_table table;
    VEC_OF(struct held_attribute) held;
    VEC_OF(struct span) comments; // above the held attributes
    VEC_OF(struct span) pending;  // the comments that were just read, without a blank line between
    struct reader_event event;    // read ahead
    enum ast_block_kind block;
    size_t block_begin; // in the output: behind the head of the block
    bool in_block;
};

static void next(struct formatter *formatter)
{
    if (formatter->in_block)
        reader_next_in_block(&formatter->reader, formatter->block, &formatter->event);
    else
        reader_next_top(&formatter->reader, &formatter->event);
}

static const char *text_of(struct span span)
{
    return span.source->text + span.start;
}

static void add_text(struct strbuf *out, const char *at, size_t length)
{
    strbuf_add(out, at, length);
}

static void add_list(struct strbuf *out, const struct ast_argument *arguments, size_t count);

static void add_expression(struct strbuf *out, const struct ast_expression *expression)
{
    switch (expression->kind) {
    case AST_ABSENT: break;
    case AST_ARRAY:
        strbuf_addch(out, '[');
        for (size_t i = 0; i < expression->item_count; i++) {
            strbuf_adds(out, i ? ", " : "");
            add_expression(out, &expression->items[i]);
        }
        strbuf_addch(out, ']');
        break;
    case AST_FUNCTION:
        add_text(out, expression->text, expression->length);
        strbuf_addch(out, '(');
        add_list(out, expression->arguments, expression->argument_count);
        strbuf_addch(out, ')');
        break;
    case AST_OBJECT:
        strbuf_adds(out, "{ ");
        add_list(out, expression->arguments, expression->argument_count);
        strbuf_adds(out, " }");
        break;
    default: add_text(out, expression->at, expression->place_length); break;
    }
}

static void add_list(struct strbuf *out, const struct ast_argument *arguments, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        strbuf_adds(out, i ? ", " : "");
        if (arguments[i].name.length > 0) {
            add_text(out, arguments[i].name.text, arguments[i].name.length);
            strbuf_adds(out, ": ");
        }
        add_expression(out, &arguments[i].value);
    }
}

static void add_attribute(struct strbuf *out, const char *at_signs,
                          const struct ast_attribute *attribute)
{
    strbuf_adds(out, at_signs);
    add_text(out, attribute->name.text, attribute->name.length);
    if (attribute->at[attribute->place_length - 1] != ')')
        return;
    strbuf_addch(out, '(');
    add_list(out, attribute->arguments, attribute->argument_count);
    strbuf_addch(out, ')');
}

static size_t attribute_order(const struct ast_attribute *attribute)
{
    static const char *const order[] = {"id",       "unique", "default",  "updatedAt", "index",
                                        "fulltext", "map",    "relation", "ignore"};
    size_t i = 0;
    while (i < sizeof order / sizeof *order && !ast_name_is(&attribute->name, order[i]))
        i++;
    return i;
}

static void add_type(struct formatter *formatter, const struct ast_field *field)
{
    struct strbuf *out = &formatter->table.text;
    if (field->type_is_unsupported) {
        // As written, up to the parenthesis: the text itself may hold escapes.
        const char *at = field->name.text + field->name.length;
        const char *end = field->name.text + field->place_length;
        at = memmem(at, (size_t)(end - at), "Unsupported(", strlen("Unsupported("));
        struct reader reader = formatter->reader;
        struct ast_expression string;
        reader.at = at + strlen("Unsupported(");
        read_space(&reader);
        if (read_string(&reader, &string) && read_character(&reader, ')'))
            add_text(out, at, (size_t)(reader.at - at));
    } else {
        add_text(out, field->type.text, field->type.length);
    }
    strbuf_adds(out, field->arity == AST_LIST ? "[]" : field->arity == AST_OPTIONAL ? "?" : "");
}

static void add_field_attributes(struct strbuf *out, const struct ast_field *field)
{
    bool first = true;
    for (size_t order = 0; order <= 9; order++)
        for (size_t i = 0; i < field->attribute_count; i++) {
            if (attribute_order(&field->attributes[i]) != order)
                continue;
            strbuf_adds(out, first ? "" : " ");
            add_attribute(out, "@", &field->attributes[i]);
            first = false;
        }
}

static void add_comment_suffix(struct formatter *formatter, struct span comment)
{
    if (comment.source)
        format_table_add_suffix(&formatter->table, text_of(comment), comment.end - comment.start);
}

static void format_field(struct formatter *formatter, const struct reader_event *event)
{
    struct format_table *table = &formatter->table;
    const struct ast_field *field = &event->field;
    format_table_begin_row(table);
    size_t mark = format_table_mark(table);
    add_text(&table->text, field->name.text, field->name.length);
    format_table_set_cell(table, 0, mark);
    mark = format_table_mark(table);
    if (field->type.text)
        add_type(formatter, field);
    if (event->mistake && event->mistake_span.end > event->mistake_span.start &&
        field->arity == AST_LIST && text_of(event->mistake_span)[0] != '[' &&
        event->mistake_span.end - event->mistake_span.start > 1)
        strbuf_addch(&table->text, '?'); // an optional list: not allowed, but not lost either
    format_table_set_cell(table, 1, mark);
    mark = format_table_mark(table);
    add_field_attributes(&table->text, field);
    format_table_set_cell(table, 2, mark);
    add_comment_suffix(formatter, event->comment);
}

static void format_value(struct formatter *formatter, const struct reader_event *event)
{
    struct format_table *table = &formatter->table;
    format_table_begin_row(table);
    size_t mark = format_table_mark(table);
    add_text(&table->text, event->value.name.text, event->value.name.length);
    format_table_set_cell(table, 0, mark);
    mark = format_table_mark(table);
    for (size_t i = 0; i < event->value.attribute_count; i++) {
        strbuf_adds(&table->text, i ? " " : "");
        add_attribute(&table->text, "@", &event->value.attributes[i]);
    }
    format_table_set_cell(table, 1, mark);
    add_comment_suffix(formatter, event->comment);
}

static void format_property(struct formatter *formatter, const struct reader_event *event)
{
    struct format_table *table = &formatter->table;
    format_table_begin_row(table);
    size_t mark = format_table_mark(table);
    add_text(&table->text, event->property.name.text, event->property.name.length);
    format_table_set_cell(table, 0, mark);
    mark = format_table_mark(table);
    bool has_value = event->property.value.kind != AST_ABSENT;
    strbuf_adds(&table->text, has_value ? "= " : "=");
    add_expression(&table->text, &event->property.value);
    format_table_set_cell(table, 1, mark);
    add_comment_suffix(formatter, event->comment);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

// A comment between /* and */, one line of it per line, each behind an asterisk.
static void add_block_comment(struct format_table *table, const char *at, const char *end)
{
    format_table_begin_row(table);
    format_table_add_suffix(table, "/**", 3);
    at += 2;
    end -= 2;
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        const char *next_line = line_end ? line_end + 1 : end;
        line_end = line_end ? line_end : end;
        while (at < line_end && is_space(*at))
            at++;
        if (at < line_end && *at == '*')
            for (at++; at < line_end && is_space(*at);)
                at++;
        while (line_end > at && is_space(line_end[-1]))
            line_end--;
        if (line_end > at) {
            AUTO_STRBUF line = STRBUF_INIT;
            strbuf_adds(&line, " * ");
            strbuf_add(&line, at, (size_t)(line_end - at));
            format_table_begin_row(table);
            format_table_add_suffix(table, line.data, line.len);
        }
        at = next_line;
    }
    format_table_begin_row(table);
    format_table_add_suffix(table, " */", 3);
}

static void format_comment(struct formatter *formatter, struct span comment)
{
    const char *at = text_of(comment);
    size_t length = comment.end - comment.start;
    if (length >= 4 && at[1] == '*') {
        add_block_comment(&formatter->table, at, at + length);
        return;
    }
    format_table_begin_row(&formatter->table);
    format_table_add_suffix(&formatter->table, at, length);
}

// The comments up to whatever is none, blank lines included.
static void read_comments(struct formatter *formatter)
{
    formatter->pending.len = 0;
    while (formatter->event.kind == READ_COMMENT) {
        vec_push(&formatter->pending, formatter->event.span);
        next(formatter);
    }
}

static void hold_attribute(struct formatter *formatter)
{
    struct held_attribute held = {.attribute = formatter->event.attribute,
                                  .comment = formatter->event.comment,
                                  .first_comment = formatter->comments.len,
                                  .comment_count = formatter->pending.len};
    vec_each (comment, &formatter->pending)
        vec_push(&formatter->comments, *comment);
    formatter->pending.len = 0;
    vec_push(&formatter->held, held);
}

static void format_held(struct formatter *formatter)
{
    struct format_table *table = &formatter->table;
    if (formatter->held.len > 0)
        format_table_begin_row(table);
    for (size_t order = 0; order <= 9; order++)
        vec_each (held, &formatter->held) {
            if (attribute_order(&held->attribute) != order)
                continue;
            for (size_t i = 0; i < held->comment_count; i++)
                format_comment(formatter, formatter->comments.items[held->first_comment + i]);
            format_table_begin_row(table);
            size_t mark = format_table_mark(table);
            add_attribute(&table->text, "@@", &held->attribute);
            format_table_set_cell(table, 0, mark);
            add_comment_suffix(formatter, held->comment);
        }
    formatter->held.len = formatter->comments.len = 0;
    format_table_render(table, INDENT, formatter->out);
}

// A blank line, but not as the first of the block.
static void end_columns(struct formatter *formatter)
{
    bool is_first = formatter->table.rows.len == 0 && formatter->block_begin == formatter->out->len;
    format_table_render(&formatter->table, INDENT, formatter->out);
    if (!is_first)
        format_table_begin_row(&formatter->table);
}

static void format_line(struct formatter *formatter, bool after_blank)
{
    const struct reader_event *event = &formatter->event;
    struct span span = event->span;
    if (after_blank && event->kind != READ_ATTRIBUTE)
        end_columns(formatter);
    switch (event->kind) {
    case READ_FIELD: format_field(formatter, event); break;
    case READ_VALUE: format_value(formatter, event); break;
    case READ_PROPERTY: format_property(formatter, event); break;
    case READ_ATTRIBUTE: hold_attribute(formatter); break;
    default: format_table_add_raw(&formatter->table, text_of(span), span.end - span.start); break;
    }
    next(formatter);
}

static void format_comments(struct formatter *formatter, bool after_blank)
{
    read_comments(formatter);
    if (formatter->event.kind == READ_ATTRIBUTE)
        return; // they move with it
    if (after_blank)
        end_columns(formatter);
    vec_each (comment, &formatter->pending)
        format_comment(formatter, *comment);
    formatter->pending.len = 0;
}

// A comment behind the opening brace becomes the first line of the block.
static void format_head(struct formatter *formatter)
{
    const struct reader_event head = formatter->event;
    strbuf_addf(formatter->out, "%s %.*s {\n", ast_block_keyword(head.block.kind),
                (int)head.block.name.length, head.block.name.text);
    const char *rest = text_of(head.span) + (head.span.end - head.span.start);
    const char *end = rest;
    while (end < formatter->reader.at && *end != '\n' && *end != '\r')
        end++;
    while (rest < end && is_space(*rest))
        rest++;
    if (end - rest >= 2 && rest[0] == '/' && rest[1] == '/') {
        format_table_begin_row(&formatter->table);
        format_table_add_suffix(&formatter->table, rest, (size_t)(end - rest));
    }
    formatter->block = head.block.kind;
    formatter->block_begin = formatter->out->len;
    formatter->in_block = true;
}

static void format_block(struct formatter *formatter)
{
    format_head(formatter);
    next(formatter);
    bool after_blank = false;
    if (formatter->event.kind == READ_EMPTY)
        next(formatter);
    while (formatter->event.kind != READ_CLOSE && formatter->event.kind != READ_END) {
        if (formatter->event.kind == READ_EMPTY) {
            after_blank = true;
            next(formatter);
            continue;
        }
        if (formatter->event.kind == READ_COMMENT)
            format_comments(formatter, after_blank);
        else
            format_line(formatter, after_blank);
        after_blank = false;
    }
    format_table_render(&formatter->table, INDENT, formatter->out);
    format_held(formatter);
    strbuf_adds(formatter->out, "}\n");
    formatter->in_block = false;
    next(formatter);
    if (formatter->event.kind != READ_EMPTY && formatter->event.kind != READ_END)
        strbuf_addch(formatter->out, '\n'); // text behind the brace
}

static void format_top(struct formatter *formatter)
{
    struct span span = formatter->event.span;
    switch (formatter->event.kind) {
    case READ_BLOCK: format_block(formatter); return;
    case READ_COMMENT:
        read_comments(formatter);
        vec_each (comment, &formatter->pending)
            format_comment(formatter, *comment);
        formatter->pending.len = 0;
        format_table_render(&formatter->table, 0, formatter->out);
        return;
    case READ_EMPTY:
        next(formatter);
        if (formatter->event.kind != READ_END)
            strbuf_addch(formatter->out, '\n');
        return;
    case READ_UNKNOWN_BLOCK:
        strbuf_add(formatter->out, text_of(span), span.end - span.start);
        break;
    default:
        strbuf_add(formatter->out, text_of(span), span.end - span.start);
        strbuf_addch(formatter->out, '\n');
        break;
    }
    next(formatter);
}

void schema_format(const struct source *source, struct strbuf *out)
{
    struct arena *arena = arena_new();
    struct formatter formatter = {.out = out, .table = FORMAT_TABLE_INIT};
    reader_init(&formatter.reader, source, arena, NULL);
    next(&formatter);
    if (formatter.event.kind == READ_EMPTY)
        next(&formatter);
    while (formatter.event.kind != READ_END)
        format_top(&formatter);
    if (out->len == 0 || out->data[out->len - 1] != '\n')
        strbuf_addch(out, '\n');
    reader_release(&formatter.reader);
    format_table_release(&formatter.table);
    vec_release(&formatter.held);
    vec_release(&formatter.comments);
    vec_release(&formatter.pending);
    arena_free(arena);
}
