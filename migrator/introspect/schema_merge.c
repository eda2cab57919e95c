#include "migrator/introspect/schema_merge.h"

#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "migrator/introspect/text_edits.h"
#include "migrator/schema/place.h"

// A field, a value or an attribute of a block.
struct member {
    const char *key; // what it is the same by
    const char *type;
    struct span span;
    bool is_attribute;
};
typedef VEC_OF(struct member) member_list;

// A text that was written, read again.
struct written {
    struct source source;
    struct schema *schema;
    struct map *blocks; // by name
};

struct merger {
    const struct merge *merge;
    enum merge_depth depth;
    struct arena *arena;
    struct written base, live;
    struct map *gone; // names of blocks that the database has no more
    struct text_edits *edits;
};

static const char *text_at(const struct span *span)
{
    return span->source->text + span->start;
}

static bool same_text(const struct span *left, const struct span *right)
{
    const size_t length = left->end - left->start;
    return length == right->end - right->start &&
           memcmp(text_at(left), text_at(right), length) == 0;
}

static const char *name_of(struct arena *arena, const struct ast_name *name)
{
    return arena_strndup(arena, name->text, name->length);
}

static bool is_data(const struct ast_block *block)
{
    return block->kind == AST_MODEL || block->kind == AST_ENUM;
}

static void written_read(struct written *written, struct arena *arena, const char *text)
{
    struct diag_list ignored = {0};
    written->source = (struct source){"", text, strlen(text)};
    written->schema = schema_parse(&written->source, 1, &ignored);
    written->blocks = map_new();
    const struct ast *ast = schema_ast(written->schema);
    for (size_t i = 0; i < ast->block_count; i++)
        map_put(written->blocks, name_of(arena, &ast->blocks[i].name), &ast->blocks[i]);
    diag_list_release(&ignored);
}

static void written_release(struct written *written)
{
    schema_free(written->schema);
    map_free(written->blocks);
}

// "@@index(a, b)": attributes are the same by their fields, whatever else they say.
static const char *attribute_key(struct arena *arena, const struct ast_attribute *attribute)
{
    AUTO_STRBUF key = STRBUF_INIT;
    strbuf_addf(&key, "@@%.*s", (int)attribute->name.length, attribute->name.text);
    for (size_t a = 0; a < attribute->argument_count; a++) {
        const struct ast_argument *argument = &attribute->arguments[a];
        const bool is_fields = argument->name.length == 0 || ast_name_is(&argument->name, "fields");
        if (!is_fields || argument->value.kind != AST_ARRAY)
            continue;
        for (size_t i = 0; i < argument->value.item_count; i++)
            strbuf_addf(&key, " %.*s", (int)argument->value.items[i].length,
                        argument->value.items[i].text);
    }
    return arena_strndup(arena, key.data, key.len);
}

static void add_attributes(struct arena *arena, const struct ast_block *block, member_list *out)
{
    struct map *seen = map_new();
    for (size_t i = 0; i < block->attribute_count; i++) {
        const struct ast_attribute *attribute = &block->attributes[i];
        const char *key = attribute_key(arena, attribute);
        while (map_has(seen, key)) // another one of the same fields
            key = arena_printf(arena, "%s again", key);
        map_put(seen, key, seen);
        vec_push(out, (struct member){.key = key,
                                      .span = span_of_attribute(block->source, attribute),
                                      .is_attribute = true});
    }
    map_free(seen);
}

static void members_of(struct arena *arena, const struct ast_block *block, member_list *out)
{
    for (size_t i = 0; i < block->field_count; i++) {
        const struct ast_field *field = &block->fields[i];
        vec_push(out, (struct member){.key = name_of(arena, &field->name),
                                      .type = name_of(arena, &field->type),
                                      .span = span_of_field(block->source, field)});
    }
    for (size_t i = 0; i < block->value_count; i++)
        vec_push(out, (struct member){.key = name_of(arena, &block->values[i].name),
                                      .span = span_of_value(block->source, &block->values[i])});
    add_attributes(arena, block, out);
}

static const struct member *find_member(const member_list *members, const char *key)
{
    vec_each (member, members) {
        if (strcmp(member->key, key) == 0)
            return member;
    }
    return NULL;
}

static size_t line_begin(const struct source *source, size_t at)
{
    while (at > 0 && source->text[at - 1] != '\n')
        at--;
    return at;
}

static size_t line_end(const struct source *source, size_t at)
{
    while (at < source->length && source->text[at] != '\n')
        at++;
    return at < source->length ? at + 1 : at;
}

// Where the documentation above a line begins: it is of what follows, and goes with it.
static size_t documentation_begin(const struct source *source, size_t begin)
{
    while (begin > 0) {
        const size_t above = line_begin(source, begin - 1);
        const char *text = source->text + above;
        if (strncmp(text + strspn(text, " \t"), "///", 3) != 0)
            break;
        begin = above;
    }
    return begin;
}

static void replace(struct merger *merger, const struct span *old, const struct span *new)
{
    text_edits_add(merger->edits, old->start, old->end, text_at(new), new->end - new->start);
}

static void remove_lines(struct merger *merger, const struct span *span)
{
    const size_t begin = line_begin(span->source, span->start);
    text_edits_add(merger->edits, documentation_begin(span->source, begin),
                   line_end(span->source, span->end), "", 0);
}

static void merge_member(struct merger *merger, const struct member *member,
                         const struct member *base, const struct member *live)
{
    const bool is_news = base && live ? !same_text(&base->span, &live->span) : live != NULL;
    const bool leads_nowhere = member->type && map_has(merger->gone, member->type);
    if (is_news)
        replace(merger, &member->span, &live->span);
    else if (!live && (base || leads_nowhere))
        remove_lines(merger, &member->span);
}

// What only the database has, each behind what it follows there.
static void add_new_members(struct merger *merger, const struct ast_block *block,
                            const member_list *ours, const member_list *live)
{
    const struct source *source = block->source;
    const size_t end = line_begin(source, block->span.end - 1);
    size_t behind = line_end(source, block->header.end);
    vec_each (member, live) {
        const struct member *known = find_member(ours, member->key);
        if (known) {
            behind = line_end(source, known->span.end);
            continue;
        }
        const size_t place = member->is_attribute ? end : behind;
        const char *line =
            arena_printf(merger->arena, "%.*s\n", (int)(member->span.end - member->span.start),
                         text_at(&member->span));
        text_edits_add(merger->edits, place, place, line, strlen(line));
    }
}

static void merge_lines(struct merger *merger, const struct ast_block *block,
                        const struct ast_block *base, const struct ast_block *live)
{
    member_list ours = {0}, bases = {0}, lives = {0};
    members_of(merger->arena, block, &ours);
    members_of(merger->arena, base, &bases);
    members_of(merger->arena, live, &lives);
    vec_each (member, &ours)
        merge_member(merger, member, find_member(&bases, member->key),
                     find_member(&lives, member->key));
    add_new_members(merger, block, &ours, &lives);
    vec_release(&ours);
    vec_release(&bases);
    vec_release(&lives);
}

static void merge_block(struct merger *merger, const struct ast_block *block)
{
    const char *name = name_of(merger->arena, &block->name);
    const struct ast_block *base = map_get(merger->base.blocks, name);
    const struct ast_block *live = map_get(merger->live.blocks, name);
    if (map_has(merger->gone, name))
        remove_lines(merger, &block->span);
    else if (!base || !live ||
             (merger->depth != MERGE_ALL_BLOCKS && same_text(&base->span, &live->span)))
        return; // nothing new, or nothing that a database knows
    else if (merger->depth == MERGE_LINES)
        merge_lines(merger, block, base, live);
    else
        replace(merger, &block->span, &live->span);
}

static void find_gone(struct merger *merger)
{
    map_each (entry, merger->base.blocks) {
        const struct ast_block *block = entry.value;
        const bool is_kept = block->kind == AST_ENUM && merger->merge->keeps_enums;
        if (!is_kept && !map_has(merger->live.blocks, entry.key))
            map_put(merger->gone, entry.key, merger);
    }
}

static void merge_source(struct merger *merger, const struct source *source, struct strbuf *out)
{
    struct text_edits edits = {0};
    const struct ast *ast = schema_ast(merger->merge->schema);
    merger->edits = &edits;
    for (size_t i = 0; i < ast->block_count; i++) {
        if (ast->blocks[i].source == source && is_data(&ast->blocks[i]))
            merge_block(merger, &ast->blocks[i]);
    }
    text_edits_apply(&edits, source->text, source->length, out);
    text_edits_release(&edits);
}

static void put_added(struct merger *merger, struct strbuf *out)
{
    const struct ast *ours = schema_ast(merger->merge->schema);
    const struct ast *live = schema_ast(merger->live.schema);
    struct map *names = map_new();
    for (size_t i = 0; i < ours->block_count; i++) {
        if (is_data(&ours->blocks[i]))
            map_put(names, name_of(merger->arena, &ours->blocks[i].name), names);
    }
    for (size_t i = 0; i < live->block_count; i++) {
        const struct ast_block *block = &live->blocks[i];
        if (!map_has(names, name_of(merger->arena, &block->name)))
            strbuf_addf(out, "%s%.*s\n", out->len > 0 ? "\n" : "",
                        (int)(block->span.end - block->span.start), text_at(&block->span));
    }
    map_free(names);
}

void schema_merge(const struct merge *merge, enum merge_depth depth, struct strbuf *outs,
                  struct strbuf *added)
{
    struct merger merger = {
        .merge = merge, .depth = depth, .arena = arena_new(), .gone = map_new()};
    written_read(&merger.base, merger.arena, merge->base);
    written_read(&merger.live, merger.arena, merge->live);
    find_gone(&merger);
    for (size_t i = 0; i < merge->source_count; i++)
        merge_source(&merger, &merge->sources[i], &outs[i]);
    put_added(&merger, added);
    written_release(&merger.base);
    written_release(&merger.live);
    map_free(merger.gone);
    arena_free(merger.arena);
}
