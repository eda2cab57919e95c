// Attributes of models: which are known, and those that are no index: @@map, @@schema, @@ignore.
#include <string.h>

#include "migrator/schema/arguments.h"

#define MODEL_ATTRIBUTES(X)       \
    X(MODEL_ID, "id")             \
    X(MODEL_UNIQUE, "unique")     \
    X(MODEL_INDEX, "index")       \
    X(MODEL_FULLTEXT, "fulltext") \
    X(MODEL_MAP, "map")           \
    X(MODEL_SCHEMA, "schema")     \
    X(MODEL_IGNORE, "ignore")     \
    X(MODEL_SHARD_KEY, "shardKey")
enum model_attribute {
#define X(id, name) id,
    MODEL_ATTRIBUTES(X)
#undef X
        MODEL_ATTRIBUTE_COUNT
};
static const char *const attribute_names[] = {
#define X(id, name) name,
    MODEL_ATTRIBUTES(X)
#undef X
};

static int find_attribute(const struct ast_name *name)
{
    for (int i = 0; i < MODEL_ATTRIBUTE_COUNT; i++)
        if (ast_name_is(name, attribute_names[i]))
            return i;
    return -1;
}

static void resolve_model_text(struct resolver *resolver, struct model_info *model,
                               const struct ast_attribute *attribute, bool is_map)
{
    struct arguments arguments;
    if (!arguments_begin(&arguments, resolver, attribute, 2))
        return;
    const struct ast_expression *value = arguments_need_first(&arguments, is_map ? "name" : "map");
    const char *text = value ? expression_string(resolver, value) : NULL;
    arguments_end(&arguments);
    if (!text)
        return;
    if (is_map) {
        model->model->db_name = text;
        model->map_span = span_of(resolver->source, attribute);
    } else {
        model->model->schema = text;
        model->schema_span = span_of(resolver->source, value);
    }
}

void resolve_shard_key(struct resolver *resolver, const struct ast_attribute *attribute)
{
    if (!resolver->has_shard_keys)
        diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
                   "shard keys are a preview feature that is not enabled");
    if (resolver->rules->provider != DM_MYSQL)
        diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
                   "%s has no shard keys", resolver->rules->label);
}

// What the indexes need to know first: the table's name; and whether attributes are known at all.
void resolve_model_attributes(struct resolver *resolver, struct model_info *model)
{
    unsigned seen = 0;
    for (size_t i = 0; i < model->ast->attribute_count; i++) {
        const struct ast_attribute *attribute = &model->ast->attributes[i];
        int which = find_attribute(&attribute->name);
        if (which < 0) {
            diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
                       "a %s has no attribute \"@@%.*s\"", dm_container(model->model),
                       (int)attribute->name.length, attribute->name.text);
            hint_word(resolver, attribute->name.text, attribute->name.length, attribute_names,
                      MODEL_ATTRIBUTE_COUNT);
            continue;
        }
        bool repeated = which == MODEL_UNIQUE || which == MODEL_INDEX || which == MODEL_FULLTEXT;
        if (!repeated && (seen & 1u << which)) {
            diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
                       "@@%s is given twice", attribute_names[which]);
            continue;
        }
        seen |= 1u << which;
        if (which == MODEL_MAP || which == MODEL_SCHEMA) {
            resolve_model_text(resolver, model, attribute, which == MODEL_MAP);
        } else if (which == MODEL_IGNORE) {
            struct arguments arguments;
            model->model->is_ignored = true;
            if (arguments_begin(&arguments, resolver, attribute, 2))
                arguments_end(&arguments);
        } else if (which == MODEL_SHARD_KEY) {
            resolve_shard_key(resolver, attribute);
        }
    }
}
