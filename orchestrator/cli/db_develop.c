#include "orchestrator/cli/db_develop.h"

#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "migrator/diff/schema_diff.h"
#include "migrator/sql/render.h"
#include "orchestrator/terminal/text.h"

int db_develop_load_schema(struct db_develop *run, struct err *err)
{
    const struct db_target *target = run->target;
    const char *path = run->options->schema ? run->options->schema : target->database->schema_path;
    struct diag_list diags = {0};
    if (schema_files_read(path, target->settings->root, &run->files, err))
        return err_hint(err, "name the schema with --schema PATH");
    const int status = schema_load((struct schema_texts){run->files.sources, run->files.count},
                                   &run->datamodel, &diags, err);
    cli_print_diagnostics(target->cli, &diags);
    diag_list_release(&diags);
    if (status)
        return -1;
    const char *provider = dm_provider_name(run->datamodel->provider);
    if (strcmp(provider, target->migrator.provider) != 0)
        return err_set(err, ERR_INVALID, "the schema is one for %s, and %s is %s", provider,
                       target->database->name, target->migrator.provider);
    run->wanted = model_build(run->datamodel);
    return 0;
}

void db_develop_release(struct db_develop *run)
{
    model_free(run->wanted);
    datamodel_free(run->datamodel);
    schema_files_release(&run->files);
    free(run->memory);
}

const struct workspace *db_develop_workspace(const struct db_target *target)
{
    return target->has_session ? &target->session.workspace : &target->workspace;
}

char *db_develop_memory(const struct db_target *target)
{
    AUTOFREE char *name = mem_printf("history-%s", target->database->name);
    return workspace_path(db_develop_workspace(target), name);
}

bool db_develop_ask(const struct db_develop *run, const char *question, char *out, size_t size)
{
    if (!isatty(STDIN_FILENO) || run->target->cli->json)
        return false;
    fputs(question, stderr);
    if (!fgets(out, (int)size, stdin))
        return false;
    out[strcspn(out, "\n")] = '\0';
    return true;
}

int db_develop_confirm(const struct db_develop *run, const char *what, struct err *err)
{
    char answer[8] = "";
    if (run->options->yes)
        return 0;
    if (db_develop_ask(run, "Go on? [y/N] ", answer, sizeof answer)) {
        if (answer[0] == 'y' || answer[0] == 'Y')
            return 0;
        return err_set(err, ERR_FAILED, "nothing was changed");
    }
    err_set(err, ERR_USAGE, "%s, which wants --yes without a terminal", what);
    return err_hint(err, "--yes does it; berth db migrate --create-only writes a migration to be "
                         "edited");
}

int db_develop_check_data(const struct db_develop *run, const struct steps *steps, bool at_once,
                          struct err *err)
{
    struct data_loss loss = {0};
    if (develop_check_data(&run->develop, steps, &loss, err))
        return -1;
    vec_each (line, &loss.lost)
        fprintf(stderr, "warning: %s\n", *line);
    vec_each (line, &loss.impossible)
        fprintf(stderr, "warning: %s\n", *line);
    int status = 0;
    if (loss.impossible.len > 0 && at_once) {
        err_set(err, ERR_FAILED, "the rows that are there don't allow this change");
        status = err_hint(err, "berth db migrate --create-only writes the migration; mend it by "
                               "hand, then berth db deploy");
    } else if (loss.lost.len > 0 && at_once) {
        status = db_develop_confirm(run, "data may be lost", err);
    }
    data_loss_release(&loss);
    return status;
}

void db_develop_print_steps(const struct steps *steps, FILE *out)
{
    AUTO_STRBUF sql = STRBUF_INIT, safe = STRBUF_INIT;
    steps_render(steps, &sql);
    for (const char *line = sql.data; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        AUTOFREE char *text = mem_strndup(line, strcspn(line, "\n"));
        strbuf_clear(&safe);
        terminal_safe(text, &safe);
        if (*text && strncmp(text, "-- ", 3) != 0)
            fprintf(out, "      %s\n", safe.data);
    }
}

void db_develop_warn_of_rest(const struct steps *remaining)
{
    if (remaining->items.len > 0)
        fprintf(stderr, "warning: the database still differs from the schema: berth db diff --from "
                        "database --to schema\n");
}
