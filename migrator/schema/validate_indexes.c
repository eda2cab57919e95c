// Rules of keys and indexes, by provider.
#include <string.h>

#include "migrator/schema/native_types.h"
#include "migrator/schema/operator_classes.h"
#include "migrator/schema/resolver.h"

static const char *kind_name(const struct dm_index *index)
{
    switch (index->kind) {
    case DM_INDEX_PRIMARY: return "an id";
    case DM_INDEX_UNIQUE: return "a unique constraint";
    case DM_INDEX_FULLTEXT: return "a full-text index";
    default: return "an index";
    }
}

static void check_length(struct resolver *resolver, const struct dm_index *index,
                         const struct dm_index_field *part)
{
    const struct dm_field *field = part->field;
    if (part->length == 0)
        return;
    bool text = field->type_kind == DM_TYPE_UNSUPPORTED ||
                (field->type_kind == DM_TYPE_SCALAR &&
                 (field->scalar == DM_STRING || field->scalar == DM_BYTES));
    if (!provider_can(resolver->rules, CAN_INDEX_PREFIXES))
        diag_error(resolver->diagnostics, index->span, "%s has no lengths in %s",
                   resolver->rules->label, kind_name(index));
    else if (index->kind == DM_INDEX_FULLTEXT)
        diag_error(resolver->diagnostics, index->span, "a full-text index has no lengths");
    else if (!text)
        diag_error(resolver->diagnostics, index->span,
                   "a length stands with fields of type String or Bytes: \"%s\" is neither",
                   field->name);
}

static void check_sort(struct resolver *resolver, const struct dm_index *index,
                       const struct dm_index_field *part)
{
    if (part->sort == DM_SORT_ABSENT)
        return;
    if (index->kind == DM_INDEX_PRIMARY && !provider_can(resolver->rules, CAN_SORT_PRIMARY_KEYS))
        diag_error(resolver->diagnostics, index->span, "%s has no order in an id",
                   resolver->rules->label);
    else if (index->kind == DM_INDEX_FULLTEXT)
        diag_error(resolver->diagnostics, index->span, "a full-text index has no order");
    else if (index->type == DM_INDEX_HASH)
        diag_error(resolver->diagnostics, index->span, "a hash index has no order");
}

static void check_native_type(struct resolver *resolver, const struct dm_index *index,
                              const struct dm_index_field *part)
{
    const struct dm_native_type *native = part->field->native;
    if (!native || index->kind == DM_INDEX_FULLTEXT ||
        !native_type_refuses_index(resolver->rules, native, part->length > 0))
        return;
    diag_error(resolver->diagnostics, index->span, "%s has no type %s in %s",
               resolver->rules->label, native->name, kind_name(index));
    if (provider_can(resolver->rules, CAN_INDEX_PREFIXES))
        diag_hint(resolver->diagnostics, "index its beginning: %s(length: 100)", part->field->name);
}

static bool is_clustered(const struct dm_index *index)
{
    return index->clustering == DM_CLUSTERED ||
           (index->kind == DM_INDEX_PRIMARY && index->clustering != DM_NONCLUSTERED);
}

static void check_clustering(struct resolver *resolver, const struct dm_model *model)
{
    const struct dm_index *first = NULL;
    for (size_t i = 0; i <= model->index_count; i++) {
        const struct dm_index *index = i == 0 ? model->primary_key : model->indexes[i - 1];
        if (!index)
            continue;
        if (!provider_can(resolver->rules, CAN_CLUSTER)) {
            if (index->clustering != DM_CLUSTERED_ABSENT)
                diag_error(resolver->diagnostics, index->span, "%s has no clustered indexes",
                           resolver->rules->label);
            continue;
        }
        if (!is_clustered(index))
            continue;
        if (first) {
            diag_error(resolver->diagnostics, index->span,
                       "a table has one clustered index, and there is another");
            if (first->kind == DM_INDEX_PRIMARY)
                diag_hint(resolver->diagnostics,
                          "the id is clustered unless it says clustered: false");
        } else {
            first = index;
        }
    }
}

static void check_index(struct resolver *resolver, const struct dm_index *index)
{
    size_t before = resolver->diagnostics->error_count;
    bool has_class = false;
    for (size_t i = 0; i < index->field_count; i++) {
        check_length(resolver, index, &index->fields[i]);
        check_sort(resolver, index, &index->fields[i]);
        check_native_type(resolver, index, &index->fields[i]);
        has_class |= index->fields[i].operator_class != NULL;
    }
    if (index->map && strlen(index->map) > resolver->rules->name_limit)
        diag_error(resolver->diagnostics, index->span,
                   "the name is longer than %s's limit of %zu bytes", resolver->rules->label,
                   resolver->rules->name_limit);
    if (index->kind == DM_INDEX_PRIMARY && index->map &&
        !provider_can(resolver->rules, CAN_NAME_PRIMARY_KEYS))
        diag_error(resolver->diagnostics, index->span, "%s has no names for primary keys",
                   resolver->rules->label);
    if (index->kind == DM_INDEX_FULLTEXT && !provider_can(resolver->rules, CAN_FULLTEXT))
        diag_error(resolver->diagnostics, index->span, "%s has no full-text indexes",
                   resolver->rules->label);
    if (has_class && index->kind != DM_INDEX_NORMAL)
        diag_error(resolver->diagnostics, index->span, "operator classes stand in an @@index only");
    if (resolver->diagnostics->error_count == before && resolver->rules->provider == DM_POSTGRESQL)
        validate_operator_classes(resolver, index);
}

void validate_indexes(struct resolver *resolver)
{
    for (size_t i = 0; i < resolver->datamodel->model_count; i++) {
        const struct dm_model *model = resolver->datamodel->models[i];
        if (model->primary_key)
            check_index(resolver, model->primary_key);
        for (size_t j = 0; j < model->index_count; j++)
            check_index(resolver, model->indexes[j]);
        check_clustering(resolver, model);
    }
}
