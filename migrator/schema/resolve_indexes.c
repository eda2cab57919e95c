// Keys and indexes: @id, @unique, @@id, @@unique, @@index, @@fulltext.
#include <string.h>

#include "migrator/schema/arguments.h"
#include "migrator/schema/constraint_names.h"
#include "migrator/schema/index_condition.h"
#include "migrator/schema/operator_classes.h"

struct dm_field *resolve_listed_field(struct resolver *resolver, const struct model_info *model,
                                      const struct ast_name *name, const char *what)
{
    struct dm_field *field = resolver_find_field(resolver, model, name->text, name->length);
    if (!field) {
        if (model->is_incomplete)
            return NULL;
        diag_error(resolver->diagnostics, span_of(resolver->source, name),
                   "the %s \"%s\" has no field \"%.*s\"", dm_container(model->model),
                   model->model->name, (int)name->length, name->text);
        hint_field(resolver, model, name->text, name->length);
        return NULL;
    }
    struct field_info *info = field_info_of(resolver, field);
    if (field->type_kind == DM_TYPE_RELATION && !info->is_broken) {
        diag_error(resolver->diagnostics, span_of(resolver->source, name),
                   "\"%s\" is a relation: %s lists fields that have columns", field->name, what);
        const struct relation_info *relation = info->relation;
        if (relation && relation->field_count == 1 && relation->fields[0])
            diag_hint(resolver->diagnostics, "did you mean \"%s\"?", relation->fields[0]->name);
        return NULL;
    }
    if (info->stamp == resolver->stamp) {
        diag_error(resolver->diagnostics, span_of(resolver->source, name),
                   "%s lists the field \"%s\" twice", what, field->name);
        return NULL;
    }
    info->stamp = resolver->stamp;
    return info->is_broken ? NULL : field;
}

bool resolve_field_list(struct resolver *resolver, const struct model_info *model,
                        const struct ast_expression *expression, const char *what,
                        struct dm_field ***out, size_t *count)
{
    bool usable = true;
    const struct ast_expression *items = expression_items(expression, count);
    *out = ARENA_ARRAY(resolver->arena, struct dm_field *, *count);
    resolver->stamp++;
    for (size_t i = 0; i < *count; i++) {
        struct ast_name name;
        (*out)[i] = expression_constant(resolver, &items[i], &name)
                        ? resolve_listed_field(resolver, model, &name, what)
                        : NULL;
        usable = usable && (*out)[i];
    }
    return usable;
}

static void resolve_sort(struct resolver *resolver, const struct ast_expression *value,
                         enum dm_sort *out)
{
    struct ast_name word;
    if (!value || !expression_constant(resolver, value, &word))
        return;
    if (ast_name_is(&word, "Asc"))
        *out = DM_SORT_ASC;
    else if (ast_name_is(&word, "Desc"))
        *out = DM_SORT_DESC;
    else
        diag_error(resolver->diagnostics, span_of(resolver->source, value),
                   "the order is Asc or Desc");
}

static void resolve_length(struct resolver *resolver, const struct ast_expression *value,
                           int64_t *out)
{
    if (!value || !expression_integer(resolver, value, out))
        return;
    if (*out < 1 || *out > INT32_MAX)
        diag_error(resolver->diagnostics, span_of(resolver->source, value),
                   "the length is at least 1");
}

static void resolve_operator_class(struct resolver *resolver, const struct ast_expression *value,
                                   const char **out)
{
    if (!value)
        return;
    if (expression_is_function(value, "raw")) {
        if (value->argument_count == 1 && value->arguments[0].value.kind != AST_ABSENT)
            *out = expression_string(resolver, &value->arguments[0].value);
        else
            diag_error(resolver->diagnostics, span_of(resolver->source, value),
                       "raw() takes the name of an operator class as one string");
        return;
    }
    const struct operator_class *found =
        value->kind == AST_CONSTANT ? operator_class_find(value->text, value->length) : NULL;
    if (found) {
        *out = found->sql;
        return;
    }
    diag_error(resolver->diagnostics, span_of(resolver->source, value),
               "this is not an operator class");
    const char *names[MOST_OPERATOR_CLASSES];
    size_t count = operator_class_names(names);
    hint_word(resolver, value->text ? value->text : "", value->length, names, count);
}

// name, or name(sort: …, length: …, ops: …)
static bool resolve_index_field(struct resolver *resolver, const struct model_info *model,
                                const struct ast_expression *item, const char *what,
                                struct dm_index_field *out)
{
    struct ast_name name = {item->text, item->length};
    *out = (struct dm_index_field){0};
    if (item->kind == AST_FUNCTION) {
        struct ast_attribute call = {.name = name,
                                     .arguments = item->arguments,
                                     .argument_count = item->argument_count,
                                     .at = item->at,
                                     .place_length = item->place_length};
        for (size_t i = 0; i < call.argument_count; i++) {
            const struct ast_argument *argument = &call.arguments[i];
            const struct ast_expression *value =
                argument->value.kind != AST_ABSENT ? &argument->value : NULL;
            if (ast_name_is(&argument->name, "sort"))
                resolve_sort(resolver, value, &out->sort);
            else if (ast_name_is(&argument->name, "length"))
                resolve_length(resolver, value, &out->length);
            else if (ast_name_is(&argument->name, "ops"))
                resolve_operator_class(resolver, value, &out->operator_class);
            else
                diag_warning(resolver->diagnostics, span_of(resolver->source, argument),
                             "a field of %s has the arguments sort, length and ops only: this one "
                             "has no effect",
                             what);
        }
    } else if (item->kind != AST_CONSTANT) {
        return expression_constant(resolver, item, &name);
    }
    out->field = resolve_listed_field(resolver, model, &name, what);
    return out->field != NULL;
}

static bool resolve_index_fields(struct resolver *resolver, const struct model_info *model,
                                 const struct ast_expression *expression, const char *what,
                                 struct dm_index *index)
{
    bool usable = true;
    const struct ast_expression *items = expression_items(expression, &index->field_count);
    index->fields = ARENA_ARRAY(resolver->arena, struct dm_index_field, index->field_count);
    resolver->stamp++;
    for (size_t i = 0; i < index->field_count; i++)
        usable = resolve_index_field(resolver, model, &items[i], what, &index->fields[i]) && usable;
    if (index->field_count == 0) {
        diag_error(resolver->diagnostics, span_of(resolver->source, expression),
                   "%s lists no field", what);
        usable = false;
    }
    return usable;
}

static void resolve_clustered(struct arguments *arguments, struct dm_index *index)
{
    const struct ast_expression *value = arguments_take(arguments, "clustered");
    bool clustered;
    if (value && expression_boolean(arguments->resolver, value, &clustered))
        index->clustering = clustered ? DM_CLUSTERED : DM_NONCLUSTERED;
}

static void resolve_index_type(struct arguments *arguments, struct dm_index *index)
{
    struct resolver *resolver = arguments->resolver;
    const struct ast_expression *value = arguments_take(arguments, "type");
    struct ast_name word;
    if (!value || !expression_constant(resolver, value, &word))
        return;
    const char *names[DM_INDEX_BRIN + 1];
    for (int type = DM_INDEX_BTREE; type <= DM_INDEX_BRIN; type++) {
        names[type] = index_type_name((enum dm_index_type)type);
        if (ast_name_is(&word, names[type]))
            index->type = (enum dm_index_type)type;
    }
    if (index->type == DM_INDEX_TYPE_ABSENT) {
        diag_error(resolver->diagnostics, span_of(resolver->source, value),
                   "this is not a type of index");
        hint_word(resolver, word.text, word.length, names + 1, DM_INDEX_BRIN);
    } else if (!(resolver->rules->index_types & 1u << index->type)) {
        diag_error(resolver->diagnostics, span_of(resolver->source, value),
                   "%s has no indexes of type %s", resolver->rules->label, names[index->type]);
    }
}

// The client's name of a key: letters, digits, underscores.
static void resolve_client_name(struct arguments *arguments, struct dm_index *index)
{
    index->client_name = arguments_take_name(arguments, "name");
    for (const char *at = index->client_name; at && *at; at++) {
        bool letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
        if (letter || (*at >= '0' && *at <= '9') || *at == '_')
            continue;
        diag_error(arguments->resolver->diagnostics, index->span,
                   "the name of a key has letters, digits and underscores only");
        diag_hint(arguments->resolver->diagnostics,
                  "the name in the database is given with map: \"…\"");
        break;
    }
}

// @@index(name: "x") is an older way to write map: "x".
static void resolve_index_name(struct arguments *arguments, struct dm_index *index)
{
    const char *name = arguments_take_name(arguments, "name");
    index->map = arguments_take_name(arguments, "map");
    if (name && index->map)
        diag_error(arguments->resolver->diagnostics, index->span,
                   "the name of an index is given twice: name is the former map");
    if (name)
        index->map = name;
}

static void add_index(struct model_info *model, struct dm_index *index, size_t *capacity,
                      struct arena *arena)
{
    struct dm_model *owner = model->model;
    if (owner->index_count == *capacity) {
        *capacity = *capacity ? *capacity * 2 : 4;
        struct dm_index **grown = ARENA_ARRAY(arena, struct dm_index *, *capacity);
        if (owner->index_count > 0)
            memcpy(grown, owner->indexes, owner->index_count * sizeof *grown);
        owner->indexes = grown;
    }
    owner->indexes[owner->index_count++] = index;
}

static void name_index(struct resolver *resolver, struct dm_index *index)
{
    if (index->map)
        index->db_name = index->map;
    else if (index->kind != DM_INDEX_PRIMARY)
        index->db_name = constraint_name_index(resolver->arena, resolver->rules, index);
    else if (provider_can(resolver->rules, CAN_NAME_PRIMARY_KEYS))
        index->db_name =
            constraint_name_primary_key(resolver->arena, resolver->rules, index->model);
}

static void set_primary_key(struct resolver *resolver, struct model_info *model,
                            struct dm_index *index)
{
    if (model->model->primary_key) {
        diag_error(resolver->diagnostics, index->span, "the %s \"%s\" has another id",
                   dm_container(model->model), model->model->name);
        diag_hint(resolver->diagnostics, "an id of several fields is written @@id([a, b])");
        return;
    }
    model->model->primary_key = index;
}

// @id or @unique of one field.
static void resolve_field_key(struct resolver *resolver, struct model_info *model,
                              const struct ast_attribute *attribute, struct dm_field *field,
                              size_t *capacity)
{
    struct arguments arguments;
    struct dm_index *index = ARENA_NEW(resolver->arena, struct dm_index);
    struct dm_index_field *only = ARENA_NEW(resolver->arena, struct dm_index_field);
    bool is_id = ast_name_is(&attribute->name, "id");
    only->field = field;
    *index = (struct dm_index){.kind = is_id ? DM_INDEX_PRIMARY : DM_INDEX_UNIQUE,
                               .model = model->model,
                               .fields = only,
                               .field_count = 1,
                               .on_field = true,
                               .span = span_of(resolver->source, attribute)};
    if (arguments_begin(&arguments, resolver, attribute, 1)) {
        index->map = arguments_take_name(&arguments, "map");
        resolve_length(resolver, arguments_take(&arguments, "length"), &only->length);
        resolve_sort(resolver, arguments_take(&arguments, "sort"), &only->sort);
        resolve_clustered(&arguments, index);
        if (!is_id)
            resolve_index_condition(&arguments, model, index);
        arguments_end(&arguments);
    }
    name_index(resolver, index);
    if (is_id)
        set_primary_key(resolver, model, index);
    else
        add_index(model, index, capacity, resolver->arena);
}

static void resolve_field_keys(struct resolver *resolver, struct model_info *model,
                               size_t *capacity)
{
    for (size_t i = 0; i < model->model->field_count; i++) {
        struct dm_field *field = &model->model->fields[i];
        const struct ast_field *ast = &model->ast->fields[i];
        bool usable = !model->fields[i].is_broken && field->type_kind != DM_TYPE_RELATION;
        bool has_id = false, has_unique = false;
        for (size_t j = 0; j < ast->attribute_count; j++) {
            const struct ast_attribute *attribute = &ast->attributes[j];
            bool is_id = ast_name_is(&attribute->name, "id");
            if (!is_id && !ast_name_is(&attribute->name, "unique"))
                continue;
            bool *seen = is_id ? &has_id : &has_unique;
            if (usable && !*seen)
                resolve_field_key(resolver, model, attribute, field, capacity);
            else
                model->key_is_broken = true;
            *seen = true;
        }
    }
}

// @@id, @@unique, @@index or @@fulltext
static void resolve_block_index(struct resolver *resolver, struct model_info *model,
                                const struct ast_attribute *attribute, enum dm_index_kind kind,
                                size_t *capacity)
{
    static const char *const names[] = {[DM_INDEX_PRIMARY] = "@@id",
                                        [DM_INDEX_UNIQUE] = "@@unique",
                                        [DM_INDEX_NORMAL] = "@@index",
                                        [DM_INDEX_FULLTEXT] = "@@fulltext"};
    struct arguments arguments;
    struct dm_index *index = ARENA_NEW(resolver->arena, struct dm_index);
    *index = (struct dm_index){
        .kind = kind, .model = model->model, .span = span_of(resolver->source, attribute)};
    bool usable = arguments_begin(&arguments, resolver, attribute, 2);
    const struct ast_expression *fields =
        usable ? arguments_need_first(&arguments, "fields") : NULL;
    usable = fields && resolve_index_fields(resolver, model, fields, names[kind], index);
    if (fields && kind == DM_INDEX_NORMAL) {
        resolve_index_name(&arguments, index);
        resolve_index_type(&arguments, index);
    } else if (fields) {
        if (kind != DM_INDEX_FULLTEXT)
            resolve_client_name(&arguments, index);
        index->map = arguments_take_name(&arguments, "map");
    }
    if (fields && kind != DM_INDEX_FULLTEXT)
        resolve_clustered(&arguments, index);
    if (fields && (kind == DM_INDEX_UNIQUE || kind == DM_INDEX_NORMAL))
        resolve_index_condition(&arguments, model, index);
    if (fields)
        arguments_end(&arguments);
    if (!usable) {
        model->key_is_broken |= kind == DM_INDEX_PRIMARY || kind == DM_INDEX_UNIQUE;
        return;
    }
    name_index(resolver, index);
    if (kind == DM_INDEX_PRIMARY)
        set_primary_key(resolver, model, index);
    else
        add_index(model, index, capacity, resolver->arena);
}

// The order is that of the statements in generated SQL: @@index before @@unique before @@fulltext.
static void resolve_block_indexes(struct resolver *resolver, struct model_info *model,
                                  size_t *capacity)
{
    static const struct {
        const char *attribute;
        enum dm_index_kind kind;
    } order[] = {{"id", DM_INDEX_PRIMARY},
                 {"index", DM_INDEX_NORMAL},
                 {"unique", DM_INDEX_UNIQUE},
                 {"fulltext", DM_INDEX_FULLTEXT}};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        bool has_id = false;
        for (size_t j = 0; j < model->ast->attribute_count; j++) {
            const struct ast_attribute *attribute = &model->ast->attributes[j];
            if (!ast_name_is(&attribute->name, order[i].attribute) || has_id)
                continue;
            has_id = order[i].kind == DM_INDEX_PRIMARY;
            resolve_block_index(resolver, model, attribute, order[i].kind, capacity);
        }
    }
}

void resolve_indexes(struct resolver *resolver)
{
    for (size_t i = 0; i < resolver->datamodel->model_count; i++) {
        struct model_info *model = &resolver->models[i];
        size_t capacity = 0;
        resolver->source = model->ast->source;
        resolve_model_attributes(resolver, model);
        resolve_field_keys(resolver, model, &capacity);
        resolve_block_indexes(resolver, model, &capacity);
    }
}
