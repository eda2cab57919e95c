#include "migrator/schema/index_condition.h"

#include "migrator/sql_quote.h"

struct condition {
    struct resolver *resolver;
    const struct model_info *model;
    struct strbuf *out;
};

static bool refuse(const struct condition *condition, const struct ast_expression *value,
                   const char *hint)
{
    diag_error(condition->resolver->diagnostics, span_of(condition->resolver->source, value),
               "this is not a value to compare a field with");
    diag_hint(condition->resolver->diagnostics, "%s", hint);
    return false;
}

static bool is_word(const struct ast_expression *value, const char *word)
{
    const struct ast_name name = {value->text, value->length};
    return value->kind == AST_CONSTANT && ast_name_is(&name, word);
}

static bool is_boolean(const struct ast_expression *value)
{
    return is_word(value, "true") || is_word(value, "false");
}

// What the field can be compared with, besides null. NULL: nothing.
static const char *comparable(const struct dm_field *field, enum ast_expression_kind *kind)
{
    *kind = AST_STRING;
    if (field->type_kind == DM_TYPE_ENUM)
        return "the name of a value, as a string";
    if (field->type_kind != DM_TYPE_SCALAR)
        return NULL;
    switch (field->scalar) {
    case DM_STRING:
    case DM_DATETIME: return "a string";
    case DM_BOOLEAN: *kind = AST_CONSTANT; return "true or false";
    case DM_INT:
    case DM_BIGINT:
    case DM_FLOAT:
    case DM_DECIMAL: *kind = AST_NUMBER; return "a number";
    case DM_JSON:
    case DM_BYTES: break;
    }
    return NULL;
}

static bool check_value(const struct condition *condition, const struct dm_field *field,
                        const struct ast_expression *value)
{
    enum ast_expression_kind kind;
    const char *wanted = comparable(field, &kind);
    if (value->kind != AST_STRING && value->kind != AST_NUMBER && !is_boolean(value))
        return refuse(condition, value,
                      "a condition has true, false, null, a string, a number or { not: … }");
    if (wanted && value->kind == (uint8_t)kind)
        return true;
    struct diag_list *diagnostics = condition->resolver->diagnostics;
    struct span span = span_of(condition->resolver->source, value);
    if (wanted)
        diag_error(diagnostics, span, "the field \"%s\" is compared with %s", field->name, wanted);
    else
        diag_error(diagnostics, span, "the field \"%s\" can be compared with null only",
                   field->name);
    if (!wanted)
        diag_hint(diagnostics, "any other condition is written raw(\"…\"), as SQL");
    return false;
}

static bool put_comparison(const struct condition *condition, const struct dm_field *field,
                           const struct ast_expression *value, bool is_negated)
{
    if (is_word(value, "null")) {
        strbuf_adds(condition->out, is_negated ? " IS NOT NULL" : " IS NULL");
        return true;
    }
    if (!check_value(condition, field, value))
        return false;
    strbuf_adds(condition->out, is_negated ? " != " : " = ");
    if (value->kind != AST_STRING) {
        strbuf_add(condition->out, value->text, value->length);
        return true;
    }
    const char *text = expression_string(condition->resolver, value);
    if (text) // as the standard has it: a backslash is one
        sql_quote_literal(SQL_SQLITE, text, condition->out);
    return text;
}

// field: value, field: { not: value }
static bool put_member(const struct condition *condition, const struct ast_argument *member)
{
    struct resolver *resolver = condition->resolver;
    resolver->stamp++; // a field may be named twice
    const struct dm_field *field =
        resolve_listed_field(resolver, condition->model, &member->name, "a condition");
    if (!field)
        return false;
    sql_quote_identifier(SQL_POSTGRES, field->db_name, condition->out);
    const struct ast_expression *value = &member->value;
    if (value->kind != AST_OBJECT)
        return put_comparison(condition, field, value, false);
    if (value->argument_count != 1 || !ast_name_is(&value->arguments[0].name, "not"))
        return refuse(condition, value, "an object has one member here: { not: value }");
    return put_comparison(condition, field, &value->arguments[0].value, true);
}

static const char *resolve_object(struct resolver *resolver, const struct model_info *model,
                                  const struct ast_expression *value)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    const struct condition condition = {resolver, model, &sql};
    bool is_usable = true;
    for (size_t i = 0; i < value->argument_count; i++) {
        strbuf_adds(&sql, i ? " AND " : "");
        is_usable = put_member(&condition, &value->arguments[i]) && is_usable;
    }
    return is_usable ? resolver_text(resolver, sql.data, sql.len) : NULL;
}

static const char *resolve_value(struct resolver *resolver, const struct model_info *model,
                                 const struct ast_expression *value)
{
    const char *sql = NULL;
    if (value->kind == AST_OBJECT && value->argument_count > 0)
        return resolve_object(resolver, model, value);
    if (expression_is_function(value, "raw") && value->argument_count > 0) {
        sql = expression_string(resolver, &value->arguments[0].value);
        if (!sql || *sql)
            return sql;
    }
    diag_error(resolver->diagnostics, span_of(resolver->source, value),
               "the condition is { field: value }, or raw(\"…\") with one string of SQL");
    return NULL;
}

void resolve_index_condition(struct arguments *arguments, const struct model_info *model,
                             struct dm_index *index)
{
    struct resolver *resolver = arguments->resolver;
    const struct ast_expression *value = arguments_take(arguments, "where");
    if (!value)
        return;
    index->where = resolve_value(resolver, model, value);
    if (!resolver->has_partial_indexes) {
        diag_error(resolver->diagnostics, span_of(resolver->source, value),
                   "partial indexes are a preview feature that is not enabled");
        diag_hint(resolver->diagnostics,
                  "add previewFeatures = [\"partialIndexes\"] to the generator block");
    }
    if (!provider_can(resolver->rules, CAN_FILTER_INDEXES))
        diag_error(resolver->diagnostics, span_of(resolver->source, value),
                   "%s has no partial indexes", resolver->rules->label);
}
