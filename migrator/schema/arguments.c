#include "migrator/schema/arguments.h"

#include <errno.h>
#include <string.h>

static bool check_values(struct resolver *resolver, const struct ast_argument *arguments,
                         size_t count)
{
    bool usable = true;
    for (size_t i = 0; i < count; i++) {
        if (arguments[i].value.kind != AST_ABSENT)
            continue;
        diag_error(resolver->diagnostics, span_of(resolver->source, &arguments[i].name),
                   "the argument \"%.*s\" has no value", (int)arguments[i].name.length,
                   arguments[i].name.text);
        usable = false;
    }
    return usable;
}

// `place` ends with the parenthesis behind the comma.
static void report_comma(struct resolver *resolver, struct span place)
{
    place.start = place.end - 1;
    while (place.source->text[place.start] != ',')
        place.start--;
    place.end = place.start + 1;
    diag_error(resolver->diagnostics, place, "a comma without an argument behind it");
    diag_hint(resolver->diagnostics, "remove the comma");
}

// Arguments of functions that are arguments, or items of arrays that are.
static bool check_nested(struct resolver *resolver, const struct ast_expression *expression)
{
    bool usable = true;
    if (expression->kind == AST_FUNCTION) {
        if (expression->has_trailing_comma)
            report_comma(resolver, span_of(resolver->source, expression));
        usable = check_values(resolver, expression->arguments, expression->argument_count);
    }
    for (size_t i = 0; expression->kind == AST_ARRAY && i < expression->item_count; i++)
        usable = check_nested(resolver, &expression->items[i]) && usable;
    return usable;
}

static bool same_name(const struct ast_argument *a, const struct ast_argument *b)
{
    return a->name.length == b->name.length &&
           memcmp(a->name.text ? a->name.text : "", b->name.text ? b->name.text : "",
                  a->name.length) == 0;
}

static bool check_doubles(struct resolver *resolver, const struct ast_attribute *attribute)
{
    bool usable = true;
    for (size_t i = 1; i < attribute->argument_count; i++) {
        const struct ast_argument *argument = &attribute->arguments[i];
        size_t first = 0;
        while (first < i && !same_name(&attribute->arguments[first], argument))
            first++;
        if (first == i)
            continue;
        usable = false;
        if (argument->name.length > 0) {
            diag_error(resolver->diagnostics, span_of(resolver->source, argument),
                       "the argument \"%.*s\" is given twice", (int)argument->name.length,
                       argument->name.text);
        } else {
            diag_error(resolver->diagnostics, span_of(resolver->source, argument),
                       "only one argument can stand without a name");
            diag_hint(resolver->diagnostics, "a list is written in brackets: [a, b]");
        }
    }
    return usable;
}

bool arguments_begin(struct arguments *arguments, struct resolver *resolver,
                     const struct ast_attribute *attribute, size_t at_signs)
{
    *arguments =
        (struct arguments){.resolver = resolver, .attribute = attribute, .at_signs = at_signs};
    if (attribute->has_trailing_comma)
        report_comma(resolver, span_of(resolver->source, attribute));
    if (attribute->argument_count > MOST_ARGUMENTS) {
        diag_error(resolver->diagnostics, span_of(resolver->source, &attribute->name),
                   "too many arguments");
        return false;
    }
    bool usable = check_values(resolver, attribute->arguments, attribute->argument_count);
    for (size_t i = 0; i < attribute->argument_count; i++)
        if (attribute->arguments[i].value.kind != AST_ABSENT)
            usable = check_nested(resolver, &attribute->arguments[i].value) && usable;
    return check_doubles(resolver, attribute) && usable;
}

static const struct ast_expression *take(struct arguments *arguments, const char *name)
{
    const struct ast_attribute *attribute = arguments->attribute;
    for (size_t i = 0; i < attribute->argument_count; i++)
        if (ast_name_is(&attribute->arguments[i].name, name)) {
            arguments->taken |= 1u << i;
            return &attribute->arguments[i].value;
        }
    return NULL;
}

const struct ast_expression *arguments_take(struct arguments *arguments, const char *name)
{
    size_t most = sizeof arguments->known / sizeof *arguments->known;
    if (arguments->known_count < most)
        arguments->known[arguments->known_count++] = name;
    return take(arguments, name);
}

const struct ast_expression *arguments_take_first(struct arguments *arguments, const char *name)
{
    const struct ast_expression *named = arguments_take(arguments, name);
    const struct ast_expression *unnamed = take(arguments, "");
    if (!named || !unnamed)
        return named ? named : unnamed;
    diag_error(arguments->resolver->diagnostics, span_of(arguments->resolver->source, unnamed),
               "the argument \"%s\" is given twice, with and without its name", name);
    return NULL;
}

const struct ast_expression *arguments_need_first(struct arguments *arguments, const char *name)
{
    size_t before = arguments->resolver->diagnostics->error_count;
    const struct ast_expression *value = arguments_take_first(arguments, name);
    if (!value && arguments->resolver->diagnostics->error_count == before)
        diag_error(arguments->resolver->diagnostics,
                   span_of(arguments->resolver->source, arguments->attribute),
                   "%s%.*s needs the argument \"%s\"", arguments->at_signs == 2 ? "@@" : "@",
                   (int)arguments->attribute->name.length, arguments->attribute->name.text, name);
    return value;
}

void arguments_end(struct arguments *arguments)
{
    const struct ast_attribute *attribute = arguments->attribute;
    for (size_t i = 0; i < attribute->argument_count; i++) {
        const struct ast_argument *argument = &attribute->arguments[i];
        if (arguments->taken & 1u << i)
            continue;
        const char *at = arguments->at_signs == 2 ? "@@" : "@";
        if (argument->name.length == 0) {
            diag_error(arguments->resolver->diagnostics,
                       span_of(arguments->resolver->source, argument),
                       "%s%.*s takes no argument without a name", at, (int)attribute->name.length,
                       attribute->name.text);
            continue;
        }
        diag_error(arguments->resolver->diagnostics,
                   span_of(arguments->resolver->source, &argument->name),
                   "%s%.*s has no argument \"%.*s\"", at, (int)attribute->name.length,
                   attribute->name.text, (int)argument->name.length, argument->name.text);
        hint_word(arguments->resolver, argument->name.text, argument->name.length, arguments->known,
                  arguments->known_count);
    }
}

const char *expression_kind_name(const struct ast_expression *expression)
{
    static const char *const names[] = {
        [AST_STRING] = "a string",     [AST_NUMBER] = "a number", [AST_CONSTANT] = "a word",
        [AST_FUNCTION] = "a function", [AST_ARRAY] = "a list",    [AST_OBJECT] = "an object"};
    return names[expression->kind];
}

static void wrong_type(struct resolver *resolver, const struct ast_expression *expression,
                       const char *wanted)
{
    diag_error(resolver->diagnostics, span_of(resolver->source, expression),
               "expected %s, found %s", wanted, expression_kind_name(expression));
    if (expression->kind == AST_CONSTANT && strcmp(wanted, "a string") == 0)
        diag_hint(resolver->diagnostics, "write it in quotes: \"%.*s\"", (int)expression->length,
                  expression->text);
    if (expression->kind == AST_STRING && strcmp(wanted, "a word") == 0)
        diag_hint(resolver->diagnostics, "write it without the quotes");
}

const char *expression_string(struct resolver *resolver, const struct ast_expression *expression)
{
    if (expression->kind != AST_STRING) {
        wrong_type(resolver, expression, "a string");
        return NULL;
    }
    if (memchr(expression->text, '\0', expression->length)) {
        diag_error(resolver->diagnostics, span_of(resolver->source, expression),
                   "a NUL cannot be part of this text");
        return NULL;
    }
    return resolver_text(resolver, expression->text, expression->length);
}

bool expression_constant(struct resolver *resolver, const struct ast_expression *expression,
                         struct ast_name *out)
{
    if (expression->kind != AST_CONSTANT) {
        wrong_type(resolver, expression, "a word");
        return false;
    }
    *out = (struct ast_name){expression->text, expression->length};
    return true;
}

bool expression_boolean(struct resolver *resolver, const struct ast_expression *expression,
                        bool *out)
{
    struct ast_name word;
    if (expression->kind == AST_CONSTANT && expression_constant(resolver, expression, &word)) {
        *out = ast_name_is(&word, "true");
        if (*out || ast_name_is(&word, "false"))
            return true;
    }
    diag_error(resolver->diagnostics, span_of(resolver->source, expression),
               "expected true or false");
    return false;
}

bool expression_integer(struct resolver *resolver, const struct ast_expression *expression,
                        int64_t *out)
{
    char digits[24];
    if (expression->kind == AST_NUMBER && expression->length < sizeof digits &&
        !memchr(expression->text, '.', expression->length)) {
        memcpy(digits, expression->text, expression->length);
        digits[expression->length] = '\0';
        errno = 0;
        *out = strtoll(digits, NULL, 10);
        if (errno == 0)
            return true;
    }
    diag_error(resolver->diagnostics, span_of(resolver->source, expression),
               "expected a whole number");
    return false;
}

bool expression_is_function(const struct ast_expression *expression, const char *name)
{
    return expression->kind == AST_FUNCTION && strlen(name) == expression->length &&
           memcmp(expression->text, name, expression->length) == 0;
}

const struct ast_expression *expression_items(const struct ast_expression *expression,
                                              size_t *count)
{
    if (expression->kind == AST_ARRAY) {
        *count = expression->item_count;
        return expression->items;
    }
    *count = 1;
    return expression;
}

const char *arguments_take_name(struct arguments *arguments, const char *name)
{
    const struct ast_expression *value = arguments_take(arguments, name);
    const char *text = value ? expression_string(arguments->resolver, value) : NULL;
    if (text && !*text) {
        diag_error(arguments->resolver->diagnostics, span_of(arguments->resolver->source, value),
                   "the argument \"%s\" cannot be empty", name);
        return NULL;
    }
    return text;
}
