#pragma once
// What the steps of schema_resolve share. Private to the schema room's resolve_*.c and
// validate_*.c.
//
// The steps: the datasource and generators (resolve_config.c); names of blocks and fields
// (resolve_blocks.c); types and attributes of fields (resolve_fields.c, resolve_defaults.c); keys
// and indexes (resolve_indexes.c); relations (resolve_relations.c); then the rules that need the
// whole (validate_*.c). Every step goes on after mistakes; what is broken is marked, and rules stay
// silent where their ground is broken, so that one mistake is reported once.

#include "migrator/schema/datamodel.h"
#include "migrator/schema/name_table.h"
#include "migrator/schema/place.h"
#include "migrator/schema/provider.h"
#include "migrator/schema/schema.h"

// @relation as written.
struct relation_info {
    const struct ast_attribute *attribute; // NULL: the field has none
    const char *name;                      // NULL: none given
    struct dm_field **fields, **references;
    size_t field_count, reference_count;
    bool has_fields, has_references;
    bool is_broken; // an argument could not be resolved
    enum dm_action on_delete, on_update;
    const struct ast_expression *on_delete_at, *on_update_at, *map_at; // NULL: absent
    const char *map;
    struct relation_side *side; // resolve_relations.c's own
    struct dm_field *opposite;  // NULL: none
    bool is_ambiguous;          // reported already
};

struct field_info {
    bool is_broken; // its type is not known, or it is declared twice
    bool autoincrements;
    uint32_t stamp;                 // of the list that named it last: finds doubles in one pass
    struct relation_info *relation; // of a relation field
};

struct model_info {
    const struct ast_block *ast; // its fields are as model->fields
    struct dm_model *model;
    struct field_info *fields;     // as model->fields
    bool is_incomplete;            // lines of it were not understood
    bool key_is_broken;            // its id or a unique constraint could not be resolved
    struct span map_span;          // of @@map; source NULL: none
    struct span schema_span;       // of @@schema's name
    struct dm_relation **outgoing; // relations whose foreign key it holds
    size_t outgoing_count;
};

// What a name outside of blocks means.
struct top_info {
    const struct ast_block *ast;
    struct dm_model *model;      // model, view
    struct dm_enum *enumeration; // enum; both NULL: a composite type
};

struct enum_info {
    const struct ast_block *ast;
    struct span schema_span;
};

struct resolver {
    const struct ast *ast;
    const struct source *source; // of the block that is being resolved: the tree's places are in it
    struct arena *arena;         // the datamodel's
    struct datamodel *datamodel;
    struct diag_list *diagnostics;
    const struct provider_rules *rules;
    const char *datasource_name;                                         // NULL: none
    bool has_views, has_extensions, has_partial_indexes, has_shard_keys; // preview features
    struct span postgresql_feature_span; // of a feature for PostgreSQL only
    bool schemas_listed;                 // the datasource has `schemas`
    struct span schemas_span, extensions_span;
    struct name_table tops; // struct top_info
    // struct dm_enum_value by its enum, struct dm_field by its model_info where there are many
    struct name_table members;
    size_t hints_left;          // looking for near names is slow: the first mistakes get them
    struct top_info *top_infos; // as ast->blocks
    struct model_info *models;  // as datamodel->models
    struct enum_info *enums;    // as datamodel->enums
    uint32_t stamp;             // of the last list
};

// The steps, in order.
int resolve_config(struct resolver *resolver, const char *provider_or_null);
void resolve_blocks(struct resolver *resolver);
void resolve_fields(struct resolver *resolver);
void resolve_indexes(struct resolver *resolver);
void resolve_relations(struct resolver *resolver);
void validate_models(struct resolver *resolver);
void validate_indexes(struct resolver *resolver);
void validate_relations(struct resolver *resolver);
void validate_cascades(struct resolver *resolver);
void validate_names(struct resolver *resolver);

// Parts that more than one step uses.
void resolve_model_attributes(struct resolver *resolver, struct model_info *model);
void resolve_default(struct resolver *resolver, const struct ast_attribute *attribute,
                     struct dm_field *field, struct field_info *info);
void resolve_native_type(struct resolver *resolver, const struct ast_attribute *attribute,
                         struct dm_field *field);
// @shardKey, @@shardKey: whether they may stand at all.
void resolve_shard_key(struct resolver *resolver, const struct ast_attribute *attribute);
void validate_operator_classes(struct resolver *resolver, const struct dm_index *index);

static inline struct field_info *field_info_of(const struct resolver *resolver,
                                               const struct dm_field *field)
{
    return &resolver->models[field->model->index].fields[field->index];
}

static inline const char *dm_container(const struct dm_model *model)
{
    return model->is_view ? "view" : "model";
}

// A list of fields of a model: [a, b]. Reports what is no field, is a relation or is named twice,
// with `what` as the list's owner ("@@index"). Returns false where the list is not usable.
bool resolve_field_list(struct resolver *resolver, const struct model_info *model,
                        const struct ast_expression *expression, const char *what,
                        struct dm_field ***out, size_t *count);
// One name of such a list; NULL: reported.
struct dm_field *resolve_listed_field(struct resolver *resolver, const struct model_info *model,
                                      const struct ast_name *name, const char *what);

char *resolver_text(struct resolver *resolver, const char *text, size_t length);
// The field of that name, NULL: none.
struct dm_field *resolver_find_field(const struct resolver *resolver, const struct model_info *info,
                                     const char *name, size_t length);
// Adds "did you mean" to the diagnostic added last when a field of the model is near.
void hint_field(struct resolver *resolver, const struct model_info *model, const char *name,
                size_t length);
// The same for a list of words.
void hint_word(struct resolver *resolver, const char *name, size_t length,
               const char *const *candidates, size_t count);
