#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "orchestrator/cli/db.h"
#include "provisioners/host.h"

// A database that may not be this developer's own is reset only when it is named.
static int check_guard(const struct db_target *target, struct err *err)
{
    const struct plan_resource *database = target->database;
    const struct connection *connection = &database->connection;
    const bool is_remote =
        connection->engine->id != ENGINE_SQLITE && !host_is_loopback(connection->host);
    if (target->was_named || (!is_remote && !target->is_external))
        return 0;
    err_set(err, ERR_USAGE, "\"%s\" is %s: it is reset only when it is named", database->name,
            is_remote ? "on another host" : "not berth's own");
    return err_hint(err, "berth db reset --db %s", database->name);
}

static void print_plan(const struct db_target *target, const struct migrator_seed *seed)
{
    AUTO_STRBUF url = STRBUF_INIT;
    connection_url_masked(&target->database->connection, &url);
    struct migrator_status status = {0};
    struct err ignored;
    size_t migrations = 0;
    if (migrator_status_read(&target->migrator, &status, &ignored) == 0)
        vec_each (migration, &status.migrations)
            migrations += !migration->missing;
    migrator_status_release(&status);
    fprintf(stderr,
            "This will, in %s:\n"
            "  1. drop every table and all data\n"
            "  2. apply %zu migration%s from scratch\n"
            "  3. seed it (%s)\n",
            url.data, migrations, migrations == 1 ? "" : "s", seed->mode);
}

static int confirm(const struct db_options *options, struct err *err)
{
    if (options->yes)
        return 0;
    if (!isatty(STDIN_FILENO)) {
        err_set(err, ERR_USAGE, "a reset without a terminal wants --yes");
        return err_hint(err, "berth db reset --yes");
    }
    char answer[8] = "";
    fprintf(stderr, "Go on? [y/N] ");
    if (fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y'))
        return 0;
    return err_set(err, ERR_FAILED, "nothing was changed");
}

int db_reset(struct db_target *target, const struct db_options *options)
{
    struct err err;
    char **environment = NULL;
    const struct migrator_seed seed = db_seed_of(target, options, &environment);
    int status = check_guard(target, &err);
    if (status == 0) {
        print_plan(target, &seed);
        status = confirm(options, &err);
    }
    if (status == 0)
        status = migrator_drop_all(&target->migrator, &err);
    db_environment_free(environment);
    if (status)
        return cli_fail(target->cli, &err);
    int exit_code = db_deploy(target, options);
    return exit_code ? exit_code : db_seed(target, options);
}
