#include "migrator/schema/parser.h"

#include <string.h>

#include "migrator/schema/characters.h"
#include "migrator/schema/reader.h"

struct parser {
    struct reader reader;
    struct ast_builder *builder;
    struct strbuf documentation; // of what comes next
    bool documentation_ended;    // a blank line follows it
    VEC_OF(struct ast_field) fields;
    VEC_OF(struct ast_enum_value) values;
    VEC_OF(struct ast_property) properties;
    VEC_OF(struct ast_attribute) attributes;
};

// A file that is no schema at all has a mistake in every line: the first ones say enough.
enum { MOST_MISTAKES = 1000 };

static void report(struct parser *parser, const struct reader_event *event)
{
    struct diag_list *list = parser->builder->diagnostics;
    if (list->error_count > MOST_MISTAKES)
        return;
    if (list->error_count == MOST_MISTAKES) {
        diag_error(list, event->mistake_span, "and more lines that are not understood");
        return;
    }
    diag_error(list, event->mistake_span, "%s", event->mistake);
    if (event->hint)
        diag_hint(list, "%s", event->hint);
}

static void add_documentation(struct parser *parser, struct span comment)
{
    const char *text = comment.source->text + comment.start;
    size_t length = comment.end - comment.start;
    if (length < 3 || memcmp(text, "///", 3) != 0)
        return;
    for (text += 3, length -= 3; length > 0 && (*text == ' ' || *text == '\t'); length--)
        text++;
    if (parser->documentation_ended)
        strbuf_clear(&parser->documentation);
    parser->documentation_ended = false;
    if (parser->documentation.len > 0)
        strbuf_addch(&parser->documentation, '\n');
    strbuf_add(&parser->documentation, text, length);
}

// What is known of the line that was just read: the comments before it and the one behind it.
static const char *take_documentation(struct parser *parser, const struct reader_event *event)
{
    if (event->comment.source)
        add_documentation(parser, event->comment);
    if (parser->documentation.len == 0)
        return NULL;
    const char *text = arena_strndup(parser->builder->arena, parser->documentation.data,
                                     parser->documentation.len);
    strbuf_clear(&parser->documentation);
    return text;
}

static void add_line(struct parser *parser, struct reader_event *event, struct ast_block *block)
{
    if (event->mistake) {
        report(parser, event);
        block->has_mistakes = true;
        strbuf_clear(&parser->documentation);
        return;
    }
    switch (event->kind) {
    case READ_FIELD:
        event->field.documentation = take_documentation(parser, event);
        vec_push(&parser->fields, event->field);
        break;
    case READ_VALUE:
        event->value.documentation = take_documentation(parser, event);
        vec_push(&parser->values, event->value);
        break;
    case READ_PROPERTY: vec_push(&parser->properties, event->property); break;
    case READ_ATTRIBUTE: vec_push(&parser->attributes, event->attribute); break;
    default: break;
    }
}

#define COPY_LIST(parser, from, to, T)                                                         \
    do {                                                                                       \
        size_t bytes = (from)->len * sizeof(T);                                                \
        if (bytes > 0)                                                                         \
            (to) = memcpy(arena_alloc((parser)->builder->arena, bytes), (from)->items, bytes); \
    } while (0)

static void finish_block(struct parser *parser, struct ast_block *block)
{
    block->field_count = parser->fields.len;
    COPY_LIST(parser, &parser->fields, block->fields, struct ast_field);
    block->value_count = parser->values.len;
    COPY_LIST(parser, &parser->values, block->values, struct ast_enum_value);
    block->property_count = parser->properties.len;
    COPY_LIST(parser, &parser->properties, block->properties, struct ast_property);
    block->attribute_count = parser->attributes.len;
    COPY_LIST(parser, &parser->attributes, block->attributes, struct ast_attribute);
    parser->fields.len = parser->values.len = 0;
    parser->properties.len = parser->attributes.len = 0;
    strbuf_clear(&parser->documentation);
    vec_push(&parser->builder->blocks, *block);
}

static void report_unclosed(struct parser *parser, struct ast_block *block)
{
    diag_error(parser->builder->diagnostics, block->header, "the block \"%.*s\" is not closed",
               (int)block->name.length, block->name.text);
    block->has_mistakes = true;
}

static void parse_block(struct parser *parser, struct reader_event *head)
{
    struct ast_block block = {.source = head->span.source,
                              .kind = head->block.kind,
                              .name = head->block.name,
                              .header = head->span,
                              .documentation = take_documentation(parser, head)};
    struct reader_event event;
    for (;;) {
        const char *start = parser->reader.at;
        reader_next_in_block(&parser->reader, block.kind, &event);
        if (event.kind == READ_CLOSE)
            break;
        if (event.kind == READ_END) {
            report_unclosed(parser, &block);
            break;
        }
        if (event.kind == READ_COMMENT) {
            add_documentation(parser, event.span);
        } else if (event.kind == READ_EMPTY) {
            parser->documentation_ended = true;
        } else if (event.opens_block) {
            report_unclosed(parser, &block);
            parser->reader.at = start;
            event.span = reader_span(&parser->reader, start, start);
            break;
        } else {
            add_line(parser, &event, &block);
        }
    }
    block.span = (struct span){block.header.source, block.header.start, event.span.end};
    finish_block(parser, &block);
}

static void check_encoding(struct parser *parser, const struct source *source)
{
    size_t offset = utf8_invalid_offset(source->text, source->length);
    if (offset == source->length)
        return;
    diag_error(parser->builder->diagnostics, (struct span){source, offset, offset + 1},
               "the file is not valid UTF-8 (byte 0x%02X)", (unsigned char)source->text[offset]);
    diag_hint(parser->builder->diagnostics, "save the file in the encoding UTF-8");
}

void parse_source(struct ast_builder *builder, const struct source *source)
{
    struct parser parser = {.builder = builder, .documentation = STRBUF_INIT};
    struct reader_event event;
    if (source->length > UINT32_MAX) { // lengths in the tree are of 32 bits
        diag_error(builder->diagnostics, (struct span){source, 0, 0}, "the file is too large");
        return;
    }
    check_encoding(&parser, source);
    reader_init(&parser.reader, source, builder->arena, builder->diagnostics);
    do {
        reader_next_top(&parser.reader, &event);
        if (event.kind == READ_BLOCK)
            parse_block(&parser, &event);
        else if (event.kind == READ_COMMENT)
            add_documentation(&parser, event.span);
        else if (event.kind == READ_EMPTY)
            strbuf_clear(&parser.documentation);
        else if (event.kind != READ_END)
            report(&parser, &event);
    } while (event.kind != READ_END);
    reader_release(&parser.reader);
    strbuf_release(&parser.documentation);
    vec_release(&parser.fields);
    vec_release(&parser.values);
    vec_release(&parser.properties);
    vec_release(&parser.attributes);
}
