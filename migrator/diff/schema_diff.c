#include "migrator/diff/schema_diff.h"

#include "migrator/model/model.h"
#include "migrator/schema/schema.h"
#include "migrator/sql/render.h"

// Two models and the steps between them, released together.
struct comparison {
    struct model *from, *to;
    struct steps steps;
};

static void comparison_release(struct comparison *comparison)
{
    steps_release(&comparison->steps);
    model_free(comparison->from);
    model_free(comparison->to);
}

// NULL and diagnostics where the schema has mistakes.
static struct model *model_of(struct schema_texts texts, struct diag_list *diagnostics)
{
    struct schema *schema = schema_parse(texts.sources, texts.count, diagnostics);
    struct datamodel *datamodel = schema_resolve(schema, NULL, diagnostics);
    schema_free(schema);
    struct model *model = datamodel ? model_build(datamodel) : NULL;
    datamodel_free(datamodel);
    return model;
}

static int load(struct comparison *comparison, struct schema_texts from, struct schema_texts to,
                struct diag_list *diagnostics, struct err *err)
{
    if (from.count > 0)
        comparison->from = model_of(from, diagnostics);
    if (to.count > 0)
        comparison->to = model_of(to, diagnostics);
    if ((from.count > 0 && !comparison->from) || (to.count > 0 && !comparison->to))
        return err_set(err, ERR_INVALID, "the schema has mistakes");
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
    model_diff(comparison.from, comparison.to, &comparison.steps);
    if (is_empty_or_null)
        *is_empty_or_null = comparison.steps.items.len == 0;
    if (options.with_warnings)
        steps_render_warnings(&comparison.steps, out);
    steps_render(&comparison.steps, out);
    return 0;
}
