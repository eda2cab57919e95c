#pragma once
// The arguments of an attribute or a function: taken by name one after the other; whatever is left
// at the end is reported as unknown.

#include "migrator/schema/resolver.h"

enum { MOST_ARGUMENTS = 32 };

struct arguments {
    struct resolver *resolver;
    const struct ast_attribute *attribute;
    size_t at_signs;       // 1 or 2, for messages
    uint32_t taken;        // bits
    const char *known[12]; // names asked for, for suggestions
    size_t known_count;
};

// Reports doubles, missing values and trailing commas. Returns false where the arguments are too
// broken to use.
bool arguments_begin(struct arguments *arguments, struct resolver *resolver,
                     const struct ast_attribute *attribute, size_t at_signs);
// NULL: absent.
const struct ast_expression *arguments_take(struct arguments *arguments, const char *name);
// By its name or as the one without a name. NULL: absent, or given both ways, which is reported.
const struct ast_expression *arguments_take_first(struct arguments *arguments, const char *name);
// The same; absent is reported.
const struct ast_expression *arguments_need_first(struct arguments *arguments, const char *name);
// Reports what was not taken.
void arguments_end(struct arguments *arguments);

// The value as a given type; reports another and returns NULL or false.
const char *expression_string(struct resolver *resolver, const struct ast_expression *expression);
bool expression_constant(struct resolver *resolver, const struct ast_expression *expression,
                         struct ast_name *out);
bool expression_boolean(struct resolver *resolver, const struct ast_expression *expression,
                        bool *out);
bool expression_integer(struct resolver *resolver, const struct ast_expression *expression,
                        int64_t *out);
// "a string", "a number", …
const char *expression_kind_name(const struct ast_expression *expression);
bool expression_is_function(const struct ast_expression *expression, const char *name);
// The items of an array, or the one value as an array of one.
const struct ast_expression *expression_items(const struct ast_expression *expression,
                                              size_t *count);
// A string that names something in the database: not empty, no NUL. Absent or mistaken: NULL.
const char *arguments_take_name(struct arguments *arguments, const char *name);
