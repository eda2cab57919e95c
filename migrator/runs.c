#include "migrator/runs.h"

#include <string.h>

#include "base/clock.h"
#include "migrator/constant_view.h"

static const char *const columns[] = {"started_at", "branch", "commit_id", "worktree",
                                      "migration_ids"};
static const struct constant_view view = {"_berth_runs", columns, sizeof columns / sizeof *columns};

static struct migrator_origin origin_of(const char *branch, const char *commit,
                                        const char *worktree)
{
    return (struct migrator_origin){.branch = branch ? mem_strdup(branch) : NULL,
                                    .commit = commit ? mem_strdup(commit) : NULL,
                                    .worktree = worktree ? mem_strdup(worktree) : NULL};
}

static void take_run(void *context, const char *const *values)
{
    struct runs *runs = context;
    if (values[0] && values[4])
        vec_push(&runs->runs, (struct run){.started_at = mem_strdup(values[0]),
                                           .origin = origin_of(values[1], values[2], values[3]),
                                           .ids = mem_strdup(values[4])});
}

int runs_read(struct driver *driver, struct runs *out, struct err *err)
{
    struct runs runs = {0};
    if (constant_view_read(driver, &view, take_run, &runs, &runs.exists, err)) {
        runs_release(&runs);
        return -1;
    }
    *out = runs;
    return 0;
}

void runs_release(struct runs *runs)
{
    vec_each (run, &runs->runs) {
        free(run->started_at);
        migrator_origin_release(&run->origin);
        free(run->ids);
    }
    vec_release(&runs->runs);
    *runs = (struct runs){0};
}

struct migrator_origin runs_origin_of(const struct runs *runs, const char *id)
{
    vec_each (run, &runs->runs)
        if (strstr(run->ids, id))
            return origin_of(run->origin.branch, run->origin.commit, run->origin.worktree);
    return (struct migrator_origin){0};
}

static void write_sql(const struct driver *driver, const struct runs *runs, struct strbuf *out)
{
    VEC_OF(const char *) values = {0};
    vec_each (run, &runs->runs) {
        vec_push(&values, run->started_at);
        vec_push(&values, run->origin.branch);
        vec_push(&values, run->origin.commit);
        vec_push(&values, run->origin.worktree);
        vec_push(&values, run->ids);
    }
    constant_view_sql(driver, &view, values.items, runs->runs.len, runs->exists, out);
    vec_release(&values);
}

int runs_record(struct driver *driver, const struct migrator_origin *origin, const char *ids,
                struct err *err)
{
    struct runs runs;
    AUTO_STRBUF sql = STRBUF_INIT;
    char now[CLOCK_RFC3339_SIZE];
    if (runs_read(driver, &runs, err))
        return -1;
    clock_format_rfc3339(clock_wall_ms(), now);
    take_run(&runs,
             (const char *const[]){now, origin->branch, origin->commit, origin->worktree, ids});
    write_sql(driver, &runs, &sql);
    runs_release(&runs);
    return driver_execute_transaction(driver, sql.data, err);
}

void migrator_origin_release(struct migrator_origin *origin)
{
    free(origin->branch);
    free(origin->commit);
    free(origin->worktree);
    *origin = (struct migrator_origin){0};
}
