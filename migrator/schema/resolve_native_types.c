// @db.VarChar(191): a type of the provider, on a scalar it fits, with arguments in its range.
#include <string.h>
#include <strings.h>

#include "migrator/schema/arguments.h"
#include "migrator/schema/literals.h"
#include "migrator/schema/native_types.h"

static void report_unknown(struct resolver *resolver, const struct ast_attribute *attribute,
                           const char *name, size_t length)
{
    const struct provider_rules *rules = resolver->rules;
    diag_error(resolver->diagnostics, span_of(resolver->source, &attribute->name),
               "%s has no native type \"%.*s\"", rules->label, (int)length, name);
    const char *names[MYSQL_NATIVE_TYPES];
    for (size_t i = 0; i < rules->native_type_count; i++)
        names[i] = rules->native_types[i].name;
    if (rules->native_type_count == 0)
        diag_hint(resolver->diagnostics, "its columns have the types of the scalars only");
    else
        hint_word(resolver, name, length, names, rules->native_type_count);
}

// A whole number from 0 to 2^32 - 1; false where the argument is another thing.
static bool read_number(const struct ast_expression *value, uint32_t *out)
{
    if (value->kind != AST_NUMBER || value->length > 10 || value->text[0] == '-' ||
        literal_check_integer(value->text, value->length))
        return false;
    uint64_t number = 0;
    for (size_t i = 0; i < value->length; i++)
        number = number * 10 + (uint64_t)(value->text[i] - '0');
    *out = (uint32_t)number;
    return number <= UINT32_MAX;
}

static bool is_max(const struct native_type_rule *rule, const struct ast_expression *value)
{
    return (rule->traits & NATIVE_TAKES_MAX) && value->kind == AST_CONSTANT && value->length == 3 &&
           strncasecmp(value->text, "max", 3) == 0;
}

static void check_range(struct resolver *resolver, const struct ast_attribute *attribute,
                        const struct native_type_rule *rule, const uint32_t *numbers, size_t count)
{
    struct span span = span_of(resolver->source, &attribute->arguments[0].value);
    if ((rule->traits & NATIVE_DECIMAL) && count == 2) {
        if (numbers[1] > numbers[0])
            diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
                       "the scale cannot be larger than the precision");
        if (numbers[1] > rule->highest_scale)
            diag_error(resolver->diagnostics,
                       span_of(resolver->source, &attribute->arguments[1].value),
                       "the scale is at most %u", rule->highest_scale);
    }
    if (numbers[0] >= rule->lowest && numbers[0] <= rule->highest)
        return;
    if (rule->highest == UINT32_MAX)
        diag_error(resolver->diagnostics, span, "the argument of %s is at least %u", rule->name,
                   rule->lowest);
    else
        diag_error(resolver->diagnostics, span, "the argument of %s is from %u to %u", rule->name,
                   rule->lowest, rule->highest);
    if (rule->traits & NATIVE_TAKES_MAX)
        diag_hint(resolver->diagnostics, "for more, write %s(Max)", rule->name);
}

static void check_arguments(struct resolver *resolver, const struct ast_attribute *attribute,
                            const struct native_type_rule *rule, enum dm_scalar scalar)
{
    size_t count = attribute->argument_count;
    uint32_t numbers[2] = {0};
    bool wrong_count = count < rule->min_arguments || count > rule->max_arguments ||
                       ((rule->traits & NATIVE_DECIMAL) && count == 1);
    if (wrong_count) {
        const char *takes = rule->traits & NATIVE_DECIMAL ? "a precision and a scale"
                            : rule->max_arguments == 0    ? "no argument"
                                                          : "one argument";
        diag_error(resolver->diagnostics, span_of(resolver->source, attribute), "%s takes %s",
                   rule->name, takes);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct ast_argument *argument = &attribute->arguments[i];
        if (argument->value.kind != AST_ABSENT && is_max(rule, &argument->value))
            return;
        if (argument->value.kind == AST_ABSENT || !read_number(&argument->value, &numbers[i])) {
            diag_error(resolver->diagnostics, span_of(resolver->source, argument),
                       rule->traits & NATIVE_TAKES_MAX ? "expected a whole number or Max"
                                                       : "expected a whole number");
            return;
        }
    }
    if (count > 0)
        check_range(resolver, attribute, rule, numbers, count);
    if ((rule->traits & NATIVE_ONE_BIT_BOOLEAN) && scalar == DM_BOOLEAN && numbers[0] > 1)
        diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
                   "a Boolean fits %s(1) only", rule->name);
}

static void check_scalar(struct resolver *resolver, const struct ast_attribute *attribute,
                         const struct native_type_rule *rule, enum dm_scalar scalar)
{
    if (rule->scalars & 1u << scalar)
        return;
    AUTO_STRBUF names = STRBUF_INIT;
    for (int i = DM_STRING; i <= DM_BYTES; i++)
        if (rule->scalars & 1u << i)
            strbuf_addf(&names, "%s%s", names.len ? " or " : "", dm_scalar_name((enum dm_scalar)i));
    diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
               "the native type %s stands on fields of type %s, not %s", rule->name, names.data,
               dm_scalar_name(scalar));
}

void resolve_native_type(struct resolver *resolver, const struct ast_attribute *attribute,
                         struct dm_field *field)
{
    const char *text = attribute->name.text;
    const char *dot = memchr(text, '.', attribute->name.length);
    size_t prefix = (size_t)(dot - text), length = attribute->name.length - prefix - 1;
    const char *wanted = resolver->datasource_name;
    if (wanted && (strlen(wanted) != prefix || memcmp(wanted, text, prefix) != 0)) {
        diag_error(resolver->diagnostics, span_of(resolver->source, &attribute->name),
                   "a native type begins with the name of the datasource, not with \"%.*s\"",
                   (int)prefix, text);
        diag_hint(resolver->diagnostics, "did you mean @%s.%.*s?", wanted, (int)length, dot + 1);
    }
    const struct native_type_rule *rule = native_type_find(resolver->rules, dot + 1, length);
    if (!rule) {
        report_unknown(resolver, attribute, dot + 1, length);
        return;
    }
    check_scalar(resolver, attribute, rule, field->scalar);
    check_arguments(resolver, attribute, rule, field->scalar);
    struct dm_native_type *native = ARENA_NEW(resolver->arena, struct dm_native_type);
    const char **arguments = ARENA_ARRAY(resolver->arena, const char *, attribute->argument_count);
    for (size_t i = 0; i < attribute->argument_count; i++) {
        struct span span = span_of(resolver->source, &attribute->arguments[i].value);
        arguments[i] =
            attribute->arguments[i].value.kind != AST_ABSENT
                ? resolver_text(resolver, span.source->text + span.start, span.end - span.start)
                : "";
    }
    *native = (struct dm_native_type){.name = rule->name,
                                      .arguments = arguments,
                                      .argument_count = attribute->argument_count,
                                      .span = span_of(resolver->source, attribute)};
    field->native = native;
}
