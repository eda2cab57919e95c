#include "migrator/introspect/schema_update.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "migrator/diff/steps.h"
#include "migrator/introspect/schema_merge.h"
#include "migrator/introspect/schema_text.h"

// The sources and what is added to them.
struct texts {
    struct strbuf *outs;
    size_t count;
    struct strbuf *added;
};

static void lay_out(struct strbuf *text)
{
    AUTO_STRBUF rough = STRBUF_INIT;
    strbuf_add(&rough, text->data, text->len);
    while (rough.len > 1 && rough.data[rough.len - 1] == '\n' && rough.data[rough.len - 2] == '\n')
        rough.data[--rough.len] = '\0';
    const struct source source = {"schema.prisma", rough.data, rough.len};
    strbuf_clear(text);
    schema_format(&source, text);
}

// The model of a schema's texts; NULL: they have mistakes.
static struct model *model_of(const struct source *sources, size_t count, const char *provider)
{
    struct diag_list ignored = {0};
    struct schema *schema = schema_parse(sources, count, &ignored);
    struct datamodel *datamodel = schema_resolve(schema, provider, &ignored);
    struct model *model = datamodel ? model_build(datamodel) : NULL;
    datamodel_free(datamodel);
    schema_free(schema);
    diag_list_release(&ignored);
    return model;
}

static bool same_models(const struct model *from, const struct model *to)
{
    struct steps steps = {0};
    model_diff(from, to, &steps);
    const bool is_same = steps.items.len == 0;
    steps_release(&steps);
    return is_same;
}

static bool keeps_enums(const struct schema_update *update)
{
    return update->live->dialect->provider == DM_SQLITE;
}

// What the database is in words of the schema language, without any of the user's text but for the
// blocks that a database knows nothing of. NULL: such a schema has mistakes.
static struct model *plain_model(const struct schema_update *update, const char *live)
{
    AUTO_STRBUF text = STRBUF_INIT;
    const struct ast *ast = schema_ast(update->schema);
    for (size_t i = 0; i < ast->block_count; i++) {
        const struct ast_block *block = &ast->blocks[i];
        if (block->kind == AST_MODEL || (block->kind == AST_ENUM && !keeps_enums(update)))
            continue;
        strbuf_add(&text, block->source->text + block->span.start,
                   block->span.end - block->span.start);
        strbuf_adds(&text, "\n\n");
    }
    strbuf_adds(&text, live);
    const struct source source = {"", text.data, text.len};
    return model_of(&source, 1, dm_provider_name(update->known->provider));
}

static void clear(const struct texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        strbuf_clear(&texts->outs[i]);
    strbuf_clear(texts->added);
}

static bool says(const struct schema_update *update, const struct texts *texts,
                 const struct model *wanted)
{
    struct source *sources = mem_alloc((texts->count + 1) * sizeof *sources);
    for (size_t i = 0; i < texts->count; i++)
        sources[i] =
            (struct source){update->sources[i].path, texts->outs[i].data, texts->outs[i].len};
    sources[texts->count] = (struct source){"", texts->added->data, texts->added->len};
    struct model *model =
        model_of(sources, texts->count + 1, dm_provider_name(update->known->provider));
    const bool is_same = model && same_models(wanted, model);
    model_free(model);
    free(sources);
    return is_same;
}

// The least change of the user's text that says what is wanted.
static bool merge(const struct schema_update *update, const struct model *base, const char *live,
                  const struct model *wanted, const struct texts *texts)
{
    AUTO_STRBUF base_text = STRBUF_INIT;
    schema_text_write(base, update->known, &base_text);
    const struct merge merge = {
        .sources = update->sources,
        .source_count = update->source_count,
        .schema = update->schema,
        .base = base_text.data,
        .live = live,
        .keeps_enums = keeps_enums(update),
    };
    for (int depth = MERGE_LINES; depth <= MERGE_ALL_BLOCKS; depth++) {
        clear(texts);
        schema_merge(&merge, (enum merge_depth)depth, texts->outs, texts->added);
        if (says(update, texts, wanted))
            return true;
    }
    return false;
}

static void finish(const struct schema_update *update, const struct texts *texts, bool is_one_file)
{
    if (is_one_file && texts->added->len > 0)
        strbuf_addf(&texts->outs[0], "\n%s", texts->added->data);
    else if (texts->added->len > 0)
        lay_out(texts->added);
    for (size_t i = 0; i < texts->count; i++) {
        const struct source *source = &update->sources[i];
        if (texts->outs[i].len != source->length ||
            memcmp(texts->outs[i].data, source->text, source->length) != 0)
            lay_out(&texts->outs[i]);
    }
}

int schema_update(const struct schema_update *update, struct strbuf *outs, struct strbuf *added,
                  struct err *err)
{
    AUTO_STRBUF live = STRBUF_INIT, own = STRBUF_INIT;
    const struct texts texts = {outs, update->source_count, added ? added : &own};
    struct model *base = model_build(update->known);
    schema_text_write(update->live, update->known, &live);
    struct model *plain = plain_model(update, live.data);
    const struct model *wanted = plain ? plain : update->live;
    bool is_done = same_models(wanted, base);
    for (size_t i = 0; is_done && i < texts.count; i++)
        strbuf_add(&outs[i], update->sources[i].text, update->sources[i].length);
    is_done = is_done || merge(update, base, live.data, wanted, &texts);
    model_free(plain);
    model_free(base);
    if (!is_done) {
        err_set(err, ERR_FAILED, "what the database is cannot be said beside what the schema says");
        return err_hint(err, "write it to a new file: --schema FILE");
    }
    finish(update, &texts, !added);
    return 0;
}

void schema_begin(const struct model *live, struct strbuf *out)
{
    strbuf_addf(out, "datasource db {\n  provider = \"%s\"\n}\n\n",
                dm_provider_name(live->dialect->provider));
    schema_text_write(live, NULL, out);
    lay_out(out);
}
