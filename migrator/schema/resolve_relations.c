// Relations: @relation's arguments, which field is the other side of which, and what kind of
// relation the two make.
#include <stdio.h>
#include <string.h>

#include "migrator/schema/arguments.h"
#include "migrator/schema/constraint_names.h"

static void resolve_action(struct arguments *arguments, const char *name, enum dm_action *out,
                           const struct ast_expression **at)
{
    struct resolver *resolver = arguments->resolver;
    const struct ast_expression *value = arguments_take(arguments, name);
    struct ast_name word;
    if (!value || !expression_constant(resolver, value, &word))
        return;
    const char *names[DM_SET_DEFAULT + 1];
    for (int action = DM_CASCADE; action <= DM_SET_DEFAULT; action++) {
        names[action] = action_name((enum dm_action)action);
        if (ast_name_is(&word, names[action])) {
            *out = (enum dm_action)action;
            *at = value;
        }
    }
    if (*out == DM_ACTION_ABSENT) {
        diag_error(resolver->diagnostics, span_of(resolver->source, value),
                   "this is not a referential action");
        hint_word(resolver, word.text, word.length, names + 1, DM_SET_DEFAULT);
    }
}

static void resolve_arguments(struct resolver *resolver, const struct model_info *model,
                              struct dm_field *field, struct relation_info *relation)
{
    struct arguments arguments;
    if (!arguments_begin(&arguments, resolver, relation->attribute, 1)) {
        relation->is_broken = true;
        return;
    }
    size_t before = resolver->diagnostics->error_count;
    const struct ast_expression *name = arguments_take_first(&arguments, "name");
    relation->name = name ? expression_string(resolver, name) : NULL;
    if (relation->name && !*relation->name)
        diag_error(resolver->diagnostics, span_of(resolver->source, name),
                   "the name of a relation cannot be empty");
    const struct ast_expression *fields = arguments_take(&arguments, "fields");
    relation->has_fields = fields != NULL;
    if (fields && !resolve_field_list(resolver, model, fields, "@relation", &relation->fields,
                                      &relation->field_count))
        relation->is_broken = true;
    const struct ast_expression *references = arguments_take(&arguments, "references");
    relation->has_references = references != NULL;
    if (references &&
        !resolve_field_list(resolver, &resolver->models[field->related->index], references,
                            "@relation", &relation->references, &relation->reference_count))
        relation->is_broken = true;
    resolve_action(&arguments, "onDelete", &relation->on_delete, &relation->on_delete_at);
    resolve_action(&arguments, "onUpdate", &relation->on_update, &relation->on_update_at);
    relation->map_at = arguments_take(&arguments, "map");
    relation->map = arguments_take_name(&arguments, "map");
    arguments_end(&arguments);
    relation->is_broken |= resolver->diagnostics->error_count > before;
}

// Relation fields of one model to one other, of one name.
struct relation_side {
    const struct dm_model *related;
    struct dm_field *first, *second;
    size_t count;
    struct relation_side *next; // of the same name, to another model
};

static struct relation_info *relation_of(const struct resolver *resolver,
                                         const struct dm_field *field)
{
    return field_info_of(resolver, field)->relation;
}

// The sides of a model are found by the name of the relation, or, without one, by that of the other
// model; the two kinds of names are kept apart by their scopes.
static const void *side_scope(const struct dm_model *owner, bool has_name)
{
    return has_name ? (const void *)&owner->name : (const void *)&owner->db_name;
}

static struct relation_side *find_side(const struct name_table *sides, const struct dm_model *owner,
                                       const struct dm_model *related, const char *name)
{
    const char *key = name ? name : related->name;
    struct relation_side *side = name_table_get(sides, side_scope(owner, name), key, strlen(key));
    while (side && side->related != related)
        side = side->next;
    return side;
}

static void add_side(struct resolver *resolver, struct name_table *sides, struct dm_field *field)
{
    struct relation_info *relation = relation_of(resolver, field);
    struct relation_side *side = find_side(sides, field->model, field->related, relation->name);
    if (!side) {
        const char *key = relation->name ? relation->name : field->related->name;
        side = ARENA_NEW(resolver->arena, struct relation_side);
        *side = (struct relation_side){.related = field->related, .first = field};
        struct relation_side *former =
            name_table_put(sides, side_scope(field->model, relation->name), key, strlen(key), side);
        if (former) {
            side->next = former->next;
            former->next = side;
        }
    } else if (side->count == 1) {
        side->second = field;
    }
    side->count++;
    relation->side = side;
}

// Two fields that could both be the one side of a relation.
static bool check_ambiguity(struct resolver *resolver, const struct relation_side *side,
                            struct dm_field *field)
{
    bool is_self = field->related == field->model;
    const char *name = relation_of(resolver, field)->name;
    if (side->count < 2 || (is_self && side->count == 2 && name))
        return false;
    relation_of(resolver, field)->is_ambiguous = true;
    if (field != side->first)
        return true; // reported once, at the first of them
    if (name)
        diag_error(resolver->diagnostics, field->span,
                   is_self ? "more than two fields share the relation \"%s\" of \"%s\" with itself"
                           : "two fields share the name \"%s\" for a relation to \"%s\"",
                   name, field->related->name);
    else
        diag_error(resolver->diagnostics, field->span,
                   "the fields \"%s\" and \"%s\" both refer to \"%s\": which relation is which is "
                   "not clear",
                   field->name, side->second->name, field->related->name);
    diag_hint(resolver->diagnostics, is_self && !name && side->count == 2
                                         ? "give both sides of the relation the same name: "
                                           "@relation(\"…\")"
                                         : "give each relation a name of its own, on both sides: "
                                           "@relation(\"…\")");
    return true;
}

static void find_opposite(struct resolver *resolver, const struct name_table *sides,
                          struct dm_field *field)
{
    struct relation_info *relation = relation_of(resolver, field);
    const struct relation_side *other =
        find_side(sides, field->related, field->model, relation->name);
    bool ambiguous = check_ambiguity(resolver, relation->side, field);
    relation->is_ambiguous |=
        ambiguous || (other && field->related != field->model && other->count > 1);
    if (!other)
        return;
    relation->opposite = other->first != field ? other->first : other->second;
}

// Which of two singular sides comes first where nothing else tells: the names do.
static bool comes_first(const struct dm_field *field, const struct dm_field *opposite)
{
    int order = strcmp(field->model->name, opposite->model->name);
    return order < 0 || (order == 0 && strcmp(field->name, opposite->name) <= 0);
}

// Whether this field is the one from which the relation is made: the one with the foreign key, or
// that of the first column of a many-to-many table. The other one is met on its own.
static bool holds_relation(const struct resolver *resolver, const struct dm_field *field)
{
    const struct relation_info *relation = relation_of(resolver, field);
    const struct dm_field *opposite = relation->opposite;
    if (!opposite)
        return true;
    bool list = field->arity == DM_LIST, opposite_list = opposite->arity == DM_LIST;
    if (list != opposite_list)
        return !list;
    if (list || field->arity == opposite->arity) {
        bool both_optional = !list && field->arity == DM_OPTIONAL;
        if (both_optional && relation->has_fields)
            return true;
        if (both_optional && relation_of(resolver, opposite)->has_fields)
            return false;
        return comes_first(field, opposite);
    }
    return field->arity == DM_REQUIRED;
}

static const char *relation_name(struct resolver *resolver, const struct dm_field *field)
{
    const char *a = field->model->name, *b = field->related->name;
    bool swap = strcmp(a, b) > 0;
    return arena_printf(resolver->arena, "%sTo%s", swap ? b : a, swap ? a : b);
}

static struct dm_relation *make_relation(struct resolver *resolver, struct dm_field *field)
{
    const struct relation_info *info = relation_of(resolver, field);
    struct dm_relation *relation = ARENA_NEW(resolver->arena, struct dm_relation);
    struct dm_field *opposite = info->opposite;
    bool list = field->arity == DM_LIST;
    *relation = (struct dm_relation){
        .kind = list && opposite                                  ? DM_MANY_TO_MANY
                : list || !opposite || opposite->arity == DM_LIST ? DM_ONE_TO_MANY
                                                                  : DM_ONE_TO_ONE,
        .has_given_name = info->name != NULL,
        .from = field,
        .to = opposite,
        .from_model = field->model,
        .to_model = field->related,
        .on_delete = info->on_delete,
        .on_update = info->on_update,
        .span = field->span,
    };
    relation->name = info->name ? info->name : relation_name(resolver, field);
    if (relation->kind != DM_MANY_TO_MANY && !info->is_broken &&
        info->field_count == info->reference_count) {
        relation->fields = info->fields;
        relation->references = info->references;
        relation->field_count = info->field_count;
        relation->map = info->map;
    }
    if (relation->field_count > 0 && provider_can(resolver->rules, CAN_NAME_FOREIGN_KEYS))
        relation->db_name =
            info->map ? info->map
                      : constraint_name_foreign_key(resolver->arena, resolver->rules, relation);
    return relation;
}

static void make_relations(struct resolver *resolver, size_t relation_fields)
{
    struct datamodel *datamodel = resolver->datamodel;
    datamodel->relations = ARENA_ARRAY(resolver->arena, struct dm_relation *, relation_fields);
    for (size_t i = 0; i < datamodel->model_count; i++) {
        struct dm_model *model = datamodel->models[i];
        size_t first = datamodel->relation_count;
        for (size_t j = 0; j < model->field_count; j++) {
            struct dm_field *field = &model->fields[j];
            const struct field_info *info = &resolver->models[i].fields[j];
            if (!info->relation || info->is_broken || !holds_relation(resolver, field))
                continue;
            struct dm_relation *relation = make_relation(resolver, field);
            field->relation = relation;
            if (relation->to)
                relation->to->relation = relation;
            datamodel->relations[datamodel->relation_count++] = relation;
        }
        resolver->models[i].outgoing = datamodel->relations + first;
        resolver->models[i].outgoing_count = datamodel->relation_count - first;
    }
}

void resolve_relations(struct resolver *resolver)
{
    struct datamodel *datamodel = resolver->datamodel;
    struct name_table sides = {0};
    size_t relation_fields = 0;
    for (size_t i = 0; i < datamodel->model_count; i++)
        for (size_t j = 0; j < datamodel->models[i]->field_count; j++) {
            struct dm_field *field = &datamodel->models[i]->fields[j];
            struct field_info *info = &resolver->models[i].fields[j];
            if (!info->relation || info->is_broken)
                continue;
            relation_fields++;
            resolver->source = field->span.source;
            if (info->relation->attribute)
                resolve_arguments(resolver, &resolver->models[i], field, info->relation);
            add_side(resolver, &sides, field);
        }
    for (size_t i = 0; i < datamodel->model_count; i++)
        for (size_t j = 0; j < datamodel->models[i]->field_count; j++) {
            const struct field_info *info = &resolver->models[i].fields[j];
            if (info->relation && !info->is_broken)
                find_opposite(resolver, &sides, &datamodel->models[i]->fields[j]);
        }
    name_table_release(&sides);
    make_relations(resolver, relation_fields);
}
