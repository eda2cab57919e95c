// @default: a literal of the field's type, a list of them, or a function.
#include <string.h>

#include "migrator/schema/arguments.h"
#include "migrator/schema/literals.h"

// Which default a call of a function is, on a field of a scalar type.
struct function_rule {
    const char *name;
    unsigned scalars; // bits 1 << enum dm_scalar
    enum dm_default_kind kind;
    int64_t lowest, highest; // of the one optional argument; 0: it takes none
    const char *argument;    // for the hint
};

static const struct function_rule functions[] = {
    {"autoincrement", 1 << DM_INT | 1 << DM_BIGINT, DM_DEFAULT_AUTOINCREMENT, 0, 0, NULL},
    {"now", 1 << DM_DATETIME, DM_DEFAULT_NOW, 0, 0, NULL},
    {"uuid", 1 << DM_STRING, DM_DEFAULT_CLIENT, 4, 7, "the version, 4 or 7"},
    {"cuid", 1 << DM_STRING, DM_DEFAULT_CLIENT, 1, 2, "the version, 1 or 2"},
    {"ulid", 1 << DM_STRING, DM_DEFAULT_CLIENT, 0, 0, NULL},
    {"nanoid", 1 << DM_STRING, DM_DEFAULT_CLIENT, 2, 255, "a length from 2 to 255"},
};

static void wrong_value(struct resolver *resolver, const struct ast_expression *value,
                        const struct dm_field *field, const char *wanted)
{
    diag_error(resolver->diagnostics, span_of(resolver->source, value),
               "the default of \"%s\" is %s, found %s", field->name, wanted,
               expression_kind_name(value));
}

static bool resolve_enum_value(struct resolver *resolver, const struct ast_expression *expression,
                               const struct dm_field *field, struct dm_value *out)
{
    const struct dm_enum *enumeration = field->enumeration;
    if (expression->kind != AST_CONSTANT) {
        wrong_value(resolver, expression, field, "a value of its enum");
        return false;
    }
    const struct dm_enum_value *value =
        name_table_get(&resolver->members, enumeration, expression->text, expression->length);
    if (value) {
        *out = (struct dm_value){.kind = DM_VALUE_ENUM, .text = value->name, .enum_value = value};
        return true;
    }
    diag_error(resolver->diagnostics, span_of(resolver->source, expression),
               "the enum \"%s\" has no value \"%.*s\"", enumeration->name, (int)expression->length,
               expression->text);
    AUTOFREE const char **names = mem_alloc((enumeration->value_count + 1) * sizeof *names);
    for (size_t i = 0; i < enumeration->value_count; i++)
        names[i] = enumeration->values[i].name;
    hint_word(resolver, expression->text, expression->length, names, enumeration->value_count);
    return false;
}

// What kind of literal a scalar takes; a decimal takes both a number and a string.
static bool literal_fits(enum dm_scalar scalar, enum ast_expression_kind kind)
{
    switch (scalar) {
    case DM_INT:
    case DM_BIGINT:
    case DM_FLOAT: return kind == AST_NUMBER;
    case DM_DECIMAL: return kind == AST_NUMBER || kind == AST_STRING;
    case DM_BOOLEAN: return kind == AST_CONSTANT;
    case DM_STRING:
    case DM_DATETIME:
    case DM_JSON:
    case DM_BYTES: return kind == AST_STRING;
    }
    return false;
}

static const char *check_literal(enum dm_scalar scalar, const struct ast_expression *value)
{
    switch (scalar) {
    case DM_INT:
    case DM_BIGINT: return literal_check_integer(value->text, value->length);
    case DM_DECIMAL: return literal_check_decimal(value->text, value->length);
    case DM_DATETIME: return literal_check_datetime(value->text, value->length);
    case DM_JSON: return literal_check_json(value->text, value->length);
    case DM_BYTES: return literal_check_base64(value->text, value->length);
    case DM_BOOLEAN: {
        bool known = (value->length == 4 && memcmp(value->text, "true", 4) == 0) ||
                     (value->length == 5 && memcmp(value->text, "false", 5) == 0);
        return known ? NULL : "it is true or false";
    }
    default: return NULL;
    }
}

static bool resolve_scalar_value(struct resolver *resolver, const struct ast_expression *expression,
                                 const struct dm_field *field, struct dm_value *out)
{
    static const char *const wanted[] = {
        [DM_STRING] = "a string", [DM_INT] = "a whole number",     [DM_BIGINT] = "a whole number",
        [DM_FLOAT] = "a number",  [DM_DECIMAL] = "a number",       [DM_BOOLEAN] = "true or false",
        [DM_JSON] = "a string",   [DM_DATETIME] = "a date string", [DM_BYTES] = "a base64 string",
    };
    if (!literal_fits(field->scalar, expression->kind)) {
        wrong_value(resolver, expression, field, wanted[field->scalar]);
        return false;
    }
    const char *mistake = check_literal(field->scalar, expression);
    if (mistake) {
        diag_error(resolver->diagnostics, span_of(resolver->source, expression),
                   "this is not a default for the type %s: %s", dm_scalar_name(field->scalar),
                   mistake);
        return false;
    }
    enum dm_value_kind kind = expression->kind == AST_NUMBER     ? DM_VALUE_NUMBER
                              : expression->kind == AST_CONSTANT ? DM_VALUE_BOOLEAN
                                                                 : DM_VALUE_STRING;
    *out = (struct dm_value){
        .kind = kind,
        .text = resolver_text(resolver, expression->text, expression->length),
        .text_length = expression->length,
    };
    return true;
}

static void resolve_literal(struct resolver *resolver, const struct ast_expression *expression,
                            struct dm_field *field)
{
    bool is_list = field->arity == DM_LIST;
    if ((expression->kind == AST_ARRAY) != is_list) {
        diag_error(resolver->diagnostics, span_of(resolver->source, expression),
                   is_list ? "the default of a list is a list"
                           : "the default of a field that is no list cannot be one");
        if (is_list)
            diag_hint(resolver->diagnostics, "write it in brackets");
        return;
    }
    size_t count;
    const struct ast_expression *items = expression_items(expression, &count);
    struct dm_value *values = ARENA_ARRAY(resolver->arena, struct dm_value, count);
    for (size_t i = 0; i < count; i++) {
        bool resolved = field->type_kind == DM_TYPE_ENUM
                            ? resolve_enum_value(resolver, &items[i], field, &values[i])
                            : resolve_scalar_value(resolver, &items[i], field, &values[i]);
        if (!resolved)
            return;
    }
    field->default_value.kind = is_list ? DM_DEFAULT_LIST : DM_DEFAULT_VALUE;
    field->default_value.values = values;
    field->default_value.value_count = (uint32_t)count;
}

static void resolve_dbgenerated(struct resolver *resolver, const struct ast_expression *call,
                                struct dm_field *field)
{
    const struct ast_argument *argument = call->arguments;
    bool fits = call->argument_count == 0 ||
                (call->argument_count == 1 && argument->value.kind != AST_ABSENT &&
                 argument->value.kind == AST_STRING && argument->value.length > 0);
    if (!fits) {
        diag_error(resolver->diagnostics, span_of(resolver->source, call),
                   "dbgenerated() takes the SQL expression as one string, or nothing");
        return;
    }
    field->default_value.kind = DM_DEFAULT_DBGENERATED;
    if (call->argument_count == 1)
        field->default_value.expression = expression_string(resolver, &argument->value);
}

static void hint_function(struct resolver *resolver, const struct ast_expression *call)
{
    const char *names[sizeof functions / sizeof *functions + 1] = {"dbgenerated"};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        names[i + 1] = functions[i].name;
    hint_word(resolver, call->text, call->length, names, sizeof names / sizeof *names);
}

static bool check_function_argument(struct resolver *resolver, const struct ast_expression *call,
                                    const struct function_rule *rule)
{
    if (call->argument_count == 0)
        return true;
    if (!rule->argument) {
        diag_error(resolver->diagnostics, span_of(resolver->source, call), "%s() takes no argument",
                   rule->name);
        return false;
    }
    const struct ast_expression *value = &call->arguments[0].value;
    int64_t number = -1;
    if (call->argument_count == 1 && value->kind == AST_NUMBER && value->length <= 3 &&
        !literal_check_integer(value->text, value->length)) {
        number = 0;
        for (size_t i = 0; i < value->length && value->text[i] != '-'; i++)
            number = number * 10 + (value->text[i] - '0');
    }
    bool is_uuid = strcmp(rule->name, "uuid") == 0;
    bool fits = number >= rule->lowest && number <= rule->highest &&
                !(is_uuid && number != 4 && number != 7);
    if (!fits)
        diag_error(resolver->diagnostics, span_of(resolver->source, call),
                   "the argument of %s() is %s", rule->name, rule->argument);
    return fits;
}

static void resolve_function(struct resolver *resolver, const struct ast_expression *call,
                             struct dm_field *field, struct field_info *info)
{
    const struct function_rule *rule = NULL;
    for (size_t i = 0; i < sizeof functions / sizeof *functions && !rule; i++)
        if (expression_is_function(call, functions[i].name))
            rule = &functions[i];
    if (!rule) {
        diag_error(resolver->diagnostics, span_of(resolver->source, call),
                   "there is no function \"%.*s\" for defaults", (int)call->length, call->text);
        hint_function(resolver, call);
        return;
    }
    if (!(rule->scalars & 1u << field->scalar)) {
        diag_error(resolver->diagnostics, span_of(resolver->source, call),
                   "%s() cannot be the default of a field of type %s", rule->name,
                   dm_scalar_name(field->scalar));
        return;
    }
    if (!check_function_argument(resolver, call, rule))
        return;
    field->default_value.kind = rule->kind;
    if (rule->kind == DM_DEFAULT_CLIENT)
        field->default_value.expression = resolver_text(
            resolver,
            span_of(resolver->source, call).source->text + span_of(resolver->source, call).start,
            span_of(resolver->source, call).end - span_of(resolver->source, call).start);
    info->autoincrements = rule->kind == DM_DEFAULT_AUTOINCREMENT;
    if (info->autoincrements && field->default_value.map)
        diag_error(resolver->diagnostics, span_of(resolver->source, call),
                   "a default autoincrement() cannot have a name");
}

static void resolve_value(struct resolver *resolver, const struct ast_expression *value,
                          struct dm_field *field, struct field_info *info)
{
    if (expression_is_function(value, "dbgenerated")) {
        resolve_dbgenerated(resolver, value, field);
    } else if (field->type_kind == DM_TYPE_UNSUPPORTED) {
        diag_error(resolver->diagnostics, span_of(resolver->source, value),
                   "only dbgenerated() can be the default of an Unsupported type");
    } else if (field->type_kind == DM_TYPE_SCALAR && value->kind == AST_FUNCTION) {
        resolve_function(resolver, value, field, info);
    } else {
        resolve_literal(resolver, value, field);
    }
}

void resolve_default(struct resolver *resolver, const struct ast_attribute *attribute,
                     struct dm_field *field, struct field_info *info)
{
    struct arguments arguments;
    if (!arguments_begin(&arguments, resolver, attribute, 1))
        return;
    const struct ast_expression *value = arguments_need_first(&arguments, "value");
    field->default_value.map = arguments_take_name(&arguments, "map");
    arguments_end(&arguments);
    if (field->default_value.map && !provider_can(resolver->rules, CAN_NAME_DEFAULTS))
        diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
                   "%s has no names for defaults", resolver->rules->label);
    if (value)
        resolve_value(resolver, value, field, info);
}
