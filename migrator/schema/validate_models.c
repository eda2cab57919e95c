// Rules of models, of their fields and of enums that need more than one attribute.
#include <string.h>

#include "migrator/schema/arguments.h"
#include "migrator/schema/constraint_names.h"
#include "migrator/schema/native_types.h"

// A key of required fields with types the client knows: what tells rows apart.
static bool identifies_rows(const struct dm_index *index)
{
    for (size_t i = 0; i < index->field_count; i++) {
        const struct dm_field *field = index->fields[i].field;
        if (field->arity == DM_OPTIONAL || field->type_kind == DM_TYPE_UNSUPPORTED)
            return false;
    }
    return true;
}

static void check_identity(struct resolver *resolver, const struct model_info *info)
{
    const struct dm_model *model = info->model;
    if (model->is_view || model->is_ignored || info->is_incomplete || info->key_is_broken)
        return;
    bool has_loose_key = model->primary_key != NULL;
    for (size_t i = 0; has_loose_key && i < model->primary_key->field_count; i++)
        if (model->primary_key->fields[i].field->arity != DM_REQUIRED)
            return; // reported as a mistake of the id
    if (model->primary_key && identifies_rows(model->primary_key))
        return;
    for (size_t i = 0; i < model->index_count; i++) {
        if (model->indexes[i]->kind != DM_INDEX_UNIQUE)
            continue;
        has_loose_key = true;
        if (identifies_rows(model->indexes[i]))
            return;
    }
    diag_error(resolver->diagnostics, model->name_span,
               "the model \"%s\" has no id and no unique constraint of required fields",
               model->name);
    diag_hint(resolver->diagnostics,
              has_loose_key ? "make the fields of its key required, and of supported types"
                            : "add an id: id Int @id @default(autoincrement())");
}

static void check_primary_key_fields(struct resolver *resolver, const struct model_info *info)
{
    const struct dm_index *key = info->model->primary_key;
    for (size_t i = 0; i < key->field_count; i++) {
        const struct dm_field *field = key->fields[i].field;
        if (field->arity != DM_REQUIRED && !info->model->is_ignored) {
            diag_error(resolver->diagnostics, key->span,
                       "the fields of an id are required: \"%s\" is not", field->name);
            diag_hint(resolver->diagnostics, "write %.*s without the mark",
                      (int)info->ast->fields[field->index].type.length,
                      info->ast->fields[field->index].type.text);
        }
        if (resolver->rules->provider == DM_SQLSERVER && field->type_kind == DM_TYPE_SCALAR &&
            field->scalar == DM_BYTES)
            diag_error(resolver->diagnostics, key->span, "%s has no ids of type Bytes",
                       resolver->rules->label);
    }
}

static void check_view(struct resolver *resolver, const struct dm_model *view)
{
    if (!resolver->has_views) {
        diag_error(resolver->diagnostics, view->name_span,
                   "views are a preview feature that is not enabled");
        diag_hint(resolver->diagnostics,
                  "add previewFeatures = [\"views\"] to the generator block");
    }
    if (view->primary_key)
        diag_error(resolver->diagnostics, view->primary_key->span, "a view has no primary key");
    for (size_t i = 0; i < view->index_count; i++)
        if (view->indexes[i]->kind != DM_INDEX_UNIQUE)
            diag_error(resolver->diagnostics, view->indexes[i]->span, "a view has no indexes");
}

static bool begins_index(const struct dm_model *model, const struct dm_field *field)
{
    if (model->primary_key && model->primary_key->fields[0].field == field)
        return true;
    for (size_t i = 0; i < model->index_count; i++)
        if (model->indexes[i]->fields[0].field == field)
            return true;
    return false;
}

static void check_autoincrement(struct resolver *resolver, const struct model_info *info)
{
    const struct dm_model *model = info->model;
    const struct provider_rules *rules = resolver->rules;
    size_t count = 0;
    for (size_t i = 0; i < model->field_count; i++) {
        const struct dm_field *field = &model->fields[i];
        if (!info->fields[i].autoincrements)
            continue;
        struct span span = field->span;
        bool is_id = model->primary_key && model->primary_key->field_count == 1 &&
                     model->primary_key->fields[0].field == field;
        if (++count == 2 && !provider_can(rules, CAN_COUNT_MANY))
            diag_error(resolver->diagnostics, span, "%s has one autoincrement() in a table",
                       rules->label);
        if (!is_id && !provider_can(rules, CAN_COUNT_OUTSIDE_ID) && !info->key_is_broken)
            diag_error(resolver->diagnostics, span, "%s has autoincrement() on the id only",
                       rules->label);
        else if (!provider_can(rules, CAN_COUNT_UNINDEXED) && !info->key_is_broken &&
                 !begins_index(model, field)) {
            diag_error(resolver->diagnostics, span,
                       "%s has autoincrement() on fields that begin an index only", rules->label);
            diag_hint(resolver->diagnostics, "add @unique, or @@index([%s])", field->name);
        }
    }
}

// Whether the text of Unsupported("…") is a native type that the language has.
static const struct native_type_rule *supported_type(struct resolver *resolver, const char *text)
{
    size_t length = strcspn(text, "(");
    while (length > 0 && text[length - 1] == ' ')
        length--;
    const struct native_type_rule *rule = native_type_find(resolver->rules, text, length);
    if (!rule || rule->max_arguments == 0)
        return rule;
    const char *open = strchr(text, '('), *close = open ? strchr(open, ')') : NULL;
    size_t arguments = close ? 1 : 0;
    for (const char *at = open; close && at < close; at++)
        arguments += *at == ',';
    if ((rule->traits & NATIVE_DECIMAL) && arguments == 1)
        return NULL;
    return arguments >= rule->min_arguments && arguments <= rule->max_arguments ? rule : NULL;
}

static void check_field(struct resolver *resolver, const struct dm_field *field)
{
    if (field->model->is_ignored && field->is_ignored && field->type_kind != DM_TYPE_RELATION) {
        diag_error(resolver->diagnostics, field->span,
                   "the model is ignored as a whole: @ignore on the field says nothing more");
        diag_hint(resolver->diagnostics, "remove @ignore");
    }
    if (field->type_kind != DM_TYPE_UNSUPPORTED || !resolver->datasource_name)
        return;
    const struct native_type_rule *rule = supported_type(resolver, field->unsupported_type);
    if (!rule)
        return;
    int scalar = 0;
    while (!(rule->scalars & 1u << scalar))
        scalar++;
    diag_error(resolver->diagnostics, field->span, "the type \"%s\" is supported",
               field->unsupported_type);
    diag_hint(resolver->diagnostics, "write %s @%s.%s", dm_scalar_name((enum dm_scalar)scalar),
              resolver->datasource_name, field->unsupported_type);
}

static void check_schema(struct resolver *resolver, const char *schema, struct span span,
                         struct span owner_span, const char *what)
{
    const struct dm_datasource *datasource = resolver->datamodel->datasource;
    if (!provider_can(resolver->rules, CAN_USE_SCHEMAS)) {
        if (schema && !resolver->schemas_listed)
            diag_error(resolver->diagnostics, span, "%s has no schemas in a database",
                       resolver->rules->label);
        return;
    }
    if (!schema) {
        if (!resolver->schemas_listed)
            return;
        diag_error(resolver->diagnostics, owner_span, "the %s has no schema", what);
        diag_hint(resolver->diagnostics,
                  "with `schemas` in the datasource everything has its @@schema(\"…\")");
        return;
    }
    if (!datasource)
        return;
    for (size_t i = 0; i < datasource->schema_count; i++)
        if (strcmp(datasource->schemas[i], schema) == 0)
            return;
    diag_error(resolver->diagnostics, span, "the datasource lists no schema \"%s\"", schema);
    if (datasource->schema_count > 0)
        hint_word(resolver, schema, strlen(schema), datasource->schemas, datasource->schema_count);
    else
        diag_hint(resolver->diagnostics, "add schemas = [\"%s\"] to the datasource", schema);
}

static void check_enums(struct resolver *resolver)
{
    for (size_t i = 0; i < resolver->datamodel->enum_count; i++) {
        const struct dm_enum *enumeration = resolver->datamodel->enums[i];
        if (!provider_can(resolver->rules, CAN_ENUMS)) {
            diag_error(resolver->diagnostics, enumeration->name_span, "%s has no enums",
                       resolver->rules->label);
            diag_hint(resolver->diagnostics, "use a String");
        }
        check_schema(resolver, enumeration->schema, resolver->enums[i].schema_span,
                     enumeration->name_span, "enum");
    }
}

static void name_defaults(struct resolver *resolver, struct dm_model *model)
{
    if (!provider_can(resolver->rules, CAN_NAME_DEFAULTS))
        return;
    for (size_t i = 0; i < model->field_count; i++) {
        struct dm_field *field = &model->fields[i];
        struct dm_default *value = &field->default_value;
        if (value->kind != DM_DEFAULT_NONE)
            value->db_name = value->map
                                 ? value->map
                                 : constraint_name_default(resolver->arena, resolver->rules, field);
    }
}

void validate_models(struct resolver *resolver)
{
    for (size_t i = 0; i < resolver->datamodel->model_count; i++) {
        const struct model_info *info = &resolver->models[i];
        check_identity(resolver, info);
        if (info->model->is_view)
            check_view(resolver, info->model);
        else if (info->model->primary_key)
            check_primary_key_fields(resolver, info);
        check_autoincrement(resolver, info);
        for (size_t j = 0; j < info->model->field_count; j++)
            if (!info->fields[j].is_broken)
                check_field(resolver, &info->model->fields[j]);
        check_schema(resolver, info->model->schema, info->schema_span, info->model->name_span,
                     dm_container(info->model));
        name_defaults(resolver, info->model);
    }
    check_enums(resolver);
}
