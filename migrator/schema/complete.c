// What a formatter adds to relations that are written down in half: the field on the other side,
// the fields of the foreign key, and @relation with its arguments. Only to schemas whose other
// parts are right.
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "migrator/schema/parser.h"
#include "migrator/schema/plural.h"
#include "migrator/schema/resolver.h"

struct insertion {
    size_t offset, order;
    char *text;
};

struct completion {
    struct resolver *resolver;
    const struct source *sources;
    size_t count;
    VEC_OF(struct insertion) * insertions; // per source
};

// A relation with a foreign key, seen from the model that holds it.
struct half {
    struct dm_model *from, *to;
    const struct dm_field *forward, *back; // NULL: missing
    const struct relation_info *info;      // of forward; NULL: missing
    const char *name;                      // of the relation; NULL: none given
    const struct dm_index *key; // the key of `to` that is referred to by default; or NULL
};

static void insert(struct completion *completion, struct span place, size_t offset,
                   struct strbuf *text)
{
    size_t source = (size_t)(place.source - completion->sources);
    size_t order = completion->insertions[source].len;
    vec_push(&completion->insertions[source],
             (struct insertion){offset, order, strbuf_detach(text)});
}

// As the last line of a model.
static void insert_line(struct completion *completion, const struct dm_model *model,
                        struct strbuf *text)
{
    insert(completion, model->span, model->span.end - 1, text);
}

static const struct dm_index *default_key(const struct dm_model *model)
{
    if (model->primary_key)
        return model->primary_key;
    for (size_t i = 0; i < model->index_count; i++)
        if (model->indexes[i]->kind == DM_INDEX_UNIQUE)
            return model->indexes[i];
    return NULL;
}

// userId, for the field id of the model User
static void add_key_name(const struct half *half, size_t i, struct strbuf *out)
{
    const char *model = half->to->name, *field = half->key->fields[i].field->name;
    strbuf_addch(out, model[0] >= 'A' && model[0] <= 'Z' ? (char)(model[0] - 'A' + 'a') : model[0]);
    strbuf_adds(out, model + 1);
    strbuf_addch(out, field[0] >= 'a' && field[0] <= 'z' ? (char)(field[0] - 'a' + 'A') : field[0]);
    strbuf_adds(out, field + 1);
}

static void add_fields_argument(const struct half *half, struct strbuf *out)
{
    strbuf_adds(out, "fields: [");
    for (size_t i = 0; half->key && i < half->key->field_count; i++) {
        strbuf_adds(out, i ? ", " : "");
        add_key_name(half, i, out);
    }
    strbuf_addch(out, ']');
}

static void add_references_argument(const struct half *half, struct strbuf *out)
{
    strbuf_adds(out, "references: [");
    for (size_t i = 0; half->key && i < half->key->field_count; i++)
        strbuf_addf(out, "%s%s", i ? ", " : "", half->key->fields[i].field->name);
    strbuf_addch(out, ']');
}

static const struct dm_field *existing_field(const struct completion *completion,
                                             const struct half *half, size_t i)
{
    AUTO_STRBUF name = STRBUF_INIT;
    add_key_name(half, i, &name);
    const struct dm_field *field =
        resolver_find_field(completion->resolver, &completion->resolver->models[half->from->index],
                            name.data, name.len);
    return field && field->type_kind != DM_TYPE_RELATION ? field : NULL;
}

static const char *arity_mark(enum dm_arity arity)
{
    return arity == DM_LIST ? "[]" : arity == DM_OPTIONAL ? "?" : "";
}

static bool is_one_to_one(const struct half *half)
{
    if (!half->info || !half->info->has_fields)
        return false;
    for (size_t i = 0; i < half->from->index_count; i++) {
        const struct dm_index *index = half->from->indexes[i];
        size_t same = 0;
        while (index->kind == DM_INDEX_UNIQUE && same < index->field_count &&
               same < half->info->field_count &&
               index->fields[same].field == half->info->fields[same])
            same++;
        if (same > 0 && same == index->field_count && same == half->info->field_count)
            return true;
    }
    return false;
}

static void add_back_field(struct completion *completion, const struct half *half)
{
    bool single = is_one_to_one(half);
    AUTO_STRBUF name = STRBUF_INIT;
    struct strbuf line = STRBUF_INIT;
    name_camel_case(half->from->name, &name);
    if (single)
        strbuf_adds(&line, name.data);
    else
        name_plural(name.data, &line);
    strbuf_addf(&line, " %s%s", half->from->name, single ? "?" : "[]");
    if (half->name) {
        strbuf_adds(&line, " @relation(");
        json_quote(half->name, &line);
        strbuf_addch(&line, ')');
    }
    strbuf_adds(&line, half->from->is_ignored ? " @ignore\n" : "\n");
    insert_line(completion, half->to, &line);
}

static void add_forward_field(struct completion *completion, const struct half *half)
{
    struct strbuf line = STRBUF_INIT;
    bool optional = false;
    for (size_t i = 0; half->key && i < half->key->field_count; i++) {
        const struct dm_field *existing = existing_field(completion, half, i);
        optional |= !existing || existing->arity == DM_OPTIONAL;
    }
    name_camel_case(half->to->name, &line);
    strbuf_addf(&line, " %s%s @relation(", half->to->name, optional ? "?" : "");
    if (half->name) {
        json_quote(half->name, &line);
        strbuf_adds(&line, ", ");
    }
    add_fields_argument(half, &line);
    strbuf_adds(&line, ", ");
    add_references_argument(half, &line);
    strbuf_adds(&line, ")\n");
    insert_line(completion, half->from, &line);
}

static void add_key_fields(struct completion *completion, const struct half *half)
{
    if (!half->key || (half->info && half->info->has_fields))
        return;
    for (size_t i = 0; i < half->key->field_count; i++) {
        const struct dm_field *like = half->key->fields[i].field;
        if (existing_field(completion, half, i))
            continue;
        if (like->type_kind != DM_TYPE_SCALAR)
            return;
        struct strbuf line = STRBUF_INIT;
        add_key_name(half, i, &line);
        strbuf_addf(&line, " %s%s", dm_scalar_name(like->scalar),
                    arity_mark(half->forward ? half->forward->arity : DM_OPTIONAL));
        if (like->native) {
            struct span span = like->native->span;
            strbuf_addch(&line, ' ');
            strbuf_add(&line, span.source->text + span.start, span.end - span.start);
        }
        strbuf_addch(&line, '\n');
        insert_line(completion, half->from, &line);
    }
}

// @relation behind the type, or the arguments that it lacks.
static void add_arguments(struct completion *completion, const struct half *half)
{
    const struct ast_block *block = completion->resolver->models[half->from->index].ast;
    const struct ast_field *ast = &block->fields[half->forward->index];
    const struct ast_attribute *attribute = half->info->attribute;
    struct strbuf text = STRBUF_INIT;
    struct span place = half->forward->span;
    if (half->info->has_fields && half->info->has_references)
        return;
    if (!half->info->has_fields)
        add_fields_argument(half, &text);
    if (!half->info->has_references) {
        strbuf_adds(&text, half->info->has_fields ? "" : ", ");
        add_references_argument(half, &text);
    }
    struct strbuf whole = STRBUF_INIT;
    size_t offset;
    if (!attribute) {
        const char *at = ast->type.text + ast->type.length;
        while (*at && strchr("[]?!", *at))
            at++;
        offset = (size_t)(at - place.source->text);
        strbuf_addf(&whole, " @relation(%s)", text.data);
    } else {
        offset = span_of(place.source, attribute).end;
        bool has_arguments = attribute->argument_count > 0;
        bool has_parentheses = attribute->at[attribute->place_length - 1] == ')';
        offset -= has_parentheses;
        if (has_arguments)
            strbuf_addf(&whole, ", %s", text.data);
        else
            strbuf_addf(&whole, has_parentheses ? "%s" : "(%s)", text.data);
    }
    strbuf_release(&text);
    insert(completion, place, offset, &whole);
}

static struct half half_of(const struct completion *completion, const struct dm_relation *relation)
{
    struct half half = {.from = relation->from_model,
                        .to = relation->to_model,
                        .forward = relation->from,
                        .back = relation->to};
    if (!relation->to && relation->from->arity == DM_LIST)
        half = (struct half){
            .from = relation->to_model, .to = relation->from_model, .back = relation->from};
    if (half.forward)
        half.info = field_info_of(completion->resolver, half.forward)->relation;
    half.name = relation->has_given_name ? relation->name : NULL;
    half.key = default_key(half.to);
    return half;
}

static void complete_relations(struct completion *completion)
{
    const struct datamodel *datamodel = completion->resolver->datamodel;
    for (size_t i = 0; i < datamodel->relation_count; i++) {
        if (datamodel->relations[i]->kind == DM_MANY_TO_MANY)
            continue;
        struct half half = half_of(completion, datamodel->relations[i]);
        if (!half.back)
            add_back_field(completion, &half);
        if (!half.forward)
            add_forward_field(completion, &half);
        add_key_fields(completion, &half);
        // The other side of a one-to-one relation may hold the key.
        const struct relation_info *back =
            half.back ? field_info_of(completion->resolver, half.back)->relation : NULL;
        if (half.forward && !(back && back->has_fields))
            add_arguments(completion, &half);
    }
}

static int compare_insertions(const void *a, const void *b)
{
    const struct insertion *left = a, *right = b;
    if (left->offset != right->offset)
        return left->offset < right->offset ? -1 : 1;
    return left->order < right->order ? -1 : left->order > right->order;
}

static void write_source(struct completion *completion, size_t i, struct strbuf *out)
{
    const struct source *source = &completion->sources[i];
    size_t at = 0;
    if (completion->insertions[i].len > 1)
        qsort(completion->insertions[i].items, completion->insertions[i].len,
              sizeof(struct insertion), compare_insertions);
    vec_each (insertion, &completion->insertions[i]) {
        strbuf_add(out, source->text + at, insertion->offset - at);
        strbuf_adds(out, insertion->text);
        at = insertion->offset;
        free(insertion->text);
    }
    strbuf_add(out, source->text + at, source->length - at);
    vec_release(&completion->insertions[i]);
}

void schema_complete(const struct source *sources, size_t count, struct strbuf *outs)
{
    struct diag_list diagnostics = {0};
    struct schema *schema = schema_parse(sources, count, &diagnostics);
    struct arena *arena = arena_new();
    struct datamodel *datamodel = ARENA_NEW(arena, struct datamodel);
    struct resolver resolver = {.ast = schema_ast(schema),
                                .arena = arena,
                                .datamodel = datamodel,
                                .diagnostics = &diagnostics};
    struct completion completion = {.resolver = &resolver, .sources = sources, .count = count};
    completion.insertions = mem_alloc((count + 1) * sizeof *completion.insertions);
    if (resolve_config(&resolver, NULL) == 0) {
        resolve_blocks(&resolver);
        resolve_fields(&resolver);
        resolve_indexes(&resolver);
        resolve_relations(&resolver);
        if (diagnostics.error_count == 0)
            complete_relations(&completion);
    }
    for (size_t i = 0; i < count; i++)
        write_source(&completion, i, &outs[i]);
    free(completion.insertions);
    name_table_release(&resolver.tops);
    name_table_release(&resolver.members);
    arena_free(arena);
    schema_free(schema);
    diag_list_release(&diagnostics);
}
