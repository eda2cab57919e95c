// Names that must be the only ones: of tables and enums, of constraints (each provider has its own
// idea of where), and the client's names of keys.
#include <string.h>

#include "migrator/schema/resolver.h"

struct names {
    struct resolver *resolver;
    struct name_table schemas; // name -> its first mention: one pointer per schema
    struct name_table scopes[SCOPE_COUNT];
};

enum constraint_kind {
    CONSTRAINT_KEY,
    CONSTRAINT_INDEX,
    CONSTRAINT_FOREIGN_KEY,
    CONSTRAINT_DEFAULT,
};

static const void *schema_scope(struct names *names, const char *schema)
{
    if (!schema)
        return names;
    void *former = name_table_put(&names->schemas, NULL, schema, strlen(schema), (void *)schema);
    return former ? former : schema;
}

// The scopes a constraint is part of, as bits.
static unsigned scopes_of(enum constraint_kind kind)
{
    static const unsigned scopes[] = {
        [CONSTRAINT_KEY] = 1u << SCOPE_KEYS_AND_INDEXES | 1u << SCOPE_CONSTRAINTS |
                           1u << SCOPE_MODEL_KEYS | 1u << SCOPE_MODEL_ALL,
        [CONSTRAINT_INDEX] = 1u << SCOPE_KEYS_AND_INDEXES | 1u << SCOPE_INDEXES |
                             1u << SCOPE_MODEL_INDEXES | 1u << SCOPE_MODEL_KEYS |
                             1u << SCOPE_MODEL_ALL,
        [CONSTRAINT_FOREIGN_KEY] =
            1u << SCOPE_FOREIGN_KEYS | 1u << SCOPE_CONSTRAINTS | 1u << SCOPE_MODEL_ALL,
        [CONSTRAINT_DEFAULT] = 1u << SCOPE_CONSTRAINTS,
    };
    return scopes[kind];
}

static void report(struct names *names, const char *name, const struct span *span,
                   const struct span *former)
{
    struct position place = source_position(former->source, former->start);
    diag_error(names->resolver->diagnostics, *span,
               "the name \"%s\" is taken by another constraint, at %s:%zu", name,
               former->source->path, place.line);
    diag_hint(names->resolver->diagnostics, "give one of them a name of its own with map: \"…\"");
}

// Of a constraint that stands in the tables of names, its place is enough.
static void add_constraint(struct names *names, enum constraint_kind kind, const char *name,
                           const struct dm_model *model, const struct span *span)
{
    if (!name)
        return;
    size_t length = strlen(name);
    unsigned scopes = names->resolver->rules->scopes & scopes_of(kind);
    bool reported = false;
    for (int scope = 0; scope < SCOPE_COUNT; scope++) {
        if (!(scopes & 1u << scope))
            continue;
        const void *where =
            scope >= SCOPE_MODEL_INDEXES ? (const void *)model : schema_scope(names, model->schema);
        const struct span *former =
            name_table_put(&names->scopes[scope], where, name, length, (void *)span);
        if (former && !reported)
            report(names, name, span, former);
        reported |= former != NULL;
    }
}

static void add_model_constraints(struct names *names, const struct dm_model *model)
{
    if (model->primary_key)
        add_constraint(names, CONSTRAINT_KEY, model->primary_key->db_name, model,
                       &model->primary_key->span);
    for (size_t i = 0; i < model->index_count; i++)
        add_constraint(names, CONSTRAINT_INDEX, model->indexes[i]->db_name, model,
                       &model->indexes[i]->span);
    for (size_t i = 0; i < model->field_count; i++)
        add_constraint(names, CONSTRAINT_DEFAULT, model->fields[i].default_value.db_name, model,
                       &model->fields[i].span);
}

static void check_default_lengths(struct names *names, const struct dm_model *model)
{
    const struct provider_rules *rules = names->resolver->rules;
    for (size_t i = 0; i < model->field_count; i++) {
        const struct dm_default *value = &model->fields[i].default_value;
        if (value->map && strlen(value->map) > rules->name_limit)
            diag_error(names->resolver->diagnostics, model->fields[i].span,
                       "the name is longer than %s's limit of %zu bytes", rules->label,
                       rules->name_limit);
    }
}

static size_t count_characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static void warn_of_length(const struct names *names, const char *name, const char *what,
                           struct span span)
{
    const struct provider_rules *rules = names->resolver->rules;
    if (count_characters(name) > rules->name_limit)
        diag_warning(names->resolver->diagnostics, span,
                     "%s will not take the name of this %s: it is longer than %zu characters",
                     rules->label, what, rules->name_limit);
}

// The format takes longer names of tables and columns than these servers do; Postgres cuts them.
static void check_lengths(const struct names *names, const struct dm_model *model)
{
    const struct span map = names->resolver->models[model->index].map_span;
    const enum dm_provider provider = names->resolver->rules->provider;
    if (provider != DM_MYSQL && provider != DM_SQLSERVER)
        return;
    warn_of_length(names, model->db_name, "table", map.source ? map : model->name_span);
    for (size_t i = 0; i < model->field_count; i++)
        if (model->fields[i].type_kind != DM_TYPE_RELATION)
            warn_of_length(names, model->fields[i].db_name, "column", model->fields[i].span);
}

// The client reaches a key of several fields by name:, or by its fields' names joined.
static void check_client_names(struct names *names, const struct dm_model *model)
{
    struct diag_list *list = names->resolver->diagnostics;
    const struct model_info *info = &names->resolver->models[model->index];
    struct name_table taken = {0};
    for (size_t i = 0; i <= model->index_count; i++) {
        const struct dm_index *index = i == 0 ? model->primary_key : model->indexes[i - 1];
        if (!index || (index->kind != DM_INDEX_PRIMARY && index->kind != DM_INDEX_UNIQUE))
            continue;
        const char *name = index->client_name;
        if (name && name_table_put(&taken, NULL, name, strlen(name), (void *)index))
            diag_error(list, index->span, "another key has the name \"%s\"", name);
        if (name && resolver_find_field(names->resolver, info, name, strlen(name)))
            diag_error(list, index->span, "the name \"%s\" is that of a field", name);
        if (index->field_count < 2)
            continue;
        AUTO_STRBUF joined = STRBUF_INIT;
        for (size_t j = 0; j < index->field_count; j++) {
            if (j > 0)
                strbuf_addch(&joined, '_');
            strbuf_adds(&joined, index->fields[j].field->name);
        }
        const struct dm_field *field =
            resolver_find_field(names->resolver, info, joined.data, joined.len);
        if (field && field->type_kind != DM_TYPE_RELATION)
            diag_error(list, index->span,
                       "the field \"%s\" has the name that the client gives to this key",
                       field->name);
    }
    name_table_release(&taken);
}

static void check_tables(struct names *names)
{
    const struct datamodel *datamodel = names->resolver->datamodel;
    struct name_table tables = {0}, enums = {0};
    for (size_t i = 0; i < datamodel->model_count; i++) {
        struct dm_model *model = datamodel->models[i];
        const struct dm_model *former =
            name_table_put(&tables, schema_scope(names, model->schema), model->db_name,
                           strlen(model->db_name), model);
        struct span map = names->resolver->models[i].map_span;
        if (former)
            diag_error(names->resolver->diagnostics, map.source ? map : model->name_span,
                       "the table \"%s\" is that of the %s \"%s\"", model->db_name,
                       dm_container(former), former->name);
    }
    for (size_t i = 0; i < datamodel->enum_count; i++) {
        struct dm_enum *enumeration = datamodel->enums[i];
        const struct dm_enum *former =
            name_table_put(&enums, schema_scope(names, enumeration->schema), enumeration->db_name,
                           strlen(enumeration->db_name), enumeration);
        if (former)
            diag_error(names->resolver->diagnostics, enumeration->name_span,
                       "the enum \"%s\" has the same name \"%s\" in the database", former->name,
                       enumeration->db_name);
    }
    name_table_release(&tables);
    name_table_release(&enums);
}

void validate_names(struct resolver *resolver)
{
    const struct datamodel *datamodel = resolver->datamodel;
    struct names names = {.resolver = resolver};
    check_tables(&names);
    for (size_t i = 0; i < datamodel->model_count; i++) {
        add_model_constraints(&names, datamodel->models[i]);
        check_client_names(&names, datamodel->models[i]);
        check_default_lengths(&names, datamodel->models[i]);
        check_lengths(&names, datamodel->models[i]);
    }
    for (size_t i = 0; i < datamodel->relation_count; i++) {
        const struct dm_relation *relation = datamodel->relations[i];
        add_constraint(&names, CONSTRAINT_FOREIGN_KEY, relation->db_name, relation->from_model,
                       &relation->span);
    }
    name_table_release(&names.schemas);
    for (int scope = 0; scope < SCOPE_COUNT; scope++)
        name_table_release(&names.scopes[scope]);
}
