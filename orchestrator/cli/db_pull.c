// pull: the schema is made what the database is.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "migrator/diff/schema_diff.h"
#include "migrator/introspect/schema_update.h"
#include "migrator/snapshot.h"
#include "orchestrator/cli/ask.h"
#include "orchestrator/cli/db.h"

struct pull {
    const struct db_target *target;
    const struct db_options *options;
    const char *path;          // of the schema
    struct schema_files files; // none, where there is none yet
    struct schema *schema;     // NULL: none yet
    struct datamodel *known;   // the same
    struct model *model;
    bool is_directory;
    cJSON *written; // paths
};

// What the user wrote is not given up for what it might mean: a schema with mistakes stays.
static int read_known(struct pull *pull, struct err *err)
{
    struct diag_list diags = {0};
    AUTOFREE char *here = path_normalize(".");
    pull->path =
        pull->options->schema ? pull->options->schema : pull->target->database->schema_path;
    if (!file_exists(pull->path))
        return 0;
    if (schema_files_read(pull->path, here, &pull->files, err))
        return -1;
    pull->is_directory = file_is_directory(pull->path);
    pull->schema = schema_parse(pull->files.sources, pull->files.count, &diags);
    pull->known = schema_resolve(pull->schema, pull->target->migrator.provider, &diags);
    if (!pull->known)
        cli_print_diagnostics(pull->target->cli, &diags);
    diag_list_release(&diags);
    if (pull->known)
        return 0;
    err_set(err, ERR_INVALID, "%s has mistakes, and is not written to", pull->path);
    return err_hint(err, "correct them; or write what the database is to another file: "
                         "--schema FILE");
}

static int write_file(struct pull *pull, const char *path, const struct strbuf *text,
                      struct err *err)
{
    AUTOFREE char *directory = path_normalize(path);
    char *slash = strrchr(directory, '/');
    if (pull->options->to_stdout) {
        if (pull->is_directory)
            printf(">>>> %s\n", path);
        fwrite(text->data, 1, text->len, stdout);
        return 0;
    }
    if (slash)
        *slash = '\0';
    if ((slash && *directory && file_make_directories(directory, 0777, err)) ||
        file_write_atomic(path, text->data, text->len, 0644, err))
        return -1;
    cJSON_AddItemToArray(pull->written,
                         cJSON_CreateString(path_below(pull->target->settings->root, path)));
    return 0;
}

// The files that change; and one for what is in none of them.
static int write_update(struct pull *pull, const struct strbuf *outs, const struct strbuf *added,
                        struct err *err)
{
    for (size_t i = 0; i < pull->files.count; i++) {
        const struct source *source = &pull->files.sources[i];
        const bool is_same =
            outs[i].len == source->length && memcmp(outs[i].data, source->text, outs[i].len) == 0;
        if ((!is_same || pull->options->to_stdout) && write_file(pull, source->path, &outs[i], err))
            return -1;
    }
    if (added->len == 0)
        return 0;
    AUTOFREE char *path = path_join(pull->path, "introspected.prisma");
    return write_file(pull, path, added, err);
}

static int update(struct pull *pull, struct err *err)
{
    const size_t count = pull->files.count;
    const struct schema_update update = {
        .sources = pull->files.sources,
        .source_count = count,
        .schema = pull->schema,
        .known = pull->known,
        .live = pull->model,
    };
    struct strbuf *outs = mem_alloc(count * sizeof *outs);
    AUTO_STRBUF added = STRBUF_INIT;
    for (size_t i = 0; i < count; i++)
        outs[i] = (struct strbuf)STRBUF_INIT;
    int status = schema_update(&update, outs, pull->is_directory ? &added : NULL, err) ||
                 write_update(pull, outs, &added, err);
    for (size_t i = 0; i < count; i++)
        strbuf_release(&outs[i]);
    free(outs);
    return status ? -1 : 0;
}

static int begin(struct pull *pull, struct err *err)
{
    AUTO_STRBUF text = STRBUF_INIT;
    schema_begin(pull->model, &text);
    return write_file(pull, pull->path, &text, err);
}

static void print_result(const struct pull *pull)
{
    const char *name = pull->target->database->name;
    const size_t tables = pull->model->table_count;
    const int count = cJSON_GetArraySize(pull->written);
    if (pull->options->to_stdout)
        return;
    if (pull->target->cli->json) {
        AUTO_JSON *json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "database", name);
        cJSON_AddStringToObject(json, "schema",
                                path_below(pull->target->settings->root, pull->path));
        cJSON_AddNumberToObject(json, "tables", (double)tables);
        cJSON_AddItemToObject(json, "written", cJSON_Duplicate(pull->written, true));
        cli_print_json(json);
        return;
    }
    const cJSON *path;
    cJSON_ArrayForEach (path, pull->written)
        printf("%s: wrote %s (%zu table%s)\n", name, cJSON_GetStringValue(path), tables,
               tables == 1 ? "" : "s");
    if (count == 0)
        printf("%s: the schema is what the database is\n", name);
}

int db_pull(struct db_target *target, const struct db_options *options)
{
    AUTO_JSON *written = cJSON_CreateArray();
    struct pull pull = {.target = target, .options = options, .written = written};
    struct err err;
    int status = read_known(&pull, &err);
    if (status == 0) {
        const struct introspect_scope scope =
            pull.known ? introspect_scope_of(pull.known) : (struct introspect_scope){0};
        status = migrator_describe(&target->migrator, &scope, &pull.model, &err) ||
                 (pull.known ? update(&pull, &err) : begin(&pull, &err));
    }
    if (!status)
        print_result(&pull);
    model_free(pull.model);
    datamodel_free(pull.known);
    schema_free(pull.schema);
    schema_files_release(&pull.files);
    return status ? cli_fail(target->cli, &err) : 0;
}
