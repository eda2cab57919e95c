// The database is not what its migrations make: somebody changed it by other means, or a migration
// was edited after it was applied. Explained, with three ways on; never a reset.
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "orchestrator/cli/db_develop.h"

static bool wants_actual(const struct db_develop *run)
{
    struct steps steps = {0};
    model_diff(run->develop.actual, run->wanted, &steps);
    const bool is_wanted = steps.items.len == 0;
    steps_release(&steps);
    return is_wanted;
}

static void explain(const struct db_develop *run, const struct steps *drift,
                    const struct steps *undrift)
{
    const char *name = run->target->database->name;
    fprintf(stderr, "%s is not what its migrations make. By other hands, this was done:\n", name);
    db_develop_print_steps(drift, stderr);
    if (wants_actual(run))
        fprintf(stderr, "  The schema wants it so.\n");
    fprintf(stderr, "  There are three ways on:\n"
                    "    --drift adopt   keep it: a migration with this SQL, recorded as applied\n"
                    "    --drift revert  undo it:\n");
    db_develop_print_steps(undrift, stderr);
    fprintf(stderr, "    --drift ignore  leave it: the new migration starts from what the "
                    "migrations make\n");
}

// The command ends there: a schema that does not have it yet would have it dropped right away.
static int adopt(struct db_develop *run, const struct steps *drift, struct err *err)
{
    AUTOFREE char *name = NULL;
    if (run->develop.status.pending > 0) {
        err_set(err, ERR_FAILED,
                "migrations are pending, and what is there can't come before them");
        return err_hint(err, "apply them first: berth db migrate --drift ignore");
    }
    if (develop_write(&run->develop, drift, "adopt", &name, err) ||
        migrator_resolve(&run->target->migrator, name, MIGRATOR_APPLIED, err))
        return -1;
    fprintf(stderr, "adopted as %s%s\n", name,
            wants_actual(run) ? ""
                              : "; now let the schema say so: what it does not have, the next "
                                "migration drops");
    run->is_done = true;
    return 0;
}

static int revert(struct db_develop *run, const struct steps *undrift, struct err *err)
{
    struct data_loss loss = {0};
    int failed = develop_check_data(&run->develop, undrift, &loss, err);
    vec_each (line, &loss.lost)
        fprintf(stderr, "  - %s\n", *line);
    if (!failed && loss.lost.len)
        failed = db_develop_confirm(run, "undoing this loses data", err);
    data_loss_release(&loss);
    if (failed || develop_run(&run->develop, undrift, err))
        return -1;
    fprintf(stderr, "reverted\n");
    return db_develop_reopen(run, err);
}

static int unsettled(const struct db_develop *run, struct err *err)
{
    err_set(err, ERR_FAILED, "%s is not what its migrations make", run->target->database->name);
    return err_hint(err, "berth db migrate --drift adopt|revert|ignore");
}

static int settle(struct db_develop *run, const struct steps *drift, const struct steps *undrift,
                  struct err *err)
{
    char answer[16] = "";
    const char *choice = run->options->drift;
    if (!choice)
        explain(run, drift, undrift);
    if (!choice && db_develop_ask(run, "adopt, revert, ignore, or stop? ", answer, sizeof answer))
        choice = answer;
    if (!choice)
        return unsettled(run, err);
    if (strcmp(choice, "adopt") == 0)
        return adopt(run, drift, err);
    if (strcmp(choice, "revert") == 0)
        return revert(run, undrift, err);
    run->has_drift = true;
    return strcmp(choice, "ignore") == 0 ? 0 : unsettled(run, err);
}

int db_settle_drift(struct db_develop *run, struct err *err)
{
    struct steps drift = {0}, undrift = {0};
    if (!develop_sees_drift(&run->develop))
        return 0;
    develop_drift(&run->develop, &drift);
    develop_undrift(&run->develop, &undrift);
    const int status = drift.items.len > 0 ? settle(run, &drift, &undrift, err) : 0;
    steps_release(&drift);
    steps_release(&undrift);
    return status;
}
