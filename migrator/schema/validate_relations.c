// Rules of relations that need both sides.
#include <string.h>

#include "migrator/schema/resolver.h"

struct pair {
    struct resolver *resolver;
    const struct dm_relation *relation;
    const struct dm_field *forward, *back; // back NULL: missing
    const struct relation_info *forward_info, *back_info;
};

static struct diag_list *diagnostics_of(const struct pair *pair)
{
    return pair->resolver->diagnostics;
}

static struct span attribute_span(const struct pair *pair)
{
    return span_of(pair->forward->span.source, pair->forward_info->attribute);
}

static void missing_opposite(struct resolver *resolver, const struct dm_field *field)
{
    const struct model_info *related = &resolver->models[field->related->index];
    if (related->is_incomplete)
        return;
    diag_error(resolver->diagnostics, field->span,
               "the relation field \"%s\" has no opposite field in the %s \"%s\"", field->name,
               dm_container(field->related), field->related->name);
    const char *name = field_info_of(resolver, field)->relation->name;
    diag_hint(resolver->diagnostics, "add a field of type %s%s to \"%s\"%s%s%s", field->model->name,
              field->arity == DM_LIST ? "" : "[]", field->related->name,
              name ? ", with @relation(\"" : "", name ? name : "", name ? "\")" : "");
}

static bool holds_key(const struct relation_info *info)
{
    return info->field_count > 0;
}

static bool has_actions(const struct relation_info *info)
{
    return info->on_delete != DM_ACTION_ABSENT || info->on_update != DM_ACTION_ABSENT;
}

static bool same_fields_in_order(const struct dm_index *index, struct dm_field *const *fields,
                                 size_t count)
{
    if (index->field_count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (index->fields[i].field != fields[i])
            return false;
    return true;
}

static bool same_fields(struct resolver *resolver, const struct dm_index *index,
                        struct dm_field *const *fields, size_t count)
{
    if (index->field_count != count)
        return false;
    resolver->stamp++;
    for (size_t i = 0; i < count; i++)
        field_info_of(resolver, fields[i])->stamp = resolver->stamp;
    for (size_t i = 0; i < count; i++)
        if (field_info_of(resolver, index->fields[i].field)->stamp != resolver->stamp)
            return false;
    return true;
}

// Whether a model has a key of exactly these fields.
static bool has_key(struct resolver *resolver, const struct dm_model *model,
                    struct dm_field *const *fields, size_t count, bool in_order)
{
    for (size_t i = 0; i <= model->index_count; i++) {
        const struct dm_index *index = i == 0 ? model->primary_key : model->indexes[i - 1];
        if (!index || (index->kind != DM_INDEX_UNIQUE && index->kind != DM_INDEX_PRIMARY))
            continue;
        if (in_order ? same_fields_in_order(index, fields, count)
                     : same_fields(resolver, index, fields, count))
            return true;
    }
    return false;
}

static void join_fields(struct strbuf *out, struct dm_field *const *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        strbuf_addf(out, "%s%s", i ? ", " : "", fields[i]->name);
}

static void check_referenced_key(const struct pair *pair)
{
    const struct relation_info *info = pair->forward_info;
    struct dm_model *target = pair->relation->to_model;
    const struct model_info *target_info = &pair->resolver->models[target->index];
    if (info->reference_count == 0 || target_info->key_is_broken || target_info->is_incomplete)
        return;
    if (!has_key(pair->resolver, target, info->references, info->reference_count, false)) {
        AUTO_STRBUF names = STRBUF_INIT;
        join_fields(&names, info->references, info->reference_count);
        diag_error(diagnostics_of(pair), attribute_span(pair),
                   "the relation refers to fields of \"%s\" that are no key: %s", target->name,
                   names.data);
        if (info->reference_count == 1)
            diag_hint(diagnostics_of(pair), "add @unique to the field \"%s\" of \"%s\"", names.data,
                      target->name);
        else
            diag_hint(diagnostics_of(pair), "add @@unique([%s]) to \"%s\"", names.data,
                      target->name);
    } else if (info->reference_count > 1 &&
               !provider_can(pair->resolver->rules, CAN_REFER_IN_ANY_ORDER) &&
               !has_key(pair->resolver, target, info->references, info->reference_count, true)) {
        diag_error(diagnostics_of(pair), attribute_span(pair),
                   "%s wants `references` in the order of the key's fields",
                   pair->resolver->rules->label);
    }
}

static bool same_type(const struct dm_field *a, const struct dm_field *b)
{
    if (a->type_kind != b->type_kind)
        return false;
    switch (a->type_kind) {
    case DM_TYPE_SCALAR: return a->scalar == b->scalar;
    case DM_TYPE_ENUM: return a->enumeration == b->enumeration;
    case DM_TYPE_UNSUPPORTED: return strcmp(a->unsupported_type, b->unsupported_type) == 0;
    case DM_TYPE_RELATION: break;
    }
    return false;
}

static void check_foreign_key(const struct pair *pair)
{
    const struct relation_info *info = pair->forward_info;
    if (info->has_fields && info->has_references && info->field_count != info->reference_count)
        diag_error(diagnostics_of(pair), attribute_span(pair),
                   "`fields` and `references` list a different number of fields");
    size_t count =
        info->field_count < info->reference_count ? info->field_count : info->reference_count;
    bool optional = false;
    for (size_t i = 0; i < count; i++)
        if (!same_type(info->fields[i], info->references[i]))
            diag_error(diagnostics_of(pair), attribute_span(pair),
                       "the fields \"%s\" and \"%s.%s\" are of different types",
                       info->fields[i]->name, pair->relation->to_model->name,
                       info->references[i]->name);
    for (size_t i = 0; i < info->field_count; i++)
        optional |= info->fields[i]->arity == DM_OPTIONAL;
    if (optional && pair->forward->arity == DM_REQUIRED) {
        diag_error(diagnostics_of(pair), pair->forward->span,
                   "the relation field \"%s\" is required, but its foreign key can be null",
                   pair->forward->name);
        diag_hint(diagnostics_of(pair), "make the relation optional: %s %s?", pair->forward->name,
                  pair->relation->to_model->name);
    }
}

static void check_set_null(const struct pair *pair, enum dm_action action,
                           const struct ast_expression *at, const char *argument)
{
    const struct relation_info *info = pair->forward_info;
    bool required = false;
    if (action != DM_SET_NULL)
        return;
    for (size_t i = 0; i < info->field_count; i++)
        required |= info->fields[i]->arity == DM_REQUIRED;
    if (!required)
        return;
    struct span span = span_of(pair->forward->span.source, at);
    const struct dm_datasource *datasource = pair->resolver->datamodel->datasource;
    bool emulated = datasource && datasource->relation_mode == DM_EMULATED;
    if (provider_can(pair->resolver->rules, CAN_SET_NULL_ON_REQUIRED) && !emulated)
        diag_warning(diagnostics_of(pair), span,
                     "%s: SetNull will fail: the foreign key has a required field", argument);
    else
        diag_error(diagnostics_of(pair), span,
                   "%s cannot be SetNull: the foreign key has a required field", argument);
}

// `fields` or `references`, on the side that holds the key.
static void need_argument(const struct pair *pair, const char *argument)
{
    diag_error(diagnostics_of(pair), pair->forward->span,
               "the relation field \"%s\" needs the argument `%s`", pair->forward->name, argument);
    diag_hint(diagnostics_of(pair),
              "@relation(fields: [the foreign key's fields], references: [the key's fields of "
              "\"%s\"])",
              pair->relation->to_model->name);
}

static void check_one_to_many(const struct pair *pair)
{
    const struct relation_info *forward = pair->forward_info, *back = pair->back_info;
    if (!holds_key(forward))
        need_argument(pair, "fields");
    else if (forward->reference_count == 0)
        need_argument(pair, "references");
    if (holds_key(back) || back->reference_count > 0) {
        diag_error(diagnostics_of(pair), pair->back->span,
                   "the list side of a relation has no foreign key: `fields` and `references` "
                   "stand on \"%s.%s\"",
                   pair->forward->model->name, pair->forward->name);
    }
    if (has_actions(back))
        diag_error(diagnostics_of(pair), pair->back->span,
                   "onDelete and onUpdate stand on the side of the foreign key, \"%s.%s\"",
                   pair->forward->model->name, pair->forward->name);
}

static void check_one_to_one_arguments(const struct pair *pair)
{
    const struct relation_info *forward = pair->forward_info, *back = pair->back_info;
    if (!holds_key(forward) && !holds_key(back))
        need_argument(pair, "fields");
    else if (forward->reference_count == 0 && back->reference_count == 0)
        need_argument(pair, "references");
    if ((holds_key(forward) && holds_key(back)) ||
        (forward->reference_count > 0 && back->reference_count > 0))
        diag_error(diagnostics_of(pair), pair->back->span,
                   "both sides of the relation have a foreign key: only one can");
    if (has_actions(back))
        diag_error(diagnostics_of(pair), pair->back->span,
                   "onDelete and onUpdate stand on the side of the foreign key, \"%s.%s\"",
                   pair->forward->model->name, pair->forward->name);
}

static void check_one_to_one_key(const struct pair *pair)
{
    const struct relation_info *info = pair->forward_info;
    const struct model_info *model = &pair->resolver->models[pair->forward->model->index];
    if (!info->has_fields || model->key_is_broken ||
        has_key(pair->resolver, pair->forward->model, info->fields, info->field_count, true))
        return;
    AUTO_STRBUF names = STRBUF_INIT;
    join_fields(&names, info->fields, info->field_count);
    diag_error(diagnostics_of(pair), attribute_span(pair),
               "the foreign key of a one-to-one relation is unique: %s is not", names.data);
    if (info->field_count == 1)
        diag_hint(diagnostics_of(pair), "add @unique to \"%s\", or make the other side a list",
                  names.data);
    else
        diag_hint(diagnostics_of(pair), "add @@unique([%s]), or make the other side a list",
                  names.data);
}

static void check_one_to_one(const struct pair *pair)
{
    const struct relation_info *forward = pair->forward_info, *back = pair->back_info;
    size_t before = diagnostics_of(pair)->error_count;
    check_one_to_one_arguments(pair);
    check_one_to_one_key(pair);
    if (diagnostics_of(pair)->error_count > before)
        return;
    if (holds_key(forward) != (forward->reference_count > 0)) {
        diag_error(diagnostics_of(pair), pair->forward->span,
                   "`fields` and `references` stand on the same side of the relation");
    } else if (pair->back->arity == DM_REQUIRED) {
        diag_error(diagnostics_of(pair), pair->back->span,
                   "no database can require the side without the foreign key");
        diag_hint(diagnostics_of(pair), "make it optional: %s %s?", pair->back->name,
                  pair->forward->model->name);
    } else if (pair->forward->arity == DM_REQUIRED && (back->has_fields || back->has_references)) {
        diag_error(diagnostics_of(pair), pair->back->span,
                   "`fields` and `references` stand on the required side, \"%s.%s\"",
                   pair->forward->model->name, pair->forward->name);
    }
}

static void check_many_to_many_side(const struct pair *pair, const struct dm_field *field,
                                    const struct relation_info *info)
{
    struct diag_list *list = diagnostics_of(pair);
    const struct dm_model *related = field->related;
    const struct model_info *related_info = &pair->resolver->models[related->index];
    if (info->has_fields)
        diag_error(list, field->span, "the lists of a many-to-many relation have no foreign key");
    else if (info->has_references)
        diag_error(list, field->span,
                   "the lists of a many-to-many relation have no `references`: they always refer "
                   "to the id");
    if (has_actions(info))
        diag_error(list,
                   span_of(field->span.source,
                           info->on_delete_at ? info->on_delete_at : info->on_update_at),
                   "a many-to-many relation without a model of its own has no actions");
    bool single = related->primary_key && related->primary_key->field_count == 1;
    if (single || related_info->key_is_broken || related_info->is_incomplete)
        return;
    diag_error(list, field->span, "a many-to-many relation needs an id of one field in \"%s\"",
               related->name);
    diag_hint(list, "or make the table between the two a model of its own");
}

static void check_actions(struct resolver *resolver, const struct dm_field *field,
                          const struct relation_info *info)
{
    const struct dm_datasource *datasource = resolver->datamodel->datasource;
    bool emulated = datasource && datasource->relation_mode == DM_EMULATED;
    unsigned allowed = emulated ? resolver->rules->emulated_actions : resolver->rules->actions;
    for (int i = 0; i < 2; i++) {
        enum dm_action action = i ? info->on_update : info->on_delete;
        const struct ast_expression *at = i ? info->on_update_at : info->on_delete_at;
        if (!at)
            continue;
        struct span span = span_of(field->span.source, at);
        if (!(allowed & 1u << action)) {
            diag_error(resolver->diagnostics, span, "%s has no action %s%s", resolver->rules->label,
                       action_name(action), emulated ? " where relations are emulated" : "");
            if (action == DM_NO_ACTION || action == DM_RESTRICT)
                diag_hint(resolver->diagnostics, "use %s",
                          action_name(action == DM_NO_ACTION ? DM_RESTRICT : DM_NO_ACTION));
        } else if (action == DM_SET_DEFAULT && !emulated &&
                   provider_can(resolver->rules, EMULATES_SET_DEFAULT)) {
            diag_warning(resolver->diagnostics, span,
                         "%s takes SetDefault and then refuses the change", resolver->rules->label);
        }
    }
}

static void check_side(struct resolver *resolver, const struct dm_field *field,
                       const struct relation_info *info)
{
    check_actions(resolver, field, info);
    if (info->map && !provider_can(resolver->rules, CAN_NAME_FOREIGN_KEYS))
        diag_error(resolver->diagnostics, span_of(field->span.source, info->map_at),
                   "%s has no names for foreign keys", resolver->rules->label);
    else if (info->map && strlen(info->map) > resolver->rules->name_limit)
        diag_error(resolver->diagnostics, span_of(field->span.source, info->map_at),
                   "the name is longer than %s's limit of %zu bytes", resolver->rules->label,
                   resolver->rules->name_limit);
    if (field->related->is_ignored && !field->is_ignored && !field->model->is_ignored) {
        diag_error(resolver->diagnostics, field->span,
                   "the model \"%s\" is ignored: the relation to it must be too",
                   field->related->name);
        diag_hint(resolver->diagnostics, "add @ignore to \"%s\"", field->name);
    }
}

// Without foreign keys in the database, no index comes with a relation either in the minds of its
// users: say so.
static void check_emulated_index(const struct pair *pair)
{
    const struct dm_datasource *datasource = pair->resolver->datamodel->datasource;
    const struct relation_info *info = pair->forward_info;
    const struct dm_model *model = pair->forward->model;
    if (!datasource || datasource->relation_mode != DM_EMULATED || info->field_count == 0)
        return;
    for (size_t i = 0; i <= model->index_count; i++) {
        const struct dm_index *index =
            i < model->index_count ? model->indexes[i] : model->primary_key;
        size_t matching = 0;
        while (index && matching < info->field_count && matching < index->field_count &&
               index->fields[matching].field == info->fields[matching])
            matching++;
        if (matching == info->field_count)
            return;
    }
    diag_warning(diagnostics_of(pair), attribute_span(pair),
                 "no index begins with the fields of this relation");
    diag_hint(diagnostics_of(pair), "emulated relations make none: add an @@index");
}

static void validate_relation(struct resolver *resolver, const struct dm_relation *relation)
{
    struct pair pair = {.resolver = resolver,
                        .relation = relation,
                        .forward = relation->from,
                        .back = relation->to,
                        .forward_info = field_info_of(resolver, relation->from)->relation};
    if (pair.back)
        pair.back_info = field_info_of(resolver, pair.back)->relation;
    if (pair.forward_info->is_ambiguous || pair.forward_info->is_broken ||
        (pair.back && (pair.back_info->is_ambiguous || pair.back_info->is_broken)))
        return;
    if (!pair.back)
        missing_opposite(resolver, pair.forward);
    if (relation->kind == DM_MANY_TO_MANY) {
        check_many_to_many_side(&pair, pair.forward, pair.forward_info);
        check_many_to_many_side(&pair, pair.back, pair.back_info);
        return;
    }
    check_referenced_key(&pair);
    check_foreign_key(&pair);
    check_set_null(&pair, pair.forward_info->on_delete, pair.forward_info->on_delete_at,
                   "onDelete");
    check_set_null(&pair, pair.forward_info->on_update, pair.forward_info->on_update_at,
                   "onUpdate");
    check_emulated_index(&pair);
    if (pair.back && relation->kind == DM_ONE_TO_ONE)
        check_one_to_one(&pair);
    else if (pair.back)
        check_one_to_many(&pair);
}

void validate_relations(struct resolver *resolver)
{
    struct datamodel *datamodel = resolver->datamodel;
    for (size_t i = 0; i < datamodel->model_count; i++)
        for (size_t j = 0; j < datamodel->models[i]->field_count; j++) {
            const struct field_info *info = &resolver->models[i].fields[j];
            if (info->relation && !info->is_broken)
                check_side(resolver, &datamodel->models[i]->fields[j], info->relation);
        }
    for (size_t i = 0; i < datamodel->relation_count; i++)
        validate_relation(resolver, datamodel->relations[i]);
}
