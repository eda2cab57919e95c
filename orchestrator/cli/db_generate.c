// generate: the schema's generators are run; what migrate and init do after they have applied.
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "migrator/diff/schema_diff.h"
#include "migrator/generators/generators.h"
#include "orchestrator/cli/db_develop.h"
#include "orchestrator/terminal/text.h"

extern char **environ;

static void print_line(void *context, const char *text)
{
    AUTO_STRBUF safe = STRBUF_INIT;
    (void)context;
    terminal_safe(text, &safe);
    fprintf(stderr, "%s\n", safe.data);
}

static int run_generators(struct cli *cli, const struct generators_job *job)
{
    const struct migrator_callbacks callbacks = {.line = print_line};
    struct err err;
    if (!generators_exist(job)) {
        printf("the schema has no generators\n");
        return 0;
    }
    return generators_run(job, &callbacks, &err) ? cli_fail(cli, &err) : 0;
}

static int generate(struct cli *cli, const char *path, const char *root)
{
    struct schema_files files = {0};
    struct diag_list diags = {0};
    struct datamodel *datamodel = NULL;
    struct err err;
    int failed =
        schema_files_read(path, root, &files, &err) ||
        schema_load((struct schema_texts){files.sources, files.count}, &datamodel, &diags, &err);
    cli_print_diagnostics(cli, &diags);
    diag_list_release(&diags);
    const struct generators_job job = {.schema_path = path,
                                       .root = root,
                                       .sources = files.sources,
                                       .source_count = files.count,
                                       .datamodel = datamodel,
                                       .environment = environ};
    const int exit_code = failed ? cli_fail(cli, &err) : run_generators(cli, &job);
    datamodel_free(datamodel);
    schema_files_release(&files);
    return exit_code;
}

int db_generate(struct cli *cli, const struct db_options *options)
{
    AUTOFREE char *found = NULL;
    struct settings *settings = NULL;
    struct err err;
    if (db_find_schema(cli, options, &found, &err))
        return cli_fail(cli, &err);
    int exit_code = cli_load_settings(cli, true, &settings);
    if (exit_code)
        return exit_code;
    AUTOFREE char *path = path_normalize(found);
    exit_code = generate(cli, path, settings->root);
    settings_free(settings);
    return exit_code;
}

void db_develop_generate(struct db_develop *run)
{
    const struct db_target *target = run->target;
    AUTOFREE char *path =
        path_normalize(run->options->schema ? run->options->schema : target->database->schema_path);
    char **environment = db_environment_of(target);
    const struct generators_job job = {.schema_path = path,
                                       .root = target->settings->root,
                                       .sources = run->files.sources,
                                       .source_count = run->files.count,
                                       .datamodel = run->datamodel,
                                       .environment = environment};
    struct err err;
    if (!run->options->no_generate && generators_run(&job, &run->callbacks, &err))
        fprintf(stderr, "warning: the client was not regenerated: %s\n%s%s%s", err.message,
                err.hint[0] ? "  hint: " : "", err.hint, err.hint[0] ? "\n" : "");
    db_environment_free(environment);
}
