// The SQL from one state of a database to another: schemas, live databases, histories.
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "migrator/diff/schema_diff.h"
#include "migrator/model/model.h"
#include "migrator/snapshot.h"
#include "orchestrator/cli/ask.h"
#include "orchestrator/cli/db.h"

enum side_kind { SIDE_EMPTY, SIDE_SCHEMA, SIDE_DATABASE, SIDE_URL, SIDE_MIGRATIONS };

struct side {
    const char *text; // of the option
    enum side_kind kind;
    struct schema_files files;
    struct datamodel *datamodel; // SIDE_SCHEMA
    struct model *model;
};

struct comparison {
    struct cli *cli;
    const struct db_options *options;
    const struct migrator_target *target; // NULL: no side needs the database at hand
    struct side from, to;
    struct diag_list diags;
};

static bool is_url(const char *text)
{
    return strstr(text, "://") || strncmp(text, "file:", strlen("file:")) == 0 ||
           strncmp(text, "sqlite:", strlen("sqlite:")) == 0;
}

static void side_init(struct side *side, const char *text)
{
    static const struct {
        const char *word;
        enum side_kind kind;
    } words[] = {{"empty", SIDE_EMPTY},
                 {"schema", SIDE_SCHEMA},
                 {"database", SIDE_DATABASE},
                 {"migrations", SIDE_MIGRATIONS}};
    side->text = text;
    side->kind = is_url(text) ? SIDE_URL : SIDE_SCHEMA; // a path
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, text) == 0)
            side->kind = words[i].kind;
}

static void side_release(struct side *side)
{
    model_free(side->model);
    datamodel_free(side->datamodel);
    schema_files_release(&side->files);
}

static int read_files(struct comparison *comparison, struct side *side, struct err *err)
{
    AUTOFREE char *here = path_normalize(".");
    if (strcmp(side->text, "schema") == 0)
        return db_read_schema(comparison->cli, comparison->options, &side->files, err);
    return schema_files_read(side->text, here, &side->files, err);
}

static int load_schema(struct comparison *comparison, struct side *side, struct err *err)
{
    if (side->kind != SIDE_SCHEMA)
        return 0;
    if (read_files(comparison, side, err) ||
        schema_load((struct schema_texts){side->files.sources, side->files.count}, &side->datamodel,
                    &comparison->diags, err))
        return -1;
    side->model = model_build(side->datamodel);
    return 0;
}

static void print_excerpt(void *context, const char *text)
{
    (void)context;
    fputs(text, stderr);
}

// Only the line that failed is shown: stdout is for the script.
static int replay(struct comparison *comparison, const struct introspect_scope *scope,
                  struct model **out, struct err *err)
{
    const struct migrator_callbacks callbacks = {.excerpt = print_excerpt};
    return migrator_replay(comparison->target, scope, &callbacks, out, err);
}

static int load_live(struct comparison *comparison, struct side *side, const struct side *other,
                     struct err *err)
{
    const struct introspect_scope scope =
        other->datamodel ? introspect_scope_of(other->datamodel) : (struct introspect_scope){0};
    if (side->kind == SIDE_DATABASE)
        return migrator_describe(comparison->target, &scope, &side->model, err);
    if (side->kind == SIDE_MIGRATIONS)
        return replay(comparison, &scope, &side->model, err);
    if (side->kind != SIDE_URL)
        return 0;
    const char *provider = migrator_provider_of(side->text);
    const struct migrator_target target = {.url = side->text,
                                           .provider = provider ? provider : "postgresql"};
    return migrator_describe(&target, &scope, &side->model, err);
}

// "empty" is of the other side's kind.
static void fill_empty(struct side *side, const struct side *other)
{
    if (!side->model)
        side->model = model_new(other->model ? other->model->dialect->provider : DM_POSTGRESQL);
}

static int load(struct comparison *comparison, struct err *err)
{
    struct side *from = &comparison->from;
    struct side *to = &comparison->to;
    int failed = load_schema(comparison, from, err);
    if (load_schema(comparison, to, err) || failed) // the mistakes of both are told
        return -1;
    if (load_live(comparison, from, to, err) || load_live(comparison, to, from, err))
        return -1;
    fill_empty(from, to);
    fill_empty(to, from);
    to->model->is_empty_source = to->kind == SIDE_EMPTY;
    if (from->model->dialect == to->model->dialect)
        return 0;
    return err_set(err, ERR_INVALID, "the two sides are of different providers: %s and %s",
                   dm_provider_name(from->model->dialect->provider),
                   dm_provider_name(to->model->dialect->provider));
}

static int compare(struct cli *cli, const struct db_options *options,
                   const struct migrator_target *target)
{
    struct comparison comparison = {.cli = cli, .options = options, .target = target};
    struct err err;
    AUTO_STRBUF script = STRBUF_INIT;
    bool is_empty = false;
    side_init(&comparison.from, options->from);
    side_init(&comparison.to, options->to);
    int status = load(&comparison, &err);
    if (status == 0)
        model_diff_script(comparison.from.model, comparison.to.model,
                          (struct schema_diff_options){options->warnings}, &script, &is_empty);
    cli_print_diagnostics(cli, &comparison.diags);
    diag_list_release(&comparison.diags);
    side_release(&comparison.from);
    side_release(&comparison.to);
    if (status)
        return cli_fail(cli, &err);
    fwrite(script.data, 1, script.len, stdout);
    return options->exit_code && !is_empty ? 2 : 0;
}

static int compare_on_database(struct db_target *target, const struct db_options *options)
{
    return compare(target->cli, options, &target->migrator);
}

static bool needs_database(const char *text)
{
    return strcmp(text, "database") == 0 || strcmp(text, "migrations") == 0;
}

int db_diff(struct cli *cli, const struct db_options *options)
{
    if (!options->from || !options->to)
        return cli_usage(cli, "diff wants --from X and --to Y");
    if (needs_database(options->from) || needs_database(options->to))
        return db_for_each(cli, options, compare_on_database);
    return compare(cli, options, NULL);
}
