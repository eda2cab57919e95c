// Two schemas, of the provider that the first byte chooses, with a byte 0x01 between them: what
// both are as a model, the migrations from nothing, between them in both directions, and to
// nothing. A model differs from itself in nothing, and the text that describes it is a schema.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "migrator/diff/schema_diff.h"
#include "migrator/introspect/schema_text.h"
#include "migrator/schema/schema.h"
#include "migrator/sql/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

// NULL: it has mistakes.
static struct model *read_model(const struct source *source, const char *provider)
{
    struct diag_list diagnostics = {0};
    struct schema *schema = schema_parse(source, 1, &diagnostics);
    struct datamodel *datamodel = schema_resolve(schema, provider, &diagnostics);
    struct model *model = datamodel ? model_build(datamodel) : NULL;
    schema_free(schema);
    datamodel_free(datamodel);
    diag_list_release(&diagnostics);
    return model;
}

static void check_step(const struct model *from, const struct model *to)
{
    AUTO_STRBUF script = STRBUF_INIT, again = STRBUF_INIT;
    const struct schema_diff_options options = {.with_warnings = true};
    model_diff_script(from, to, options, &script, NULL);
    model_diff_script(from, to, options, &again, NULL);
    if (script.len == 0 || strcmp(script.data, again.data) != 0)
        abort();
}

static void check_model(const struct model *model)
{
    struct steps steps = {0};
    model_diff(model, model, &steps);
    if (steps.items.len > 0)
        abort();
    steps_release(&steps);
}

// What a database pulled would be written as.
static void check_text(const struct model *model)
{
    AUTO_STRBUF text = STRBUF_INIT;
    if (model->dialect->provider != DM_POSTGRESQL && model->dialect->provider != DM_SQLITE)
        return;
    schema_text_write(model, NULL, &text);
    const struct source source = {"pulled.prisma", text.data, text.len};
    AUTO_STRBUF laid_out = STRBUF_INIT;
    schema_format(&source, &laid_out);
    struct diag_list diagnostics = {0};
    schema_free(schema_parse(&source, 1, &diagnostics));
    if (diagnostics.error_count > 0)
        abort();
    diag_list_release(&diagnostics);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char *const providers[] = {"postgresql", "mysql", "sqlite", "sqlserver"};
    if (length == 0)
        return 0;
    const char *text = (const char *)bytes + 1, *end = (const char *)bytes + length;
    const char *mark = memchr(text, 1, length - 1);
    const struct source left = {"a.prisma", text, (size_t)((mark ? mark : end) - text)};
    const struct source right = {"b.prisma", mark ? mark + 1 : end,
                                 (size_t)(end - (mark ? mark + 1 : end))};
    const char *provider = providers[bytes[0] % 4];
    struct model *from = read_model(&left, provider);
    struct model *to = from ? read_model(&right, provider) : NULL;
    if (to && from->dialect->provider == to->dialect->provider) {
        struct model *nothing = model_new(from->dialect->provider);
        check_step(nothing, from);
        check_step(from, to);
        check_step(to, from);
        check_step(to, nothing);
        check_model(from);
        check_model(to);
        check_text(from);
        model_free(nothing);
    }
    model_free(from);
    model_free(to);
    return 0;
}
