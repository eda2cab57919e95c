#include "migrator/schema/schema.h"

#include <string.h>

#include "migrator/schema/parser.h"
#include "migrator/schema/resolver.h"

struct schema {
    struct arena *arena;
    struct ast ast;
};

// Where the first sources come first, and in them the first lines. Stable.
static void sort_diagnostics(struct diag_list *list, size_t from)
{
    size_t count = list->items.len - from;
    if (count < 2)
        return;
    struct diag *items = list->items.items + from;
    AUTOFREE struct diag *spare = mem_alloc(count * sizeof *spare);
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width) {
            size_t middle = start + width < count ? start + width : count;
            size_t end = start + 2 * width < count ? start + 2 * width : count;
            size_t left = start, right = middle;
            for (size_t i = start; i < end; i++) {
                const struct span *a = &items[left].span, *b = &items[right].span;
                bool take_right =
                    left == middle ||
                    (right < end &&
                     (b->source < a->source || (b->source == a->source && b->start < a->start)));
                spare[i] = take_right ? items[right++] : items[left++];
            }
        }
        memcpy(items, spare, count * sizeof *items);
    }
}

struct schema *schema_parse(const struct source *sources, size_t count,
                            struct diag_list *diagnostics)
{
    struct schema *schema = mem_alloc(sizeof *schema);
    schema->arena = arena_new();
    struct ast_builder builder = {.arena = schema->arena, .diagnostics = diagnostics};
    for (size_t i = 0; i < count; i++)
        parse_source(&builder, &sources[i]);
    schema->ast = (struct ast){builder.blocks.items, builder.blocks.len};
    return schema;
}

void schema_free(struct schema *schema)
{
    if (!schema)
        return;
    arena_free(schema->arena);
    free(schema->ast.blocks);
    free(schema);
}

const struct ast *schema_ast(const struct schema *schema)
{
    return &schema->ast;
}

static void resolve_and_validate(struct resolver *resolver, const char *provider_or_null)
{
    int failed = resolve_config(resolver, provider_or_null);
    resolve_blocks(resolver);
    if (failed) // the provider's rules are not known
        return;
    resolve_fields(resolver);
    resolve_indexes(resolver);
    resolve_relations(resolver);
    validate_models(resolver);
    validate_indexes(resolver);
    validate_relations(resolver);
    validate_cascades(resolver);
    validate_names(resolver);
}

struct datamodel *schema_resolve(const struct schema *schema, const char *provider_or_null,
                                 struct diag_list *diagnostics)
{
    enum { HINTS = 200 };
    struct arena *arena = arena_new();
    struct datamodel *datamodel = ARENA_NEW(arena, struct datamodel);
    datamodel->arena = arena;
    struct resolver resolver = {.ast = &schema->ast,
                                .arena = arena,
                                .datamodel = datamodel,
                                .diagnostics = diagnostics,
                                .hints_left = HINTS};
    resolve_and_validate(&resolver, provider_or_null);
    name_table_release(&resolver.tops);
    name_table_release(&resolver.members);
    sort_diagnostics(diagnostics, 0);
    if (diagnostics->error_count == 0)
        return datamodel;
    arena_free(arena);
    return NULL;
}
