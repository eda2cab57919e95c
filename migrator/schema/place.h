#pragma once
// The places of the tree's nodes as spans.

#include "migrator/schema/ast.h"

static inline struct span span_at(const struct source *source, const char *at, size_t length)
{
    size_t start = (size_t)(at - source->text);
    return (struct span){source, start, start + length};
}

static inline struct span span_of_name(const struct source *source, const struct ast_name *name)
{
    return span_at(source, name->text, name->length);
}

static inline struct span span_of_expression(const struct source *source,
                                             const struct ast_expression *expression)
{
    return span_at(source, expression->at, expression->place_length);
}

static inline struct span span_of_argument(const struct source *source,
                                           const struct ast_argument *argument)
{
    const struct ast_expression *value = &argument->value;
    const char *at = argument->name.length ? argument->name.text : value->at;
    const char *end = value->kind == AST_ABSENT ? argument->name.text + argument->name.length
                                                : value->at + value->place_length;
    return span_at(source, at, (size_t)(end - at));
}

static inline struct span span_of_attribute(const struct source *source,
                                            const struct ast_attribute *attribute)
{
    return span_at(source, attribute->at, attribute->place_length);
}

static inline struct span span_of_field(const struct source *source, const struct ast_field *field)
{
    return span_at(source, field->name.text, field->place_length);
}

static inline struct span span_of_value(const struct source *source,
                                        const struct ast_enum_value *value)
{
    return span_at(source, value->name.text, value->place_length);
}

static inline struct span span_of_property(const struct source *source,
                                           const struct ast_property *property)
{
    return span_at(source, property->name.text, property->place_length);
}

// The span of a node in a source, whatever node the pointer is to.
#define span_of(source, node)                          \
    _Generic(*(node), struct ast_name                  \
             : span_of_name, struct ast_expression     \
             : span_of_expression, struct ast_argument \
             : span_of_argument, struct ast_attribute  \
             : span_of_attribute, struct ast_field     \
             : span_of_field, struct ast_enum_value    \
             : span_of_value, struct ast_property      \
             : span_of_property)((source), (node))
