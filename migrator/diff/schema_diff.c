#include "migrator/diff/schema_diff.h"

#include "migrator/model/model.h"
#include "migrator/schema/schema.h"
#include "migrator/sql/render.h"

int schema_load(struct schema_texts texts, struct datamodel **out, struct diag_list *diagnostics,
                struct err *err)
{
    struct schema *schema = schema_parse(texts.sources, texts.count, diagnostics);
    struct datamodel *datamodel = schema_resolve(schema, NULL, diagnostics);
    schema_free(schema);
    if (!datamodel)
        return err_set(err, ERR_INVALID, "the schema has mistakes");
    *out = datamodel;
    return 0;
}

void model_diff_script(const struct model *from, const struct model *to,
                       struct schema_diff_options options, struct strbuf *out,
                       bool *is_empty_or_null)
{
    struct steps steps = {0};
    model_diff(from, to, &steps);
    if (is_empty_or_null)
        *is_empty_or_null = steps.items.len == 0;
    if (options.with_warnings)
        steps_render_warnings(&steps, out);
    steps_render(&steps, out);
    steps_release(&steps);
}

struct comparison {
    struct model *from, *to;
};

static void comparison_release(struct comparison *comparison)
{
    model_free(comparison->from);
    model_free(comparison->to);
}

// NULL: there is no schema. Both sides are read, so that the mistakes of both are told.
static int load_side(struct schema_texts texts, struct model **out, struct diag_list *diagnostics,
                     struct err *err)
{
    struct datamodel *datamodel = NULL;
    if (texts.count == 0)
        return 0;
    if (schema_load(texts, &datamodel, diagnostics, err))
        return -1;
    *out = model_build(datamodel);
    datamodel_free(datamodel);
    return 0;
}

static int load(struct comparison *comparison, struct schema_texts from, struct schema_texts to,
                struct diag_list *diagnostics, struct err *err)
{
    int failed = load_side(from, &comparison->from, diagnostics, err);
    failed |= load_side(to, &comparison->to, diagnostics, err);
    if (failed)
        return -1;
    if (!comparison->from)
        comparison->from =
            model_new(comparison->to ? comparison->to->dialect->provider : DM_POSTGRESQL);
    if (!comparison->to) {
        comparison->to = model_new(comparison->from->dialect->provider);
        comparison->to->is_empty_source = true;
    }
    if (comparison->from->dialect != comparison->to->dialect)
        return err_set(err, ERR_INVALID, "the two schemas are of different providers: %s and %s",
                       dm_provider_name(comparison->from->dialect->provider),
                       dm_provider_name(comparison->to->dialect->provider));
    return 0;
}

int schema_diff_script(struct schema_texts from, struct schema_texts to,
                       struct schema_diff_options options, struct strbuf *out,
                       bool *is_empty_or_null, struct diag_list *diagnostics, struct err *err)
{
    __attribute__((cleanup(comparison_release))) struct comparison comparison = {0};
    if (load(&comparison, from, to, diagnostics, err) < 0)
        return -1;
    model_diff_script(comparison.from, comparison.to, options, out, is_empty_or_null);
    return 0;
}
