#include <stdio.h>

#include "orchestrator/cli/db.h"

// "berth db resolve --resume NAME --from N": N counts the file's statements.
static int resume(struct db_target *target, const struct db_options *options)
{
    const struct migrator_callbacks callbacks = db_callbacks(target);
    struct migrator_resumption resumption = {.name = options->resume};
    char behind;
    struct err err;
    if (!options->from || sscanf(options->from, "%zu%c", &resumption.from, &behind) != 1)
        return cli_usage(target->cli, "--resume wants --from N: the statement to begin at");
    if (migrator_resume(&target->migrator, &callbacks, &resumption, &err))
        return cli_fail(target->cli, &err);
    printf("%s: %s is complete from statement %zu on, and applied\n", target->database->name,
           resumption.name, resumption.from);
    return 0;
}

int db_resolve(struct db_target *target, const struct db_options *options)
{
    const bool is_applied = options->applied != NULL;
    const char *name = is_applied ? options->applied : options->rolled_back;
    const int given = is_applied + (options->rolled_back != NULL) + (options->resume != NULL);
    if (given != 1)
        return cli_usage(target->cli,
                         "resolve wants one of --applied, --rolled-back and --resume, with a NAME");
    if (options->resume)
        return resume(target, options);
    struct err err;
    if (migrator_resolve(&target->migrator, name,
                         is_applied ? MIGRATOR_APPLIED : MIGRATOR_ROLLED_BACK, &err))
        return cli_fail(target->cli, &err);
    printf("%s: %s is marked as %s\n", target->database->name, name,
           is_applied ? "applied" : "rolled back");
    return 0;
}
