#include "migrator/generators/blocks.h"

#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "migrator/schema/schema.h"

static const char *variable_of(char *const *environment, const char *name, size_t length)
{
    const char *value = NULL;
    for (; *environment; environment++)
        if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
            value = *environment + length + 1;
    return value;
}

// A text, or what env("NAME") stands for. *out stays NULL where it is something else.
static int read_text(const struct generators_job *job, const struct ast_expression *value,
                     char **out, struct err *err)
{
    if (value->kind == AST_STRING || value->kind == AST_NUMBER || value->kind == AST_CONSTANT) {
        *out = mem_strndup(value->text, value->length);
        return 0;
    }
    if (value->kind != AST_FUNCTION || value->argument_count != 1)
        return 0;
    const struct ast_expression *name = &value->arguments[0].value;
    const char *found = variable_of(job->environment, name->text, name->length);
    if (!found)
        return err_set(err, ERR_FAILED, "a generator wants the variable %.*s, which is not set",
                       (int)name->length, name->text);
    *out = mem_strdup(found);
    return 0;
}

static int read_list(const struct generators_job *job, const struct ast_expression *value,
                     cJSON *out, struct err *err)
{
    for (size_t i = 0; i < value->item_count; i++) {
        AUTOFREE char *text = NULL;
        if (read_text(job, &value->items[i], &text, err))
            return -1;
        if (text)
            cJSON_AddItemToArray(out, cJSON_CreateString(text));
    }
    return 0;
}

static int read_property(const struct generators_job *job, const struct ast_property *property,
                         struct generator *out, struct err *err)
{
    AUTOFREE char *key = mem_strndup(property->name.text, property->name.length);
    AUTOFREE char *text = NULL;
    if (property->value.kind == AST_ARRAY) {
        cJSON *list = strcmp(key, "previewFeatures") == 0
                          ? out->features
                          : cJSON_AddArrayToObject(out->config, key);
        return read_list(job, &property->value, list, err);
    }
    if (read_text(job, &property->value, &text, err))
        return -1;
    if (strcmp(key, "provider") == 0)
        out->provider = TAKE(text);
    else if (strcmp(key, "output") == 0)
        out->output_as_written = TAKE(text);
    else if (text)
        cJSON_AddStringToObject(out->config, key, text);
    return 0;
}

// A relative output is one beside the file that the block stands in.
static void place_output(const struct generators_job *job, struct generator *generator)
{
    if (!generator->output_as_written)
        return;
    AUTOFREE char *file = path_join(job->root, generator->source_path);
    const char *slash = strrchr(file, '/');
    AUTOFREE char *directory = mem_strndup(file, slash ? (size_t)(slash - file) : 0);
    AUTOFREE char *path = path_join(directory, generator->output_as_written);
    generator->output = path_normalize(path);
}

static int read_block(const struct generators_job *job, const struct ast_block *block,
                      generator_list *out, struct err *err)
{
    vec_push(out, (struct generator){.name = mem_strndup(block->name.text, block->name.length),
                                     .source_path = block->source->path,
                                     .config = cJSON_CreateObject(),
                                     .features = cJSON_CreateArray()});
    struct generator *generator = &out->items[out->len - 1];
    for (size_t i = 0; i < block->property_count; i++)
        if (read_property(job, &block->properties[i], generator, err))
            return -1;
    place_output(job, generator);
    return 0;
}

int generators_read(const struct generators_job *job, generator_list *out, struct err *err)
{
    struct diag_list ignored = {0}; // the schema is a checked one
    struct schema *schema = schema_parse(job->sources, job->source_count, &ignored);
    const struct ast *ast = schema_ast(schema);
    int status = 0;
    for (size_t i = 0; i < ast->block_count && status == 0; i++)
        if (ast->blocks[i].kind == AST_GENERATOR)
            status = read_block(job, &ast->blocks[i], out, err);
    schema_free(schema);
    diag_list_release(&ignored);
    return status;
}

void generators_release(generator_list *generators)
{
    vec_each (generator, generators) {
        free(generator->name);
        free(generator->provider);
        free(generator->output);
        free(generator->output_as_written);
        cJSON_Delete(generator->config);
        cJSON_Delete(generator->features);
    }
    vec_release(generators);
}
