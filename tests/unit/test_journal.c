#include "tests/unit/workspace_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "orchestrator/state/identity.h"
#include "orchestrator/state/orphans.h"

static struct store *open_store(struct workspace_fixture *fixture)
{
    struct store *store = NULL;
    struct err err;
    if (store_open(&fixture->workspace, &store, &err))
        fail_msg("%s", err.message);
    return store;
}

static void add(struct store *store, enum journal_kind kind, const char *name, const char *owner)
{
    const struct journal_entry entry = {kind, name, "it's a resource", owner, 7};
    struct err err;
    if (journal_add(store, &entry, &err))
        fail_msg("%s", err.message);
}

static void list_line(void *context, const struct journal_entry *entry)
{
    strbuf_addf(context, "%s/%s/%s/%d ", entry->name, entry->resource, entry->owner,
                (int)entry->start_ticks);
}

static void a_line_stays_until_it_is_removed(void **state)
{
    struct store *store = open_store(*state);
    AUTO_STRBUF all = STRBUF_INIT, of_one = STRBUF_INIT;
    add(store, JOURNAL_CONTAINER, "redis-1", "a");
    add(store, JOURNAL_CONTAINER, "redis-1", "b"); // another owner's now
    add(store, JOURNAL_CONTAINER, "postgres-1", "a");
    add(store, JOURNAL_RUN, "redis-1", "a");
    journal_remove(store, JOURNAL_RUN, "redis-1");
    journal_remove(store, JOURNAL_RUN, "never there");
    store_close(store); // as a killed owner does

    store = open_store(*state);
    assert_true(journal_has(store, JOURNAL_CONTAINER, "redis-1"));
    assert_false(journal_has(store, JOURNAL_RUN, "redis-1"));
    journal_each(store, JOURNAL_CONTAINER, "b", list_line, &of_one);
    assert_string_equal(of_one.data, "redis-1/it's a resource/b/7 ");
    journal_each(store, JOURNAL_CONTAINER, NULL, list_line, &all);
    assert_non_null(strstr(all.data, "postgres-1/"));
    store_close(store);
}

static pid_t spawn_sleeper(void)
{
    const pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        execle("/bin/sleep", "sleep", "1000", NULL, (char *[]){NULL});
        _exit(127);
    }
    assert_true(pid > 0);
    setpgid(pid, pid);
    return pid;
}

static void note(struct store *store, struct process_identity process)
{
    struct err err;
    if (journal_add_process(store, process, "sleeper", "BERTH_OWNER=t:1:1", &err))
        fail_msg("%s", err.message);
}

// Neither has a marker: the journal alone knows, and does not take a reused number for its own.
static void orphans_are_those_of_the_journal(void **state)
{
    struct store *store = open_store(*state);
    const pid_t own = spawn_sleeper(), other = spawn_sleeper();
    struct process_identity former = process_identity_of(other);
    former.start_ticks--;
    note(store, process_identity_of(own));
    note(store, former);
    orphans_end(store, "BERTH_OWNER=t:", "BERTH_OWNER=t:2:1", 1000); // not that owner's
    assert_int_equal(waitpid(own, NULL, WNOHANG), 0);
    orphans_end(store, "BERTH_OWNER=t:", NULL, 1000);
    int status = 0;
    assert_int_equal(waitpid(own, &status, 0), own);
    assert_int_equal(WTERMSIG(status), SIGTERM);
    assert_int_equal(waitpid(other, NULL, WNOHANG), 0);
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    journal_remove_process(store, own);
    char name[24];
    snprintf(name, sizeof name, "%d", (int)own);
    assert_false(journal_has(store, JOURNAL_PROCESS, name));
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_line_stays_until_it_is_removed),
        FIXTURE_TEST(orphans_are_those_of_the_journal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
