// Types and attributes of fields.
#include <string.h>

#include "migrator/schema/arguments.h"
#include "migrator/schema/native_types.h"

#define FIELD_ATTRIBUTES(X)              \
    X(ATTRIBUTE_MAP, "map")              \
    X(ATTRIBUTE_IGNORE, "ignore")        \
    X(ATTRIBUTE_RELATION, "relation")    \
    X(ATTRIBUTE_ID, "id")                \
    X(ATTRIBUTE_UPDATED_AT, "updatedAt") \
    X(ATTRIBUTE_DEFAULT, "default")      \
    X(ATTRIBUTE_UNIQUE, "unique")        \
    X(ATTRIBUTE_SHARD_KEY, "shardKey")
enum field_attribute {
#define X(id, name) id,
    FIELD_ATTRIBUTES(X)
#undef X
        ATTRIBUTE_NATIVE, // with a dot: db.VarChar
    ATTRIBUTE_COUNT
};

static const char *const attribute_names[] = {
#define X(id, name) name,
    FIELD_ATTRIBUTES(X)
#undef X
};

static int find_attribute(const struct ast_name *name)
{
    if (memchr(name->text, '.', name->length))
        return ATTRIBUTE_NATIVE;
    for (int i = 0; i < ATTRIBUTE_NATIVE; i++)
        if (ast_name_is(name, attribute_names[i]))
            return i;
    return -1;
}

// The attributes of a field by what they are; reports unknown ones and doubles.
static void sort_attributes(struct resolver *resolver, const struct ast_field *ast,
                            const struct ast_attribute *out[ATTRIBUTE_COUNT])
{
    memset(out, 0, ATTRIBUTE_COUNT * sizeof *out);
    for (size_t i = 0; i < ast->attribute_count; i++) {
        const struct ast_attribute *attribute = &ast->attributes[i];
        int which = find_attribute(&attribute->name);
        if (which < 0) {
            diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
                       "a field has no attribute \"@%.*s\"", (int)attribute->name.length,
                       attribute->name.text);
            hint_word(resolver, attribute->name.text, attribute->name.length, attribute_names,
                      ATTRIBUTE_NATIVE);
        } else if (out[which]) {
            diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
                       which == ATTRIBUTE_NATIVE ? "a field has one native type"
                                                 : "the attribute @%s is given twice",
                       which == ATTRIBUTE_NATIVE ? "" : attribute_names[which]);
        } else {
            out[which] = attribute;
        }
    }
}

static void report_unknown_type(struct resolver *resolver, const struct ast_field *ast)
{
    size_t count = 9;
    AUTOFREE const char **names =
        mem_alloc((resolver->datamodel->model_count + resolver->datamodel->enum_count + count) *
                  sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = dm_scalar_name((enum dm_scalar)i);
    for (size_t i = 0; i < resolver->datamodel->model_count; i++)
        names[count++] = resolver->datamodel->models[i]->name;
    for (size_t i = 0; i < resolver->datamodel->enum_count; i++)
        names[count++] = resolver->datamodel->enums[i]->name;
    diag_error(resolver->diagnostics, span_of(resolver->source, &ast->type),
               "there is no type \"%.*s\"", (int)ast->type.length, ast->type.text);
    hint_word(resolver, ast->type.text, ast->type.length, names, count);
}

static bool resolve_type(struct resolver *resolver, const struct ast_field *ast,
                         struct dm_field *field)
{
    field->arity = (enum dm_arity)ast->arity;
    if (ast->type_is_unsupported) {
        field->type_kind = DM_TYPE_UNSUPPORTED;
        field->unsupported_type = resolver_text(resolver, ast->type.text, ast->type.length);
        return true;
    }
    int scalar = scalar_by_name(ast->type.text, ast->type.length);
    if (scalar >= 0) {
        field->type_kind = DM_TYPE_SCALAR;
        field->scalar = (enum dm_scalar)scalar;
        return true;
    }
    const struct top_info *top =
        name_table_get(&resolver->tops, NULL, ast->type.text, ast->type.length);
    if (!top) {
        report_unknown_type(resolver, ast);
        return false;
    }
    if (top->model) {
        field->type_kind = DM_TYPE_RELATION;
        field->related = top->model;
        return true;
    }
    field->type_kind = DM_TYPE_ENUM;
    field->enumeration = top->enumeration;
    return top->enumeration != NULL;
}

static void check_type(struct resolver *resolver, const struct dm_field *field)
{
    const struct provider_rules *rules = resolver->rules;
    if (field->type_kind == DM_TYPE_RELATION)
        return;
    if (field->arity == DM_LIST && !provider_can(rules, CAN_LISTS)) {
        diag_error(resolver->diagnostics, field->span, "%s has no lists: \"%s\" cannot be one",
                   rules->label, field->name);
        diag_hint(resolver->diagnostics, "use a model of its own with a relation");
    }
    if (field->type_kind == DM_TYPE_SCALAR && field->scalar == DM_JSON &&
        !provider_can(rules, CAN_JSON))
        diag_error(resolver->diagnostics, field->span, "%s has no type Json", rules->label);
}

static void resolve_map(struct resolver *resolver, const struct ast_attribute *attribute,
                        struct dm_field *field)
{
    struct arguments arguments;
    if (field->type_kind == DM_TYPE_RELATION) {
        diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
                   "@map cannot stand on a relation: it has no column");
        diag_hint(resolver->diagnostics, "give the foreign key's name with @relation(map: \"…\")");
        return;
    }
    if (!arguments_begin(&arguments, resolver, attribute, 1))
        return;
    const struct ast_expression *value = arguments_need_first(&arguments, "name");
    const char *name = value ? expression_string(resolver, value) : NULL;
    arguments_end(&arguments);
    if (name)
        field->db_name = name;
}

static void resolve_flag(struct resolver *resolver, const struct ast_attribute *attribute)
{
    struct arguments arguments;
    if (arguments_begin(&arguments, resolver, attribute, 1))
        arguments_end(&arguments);
}

static void resolve_updated_at(struct resolver *resolver, const struct ast_attribute *attribute,
                               struct dm_field *field)
{
    resolve_flag(resolver, attribute);
    field->is_updated_at = true;
    if (field->type_kind != DM_TYPE_SCALAR || field->scalar != DM_DATETIME)
        diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
                   "@updatedAt stands on fields of type DateTime");
    if (field->arity == DM_LIST)
        diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
                   "@updatedAt cannot stand on a list");
}

static void resolve_scalar_attributes(struct resolver *resolver, struct dm_field *field,
                                      struct field_info *info,
                                      const struct ast_attribute *const attributes[])
{
    if (attributes[ATTRIBUTE_RELATION]) {
        diag_error(resolver->diagnostics, span_of(resolver->source, attributes[ATTRIBUTE_RELATION]),
                   "@relation stands on a field whose type is a model");
    }
    if (attributes[ATTRIBUTE_SHARD_KEY])
        resolve_shard_key(resolver, attributes[ATTRIBUTE_SHARD_KEY]);
    if (attributes[ATTRIBUTE_IGNORE]) {
        resolve_flag(resolver, attributes[ATTRIBUTE_IGNORE]);
        field->is_ignored = true;
        if (field->type_kind == DM_TYPE_UNSUPPORTED)
            diag_error(resolver->diagnostics,
                       span_of(resolver->source, attributes[ATTRIBUTE_IGNORE]),
                       "a field of an Unsupported type is ignored without @ignore");
    }
    if (attributes[ATTRIBUTE_UPDATED_AT])
        resolve_updated_at(resolver, attributes[ATTRIBUTE_UPDATED_AT], field);
    if (attributes[ATTRIBUTE_DEFAULT])
        resolve_default(resolver, attributes[ATTRIBUTE_DEFAULT], field, info);
    const struct ast_attribute *native = attributes[ATTRIBUTE_NATIVE];
    if (native && field->type_kind == DM_TYPE_SCALAR) {
        resolve_native_type(resolver, native, field);
    } else if (native) {
        diag_error(resolver->diagnostics, span_of(resolver->source, native),
                   "a native type stands on a field of a scalar type");
    }
}

static void resolve_relation_field(struct resolver *resolver, struct dm_field *field,
                                   struct field_info *info,
                                   const struct ast_attribute *const attributes[])
{
    static const enum field_attribute refused[] = {ATTRIBUTE_ID,      ATTRIBUTE_UNIQUE,
                                                   ATTRIBUTE_DEFAULT, ATTRIBUTE_UPDATED_AT,
                                                   ATTRIBUTE_NATIVE,  ATTRIBUTE_SHARD_KEY};
    info->relation = ARENA_NEW(resolver->arena, struct relation_info);
    info->relation->attribute = attributes[ATTRIBUTE_RELATION];
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const struct ast_attribute *attribute = attributes[refused[i]];
        if (!attribute)
            continue;
        diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
                   "@%.*s cannot stand on a relation", (int)attribute->name.length,
                   attribute->name.text);
        if (refused[i] == ATTRIBUTE_ID || refused[i] == ATTRIBUTE_UNIQUE)
            diag_hint(resolver->diagnostics,
                      "put it on the field with the foreign key (the one in `fields`)");
    }
    if (attributes[ATTRIBUTE_IGNORE]) {
        resolve_flag(resolver, attributes[ATTRIBUTE_IGNORE]);
        field->is_ignored = true;
    }
}

static void resolve_field(struct resolver *resolver, const struct ast_field *ast,
                          struct dm_field *field, struct field_info *info)
{
    const struct ast_attribute *attributes[ATTRIBUTE_COUNT];
    if (!resolve_type(resolver, ast, field)) {
        info->is_broken = true;
        return;
    }
    sort_attributes(resolver, ast, attributes);
    check_type(resolver, field);
    if (attributes[ATTRIBUTE_MAP])
        resolve_map(resolver, attributes[ATTRIBUTE_MAP], field);
    if (field->type_kind == DM_TYPE_RELATION)
        resolve_relation_field(resolver, field, info, attributes);
    else
        resolve_scalar_attributes(resolver, field, info, attributes);
}

// The field whose column has the name that this one is mapped to. A field that is mapped away frees
// its name only for the fields after it.
static const struct dm_field *find_same_column(struct resolver *resolver,
                                               const struct model_info *info,
                                               struct name_table *mapped, struct dm_field *field)
{
    size_t length = strlen(field->db_name);
    const struct dm_field *other = name_table_put(mapped, NULL, field->db_name, length, field);
    if (other)
        return other;
    other = resolver_find_field(resolver, info, field->db_name, length);
    if (!other || other == field || other->type_kind == DM_TYPE_RELATION)
        return NULL;
    bool is_mapped_before = other->db_name != other->name && other->index < field->index;
    return is_mapped_before ? NULL : other;
}

static void check_columns(struct resolver *resolver, const struct model_info *info)
{
    struct name_table mapped = {0};
    for (size_t i = 0; i < info->model->field_count; i++) {
        struct dm_field *field = &info->model->fields[i];
        if (field->db_name == field->name || info->fields[i].is_broken)
            continue;
        const struct dm_field *other = find_same_column(resolver, info, &mapped, field);
        if (other)
            diag_error(resolver->diagnostics, field->span,
                       "the column \"%s\" is that of the field \"%s\"", field->db_name,
                       other->name);
    }
    name_table_release(&mapped);
}

void resolve_fields(struct resolver *resolver)
{
    for (size_t i = 0; i < resolver->datamodel->model_count; i++) {
        const struct model_info *info = &resolver->models[i];
        bool has_maps = false;
        resolver->source = info->ast->source;
        for (size_t j = 0; j < info->model->field_count; j++) {
            struct dm_field *field = &info->model->fields[j];
            resolve_field(resolver, &info->ast->fields[j], field, &info->fields[j]);
            has_maps |= field->db_name != field->name;
        }
        if (has_maps)
            check_columns(resolver, info);
    }
}
