// pull: the schema is made what the database is.
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "migrator/introspect/schema_text.h"
#include "migrator/schema/schema.h"
#include "migrator/snapshot.h"
#include "orchestrator/cli/ask.h"
#include "orchestrator/cli/db.h"

struct pull {
    const struct db_target *target;
    const struct db_options *options;
    const char *path;          // of the schema
    struct schema_files files; // none, where there is none yet
    struct schema *schema;     // NULL: none yet
    struct datamodel *known;   // NULL: none, or with mistakes
    struct model *model;
};

static int read_known(struct pull *pull, struct err *err)
{
    struct diag_list ignored = {0};
    pull->path =
        pull->options->schema ? pull->options->schema : pull->target->database->schema_path;
    if (!file_exists(pull->path))
        return 0;
    if (schema_files_read(pull->path, pull->target->settings->root, &pull->files, err))
        return -1;
    if (file_is_directory(pull->path) && !pull->options->to_stdout) {
        err_set(err, ERR_USAGE, "%s is a directory, and what is pulled is one file", pull->path);
        return err_hint(err, "--stdout prints it; --schema FILE writes it elsewhere");
    }
    pull->schema = schema_parse(pull->files.sources, pull->files.count, &ignored);
    pull->known = schema_resolve(pull->schema, pull->target->migrator.provider, &ignored);
    diag_list_release(&ignored);
    return 0;
}

// The blocks that a database says nothing about, as they are.
static void put_kept(const struct pull *pull, struct strbuf *out)
{
    const struct ast *ast = pull->schema ? schema_ast(pull->schema) : NULL;
    bool has_datasource = false;
    for (size_t i = 0; ast && i < ast->block_count; i++) {
        const struct ast_block *block = &ast->blocks[i];
        if (block->kind != AST_DATASOURCE && block->kind != AST_GENERATOR)
            continue;
        has_datasource = has_datasource || block->kind == AST_DATASOURCE;
        strbuf_add(out, block->source->text + block->span.start,
                   block->span.end - block->span.start);
        strbuf_adds(out, "\n\n");
    }
    if (!has_datasource)
        strbuf_addf(out, "datasource db {\n  provider = \"%s\"\n}\n\n",
                    pull->target->migrator.provider);
}

static void print_result(const struct pull *pull, const char *path)
{
    if (pull->target->cli->json) {
        AUTO_JSON *json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "database", pull->target->database->name);
        cJSON_AddStringToObject(json, "schema", path);
        cJSON_AddNumberToObject(json, "tables", (double)pull->model->table_count);
        cli_print_json(json);
        return;
    }
    printf("%s: wrote %s (%zu table%s)\n", pull->target->database->name, path,
           pull->model->table_count, pull->model->table_count == 1 ? "" : "s");
}

static int write_schema(const struct pull *pull, struct err *err)
{
    AUTO_STRBUF rough = STRBUF_INIT, text = STRBUF_INIT;
    put_kept(pull, &rough);
    schema_text_write(pull->model, pull->known, &rough);
    while (rough.len > 1 && rough.data[rough.len - 1] == '\n' && rough.data[rough.len - 2] == '\n')
        rough.data[--rough.len] = '\0';
    const struct source source = {"schema.prisma", rough.data, rough.len};
    schema_format(&source, &text);
    if (pull->options->to_stdout) {
        fwrite(text.data, 1, text.len, stdout);
        return 0;
    }
    AUTOFREE char *directory = path_normalize(pull->path);
    char *slash = strrchr(directory, '/');
    if (slash)
        *slash = '\0';
    if ((slash && *directory && file_make_directories(directory, 0777, err)) ||
        file_write_atomic(pull->path, text.data, text.len, 0644, err))
        return -1;
    print_result(pull, path_below(pull->target->settings->root, pull->path));
    return 0;
}

int db_pull(struct db_target *target, const struct db_options *options)
{
    struct pull pull = {.target = target, .options = options};
    struct err err;
    int status = read_known(&pull, &err);
    if (status == 0) {
        const struct introspect_scope scope =
            pull.known ? introspect_scope_of(pull.known) : (struct introspect_scope){0};
        status = migrator_describe(&target->migrator, &scope, &pull.model, &err) ||
                 write_schema(&pull, &err);
    }
    model_free(pull.model);
    datamodel_free(pull.known);
    schema_free(pull.schema);
    schema_files_release(&pull.files);
    return status ? cli_fail(target->cli, &err) : 0;
}
