// validate, format: what needs only the schema's files.
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "migrator/schema/schema.h"
#include "orchestrator/cli/ask.h"
#include "orchestrator/cli/db.h"
#include "orchestrator/plan/database_layout.h"

int db_find_schema(struct cli *cli, const struct db_options *options, char **out, struct err *err)
{
    static const char *const usual[] = {"prisma/schema.prisma",  "schema.prisma",
                                        "prisma/schema",         "database/postgres/schema",
                                        "database/mysql/schema", "database/mssql/schema",
                                        "database/sqlite/schema"};
    if (options->schema) {
        *out = mem_strdup(options->schema);
        return 0;
    }
    struct settings *settings = NULL;
    const struct database_settings *database = NULL;
    if (cli_load_settings(cli, true, &settings))
        return err_set(err, ERR_INVALID, "the settings have mistakes");
    int status = db_choose(settings, options->database, &database, err);
    if (status == 0 && database) {
        struct arena *arena = arena_new();
        *out = mem_strdup(database_layout(settings, database, arena).schema);
        arena_free(arena);
    }
    settings_free(settings);
    if (status || database)
        return status;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (file_exists(usual[i])) {
            *out = mem_strdup(usual[i]);
            return 0;
        }
    err_set(err, ERR_INVALID, "there is no schema here");
    return err_hint(err, "name one with --schema PATH");
}

int db_read_schema(struct cli *cli, const struct db_options *options, struct schema_files *files,
                   struct err *err)
{
    AUTOFREE char *path = NULL;
    AUTOFREE char *here = path_normalize(".");
    if (db_find_schema(cli, options, &path, err))
        return -1;
    return schema_files_read(path, here, files, err);
}

static cJSON *diagnostic_json(const struct diag *diag, struct source_line *line)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "severity", diag->severity == DIAG_ERROR ? "error" : "warning");
    cJSON_AddStringToObject(json, "message", diag->message);
    if (!diag->span.source)
        return json;
    struct position start = source_line_position(line, diag->span.source, diag->span.start);
    struct position end = source_line_position(line, diag->span.source, diag->span.end);
    cJSON_AddStringToObject(json, "file", diag->span.source->path);
    cJSON_AddNumberToObject(json, "line", (double)start.line);
    cJSON_AddNumberToObject(json, "col", (double)start.column);
    cJSON_AddNumberToObject(json, "endLine", (double)end.line);
    cJSON_AddNumberToObject(json, "endCol", (double)end.column);
    return json;
}

static void print_validation(const struct cli *cli, const struct diag_list *diags, size_t files)
{
    if (!cli->json) {
        cli_print_diagnostics(cli, diags);
        if (diags->error_count)
            fprintf(stderr, "%zu mistake%s\n", diags->error_count,
                    diags->error_count == 1 ? "" : "s");
        else
            printf("the schema is valid (%zu file%s)\n", files, files == 1 ? "" : "s");
        return;
    }
    struct source_line line = {0};
    AUTO_JSON *json = cJSON_CreateObject();
    cJSON_AddBoolToObject(json, "valid", diags->error_count == 0);
    cJSON *list = cJSON_AddArrayToObject(json, "diagnostics");
    vec_each (diag, &diags->items)
        cJSON_AddItemToArray(list, diagnostic_json(diag, &line));
    cli_print_json(json);
}

int db_validate(struct cli *cli, const struct db_options *options)
{
    struct schema_files files;
    struct diag_list diags = {0};
    struct err err;
    if (db_read_schema(cli, options, &files, &err))
        return cli_fail(cli, &err);
    struct schema *schema = schema_parse(files.sources, files.count, &diags);
    datamodel_free(schema_resolve(schema, NULL, &diags));
    schema_free(schema);
    print_validation(cli, &diags, files.count);
    const int exit_code = diags.error_count ? err_exit_code(ERR_INVALID) : 0;
    diag_list_release(&diags);
    schema_files_release(&files);
    return exit_code;
}

// 1: it was not laid out. The file is written unless only asked.
static int format_one(const struct db_options *options, const struct source *source,
                      const struct strbuf *completed, bool has_many, struct err *err)
{
    const struct source whole = {source->path, completed->data, completed->len};
    AUTO_STRBUF text = STRBUF_INIT;
    schema_format(&whole, &text);
    if (options->to_stdout) {
        if (has_many)
            printf(">>>> %s\n", source->path);
        fwrite(text.data, 1, text.len, stdout);
        return 0;
    }
    if (text.len == source->length && memcmp(text.data, source->text, text.len) == 0)
        return 0;
    printf("%s\n", source->path);
    if (!options->check && file_write_atomic(source->path, text.data, text.len, 0644, err))
        return -1;
    return 1;
}

// What relations lack is added first, as the community's formatter does.
static int format_all(const struct db_options *options, const struct schema_files *files,
                      size_t *changed, struct err *err)
{
    struct strbuf *completed = mem_alloc(files->count * sizeof *completed);
    int status = 0;
    for (size_t i = 0; i < files->count; i++)
        completed[i] = (struct strbuf)STRBUF_INIT;
    schema_complete(files->sources, files->count, completed);
    for (size_t i = 0; i < files->count && status >= 0; i++) {
        status = format_one(options, &files->sources[i], &completed[i], files->count > 1, err);
        *changed += status == 1;
    }
    for (size_t i = 0; i < files->count; i++)
        strbuf_release(&completed[i]);
    free(completed);
    return status < 0 ? -1 : 0;
}

int db_format(struct cli *cli, const struct db_options *options)
{
    struct schema_files files;
    struct err err;
    size_t changed = 0;
    if (db_read_schema(cli, options, &files, &err))
        return cli_fail(cli, &err);
    int status = format_all(options, &files, &changed, &err);
    schema_files_release(&files);
    if (status)
        return cli_fail(cli, &err);
    return options->check && changed ? 1 : 0;
}
