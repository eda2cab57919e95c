// Names of blocks, of fields and of enum values: each must be allowed and the only one. Makes the
// datamodel's models, fields and enums; what they hold is resolved later.
#include <string.h>

#include "base/suggest.h"
#include "migrator/schema/arguments.h"

char *resolver_text(struct resolver *resolver, const char *text, size_t length)
{
    return arena_strndup(resolver->arena, text, length);
}

// Up to that many fields of a model are found by looking at each: with 20 of them that takes half
// the time of a hash table, and a large one would not stay in the processor's cache.
enum { MOST_SCANNED_FIELDS = 32 };

static bool has_many_fields(const struct ast_block *block)
{
    return block->field_count > MOST_SCANNED_FIELDS;
}

// Among the first `count`. The last characters tell most names apart.
static struct dm_field *scan_fields(const struct model_info *info, size_t count, const char *name,
                                    size_t length)
{
    for (size_t i = 0; i < count; i++) {
        const struct ast_name *other = &info->ast->fields[i].name;
        if (other->length == length && other->text[length - 1] == name[length - 1] &&
            memcmp(other->text, name, length) == 0)
            return &info->model->fields[i];
    }
    return NULL;
}

struct dm_field *resolver_find_field(const struct resolver *resolver, const struct model_info *info,
                                     const char *name, size_t length)
{
    return has_many_fields(info->ast) ? name_table_get(&resolver->members, info, name, length)
                                      : scan_fields(info, info->model->field_count, name, length);
}

// Returns the former field of that name, NULL: none.
static struct dm_field *add_field_name(struct resolver *resolver, const struct model_info *info,
                                       const struct ast_name *name, struct dm_field *field)
{
    return has_many_fields(info->ast)
               ? name_table_put(&resolver->members, info, name->text, name->length, field)
               : scan_fields(info, field->index, name->text, name->length);
}

void hint_word(struct resolver *resolver, const char *name, size_t length,
               const char *const *candidates, size_t count)
{
    if (resolver->hints_left == 0)
        return;
    resolver->hints_left--;
    AUTOFREE char *copy = mem_strndup(name, length);
    const char *nearest = suggest_nearest(copy, candidates, count);
    if (nearest)
        diag_hint(resolver->diagnostics, "did you mean \"%s\"?", nearest);
}

void hint_field(struct resolver *resolver, const struct model_info *info, const char *name,
                size_t length)
{
    size_t count = info->model->field_count;
    AUTOFREE const char **names = mem_alloc((count + 1) * sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = info->model->fields[i].name;
    hint_word(resolver, name, length, names, count);
}

bool schema_word_is_reserved(const char *word, size_t length)
{
    const struct ast_name name = {word, (uint32_t)length};
    static const char *const words[] = {
        "PrismaClient", "break",   "case",       "catch",     "class",    "const", "continue",
        "debugger",     "default", "delete",     "do",        "else",     "enum",  "export",
        "extends",      "false",   "finally",    "for",       "function", "if",    "implements",
        "import",       "in",      "instanceof", "interface", "let",      "new",   "null",
        "package",      "private", "protected",  "public",    "return",   "super", "switch",
        "this",         "throw",   "true",       "try",       "typeof",   "var",   "void",
        "while",        "with",    "yield",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ast_name_is(&name, words[i]))
            return true;
    return false;
}

static void check_word(struct resolver *resolver, const struct ast_name *name, const char *what)
{
    if (name->text[0] >= '0' && name->text[0] <= '9')
        diag_error(resolver->diagnostics, span_of(resolver->source, name),
                   "the name of %s cannot begin with a digit", what);
    else if (memchr(name->text, '-', name->length))
        diag_error(resolver->diagnostics, span_of(resolver->source, name),
                   "the name of %s cannot hold a hyphen", what);
    else
        return;
    diag_hint(resolver->diagnostics,
              "choose another name here, and give the database's name with @map or @@map");
}

static void check_block_name(struct resolver *resolver, const struct ast_block *block)
{
    static const char *const articles[] = {[AST_MODEL] = "a model",
                                           [AST_VIEW] = "a view",
                                           [AST_TYPE] = "a type",
                                           [AST_ENUM] = "an enum"};
    if (scalar_by_name(block->name.text, block->name.length) >= 0)
        diag_error(resolver->diagnostics, span_of(resolver->source, &block->name),
                   "\"%.*s\" is the name of a scalar type", (int)block->name.length,
                   block->name.text);
    if (block->kind == AST_DATASOURCE || block->kind == AST_GENERATOR)
        return;
    check_word(resolver, &block->name, articles[block->kind]);
    if (block->kind != AST_TYPE && schema_word_is_reserved(block->name.text, block->name.length)) {
        diag_error(resolver->diagnostics, span_of(resolver->source, &block->name),
                   "\"%.*s\" is a reserved word of the client's language", (int)block->name.length,
                   block->name.text);
        diag_hint(resolver->diagnostics,
                  "choose another name, and add @@map(\"%.*s\") for the database",
                  (int)block->name.length, block->name.text);
    }
}

static void report_double(struct resolver *resolver, const struct ast_block *block,
                          const struct ast_block *first)
{
    struct position place = source_position(first->source, first->header.start);
    diag_error(resolver->diagnostics, span_of(resolver->source, &block->name),
               "the name \"%.*s\" is taken: %s \"%.*s\" is at %s:%zu", (int)block->name.length,
               block->name.text, ast_block_keyword(first->kind), (int)first->name.length,
               first->name.text, first->source->path, place.line);
}

// A block that several plugins bring along, each in its own file, word for word.
static bool is_identical(const struct ast_block *a, const struct ast_block *b)
{
    size_t length = a->span.end - a->span.start;
    return a->source != b->source && a->kind == b->kind && length == b->span.end - b->span.start &&
           memcmp(a->span.source->text + a->span.start, b->span.source->text + b->span.start,
                  length) == 0;
}

static void add_fields(struct resolver *resolver, const struct ast_block *block,
                       struct model_info *info)
{
    struct dm_model *model = info->model;
    model->field_count = block->field_count;
    model->fields = ARENA_ARRAY(resolver->arena, struct dm_field, block->field_count);
    info->fields = ARENA_ARRAY(resolver->arena, struct field_info, block->field_count);
    for (size_t i = 0; i < block->field_count; i++) {
        const struct ast_field *ast = &block->fields[i];
        struct dm_field *field = &model->fields[i];
        check_word(resolver, &ast->name, "a field");
        *field = (struct dm_field){
            .name = resolver_text(resolver, ast->name.text, ast->name.length),
            .model = model,
            .index = (uint32_t)i,
            .documentation =
                ast->documentation ? arena_strdup(resolver->arena, ast->documentation) : NULL,
            .span = span_of(resolver->source, ast),
        };
        field->db_name = field->name;
        if (add_field_name(resolver, info, &ast->name, field)) {
            info->fields[i].is_broken = true;
            diag_error(resolver->diagnostics, span_of(resolver->source, &ast->name),
                       "the %s \"%s\" has another field \"%s\"", dm_container(model), model->name,
                       field->name);
        }
    }
}

static struct dm_model *add_model(struct resolver *resolver, const struct ast_block *block)
{
    struct datamodel *datamodel = resolver->datamodel;
    struct dm_model *model = ARENA_NEW(resolver->arena, struct dm_model);
    *model = (struct dm_model){
        .name = resolver_text(resolver, block->name.text, block->name.length),
        .index = datamodel->model_count,
        .is_view = block->kind == AST_VIEW,
        .documentation =
            block->documentation ? arena_strdup(resolver->arena, block->documentation) : NULL,
        .span = block->span,
        .name_span = span_of(resolver->source, &block->name),
    };
    model->db_name = model->name;
    struct model_info *info = &resolver->models[model->index];
    *info = (struct model_info){.ast = block, .model = model, .is_incomplete = block->has_mistakes};
    datamodel->models[datamodel->model_count++] = model;
    add_fields(resolver, block, info);
    return model;
}

static void add_values(struct resolver *resolver, const struct ast_block *block,
                       struct dm_enum *enumeration)
{
    enumeration->value_count = block->value_count;
    enumeration->values = ARENA_ARRAY(resolver->arena, struct dm_enum_value, block->value_count);
    for (size_t i = 0; i < block->value_count; i++) {
        const struct ast_enum_value *ast = &block->values[i];
        struct dm_enum_value *value = &enumeration->values[i];
        check_word(resolver, &ast->name, "a value");
        value->name = resolver_text(resolver, ast->name.text, ast->name.length);
        value->db_name = value->name;
        value->span = span_of(resolver->source, ast);
        if (ast->documentation)
            value->documentation = arena_strdup(resolver->arena, ast->documentation);
        if (name_table_put(&resolver->members, enumeration, ast->name.text, ast->name.length,
                           value))
            diag_error(resolver->diagnostics, span_of(resolver->source, &ast->name),
                       "the enum \"%s\" has another value \"%s\"", enumeration->name, value->name);
        for (size_t j = 0; j < ast->attribute_count; j++) {
            const struct ast_attribute *attribute = &ast->attributes[j];
            struct arguments arguments;
            if (!ast_name_is(&attribute->name, "map")) {
                diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
                           "a value of an enum has no attribute \"@%.*s\"",
                           (int)attribute->name.length, attribute->name.text);
                diag_hint(resolver->diagnostics, "only @map can stand here");
            } else if (j > 0) {
                diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
                           "@map is given twice");
            } else if (arguments_begin(&arguments, resolver, attribute, 1)) {
                const struct ast_expression *name = arguments_need_first(&arguments, "name");
                const char *text = name ? expression_string(resolver, name) : NULL;
                if (text)
                    value->db_name = text;
                arguments_end(&arguments);
            }
        }
    }
}

static void add_enum_attribute(struct resolver *resolver, const struct ast_attribute *attribute,
                               struct dm_enum *enumeration, struct enum_info *info, bool *mapped)
{
    struct arguments arguments;
    bool is_map = ast_name_is(&attribute->name, "map");
    bool is_schema = ast_name_is(&attribute->name, "schema");
    if (!is_map && !is_schema) {
        diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
                   "an enum has no attribute \"@@%.*s\"", (int)attribute->name.length,
                   attribute->name.text);
        diag_hint(resolver->diagnostics, "only @@map and @@schema can stand here");
        return;
    }
    if (is_map ? *mapped : enumeration->schema != NULL) {
        diag_error(resolver->diagnostics, span_of(resolver->source, attribute),
                   "@@%.*s is given twice", (int)attribute->name.length, attribute->name.text);
        return;
    }
    if (!arguments_begin(&arguments, resolver, attribute, 2))
        return;
    const struct ast_expression *name = arguments_need_first(&arguments, is_map ? "name" : "map");
    const char *text = name ? expression_string(resolver, name) : NULL;
    arguments_end(&arguments);
    if (!text)
        return;
    if (is_map) {
        enumeration->db_name = text;
        *mapped = true;
    } else {
        enumeration->schema = text;
        info->schema_span = span_of(resolver->source, name);
    }
}

static struct dm_enum *add_enum(struct resolver *resolver, const struct ast_block *block)
{
    struct datamodel *datamodel = resolver->datamodel;
    struct dm_enum *enumeration = ARENA_NEW(resolver->arena, struct dm_enum);
    *enumeration = (struct dm_enum){
        .name = resolver_text(resolver, block->name.text, block->name.length),
        .documentation =
            block->documentation ? arena_strdup(resolver->arena, block->documentation) : NULL,
        .span = block->span,
        .name_span = span_of(resolver->source, &block->name),
    };
    enumeration->db_name = enumeration->name;
    struct enum_info *info = &resolver->enums[datamodel->enum_count];
    info->ast = block;
    datamodel->enums[datamodel->enum_count++] = enumeration;
    if (block->value_count == 0 && !block->has_mistakes)
        diag_error(resolver->diagnostics, block->header, "the enum \"%s\" has no values",
                   enumeration->name);
    add_values(resolver, block, enumeration);
    bool mapped = false;
    for (size_t i = 0; i < block->attribute_count; i++)
        add_enum_attribute(resolver, &block->attributes[i], enumeration, info, &mapped);
    return enumeration;
}

static void add_block(struct resolver *resolver, const struct ast_block *block,
                      struct top_info *top)
{
    const struct top_info *first =
        name_table_put(&resolver->tops, NULL, block->name.text, block->name.length, top);
    *top = (struct top_info){.ast = block};
    if (first) {
        if (!is_identical(first->ast, block))
            report_double(resolver, block, first->ast);
        return;
    }
    check_block_name(resolver, block);
    switch (block->kind) {
    case AST_MODEL:
    case AST_VIEW: top->model = add_model(resolver, block); break;
    case AST_ENUM: top->enumeration = add_enum(resolver, block); break;
    default:
        diag_error(resolver->diagnostics, block->header, "%s has no composite types",
                   resolver->rules->label);
        diag_hint(resolver->diagnostics, "use a model of its own, or a field of type Json");
        break;
    }
}

void resolve_blocks(struct resolver *resolver)
{
    const struct ast *ast = resolver->ast;
    size_t count = ast->block_count;
    struct name_table generators = {0};
    resolver->top_infos = ARENA_ARRAY(resolver->arena, struct top_info, count);
    resolver->models = ARENA_ARRAY(resolver->arena, struct model_info, count);
    resolver->enums = ARENA_ARRAY(resolver->arena, struct enum_info, count);
    resolver->datamodel->models = ARENA_ARRAY(resolver->arena, struct dm_model *, count);
    resolver->datamodel->enums = ARENA_ARRAY(resolver->arena, struct dm_enum *, count);
    size_t members = 0;
    for (size_t i = 0; i < count; i++)
        members += ast->blocks[i].value_count +
                   (has_many_fields(&ast->blocks[i]) ? ast->blocks[i].field_count : 0);
    name_table_reserve(&resolver->tops, count);
    name_table_reserve(&resolver->members, members);
    for (size_t i = 0; i < count; i++) {
        const struct ast_block *block = &ast->blocks[i];
        resolver->source = block->source;
        if (block->kind != AST_DATASOURCE && block->kind != AST_GENERATOR) {
            add_block(resolver, block, &resolver->top_infos[i]);
            continue;
        }
        check_block_name(resolver, block);
        const struct ast_block *first = block->kind == AST_GENERATOR
                                            ? name_table_put(&generators, NULL, block->name.text,
                                                             block->name.length, (void *)block)
                                            : NULL;
        if (first && !is_identical(first, block))
            report_double(resolver, block, first);
    }
    name_table_release(&generators);
}
