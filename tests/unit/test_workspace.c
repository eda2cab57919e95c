#include "tests/unit/workspace_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/strbuf.h"

static mode_t mode_of(const struct workspace *workspace, const char *name)
{
    AUTOFREE char *path = workspace_path(workspace, name);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void read_file(const struct workspace *workspace, const char *name, struct strbuf *out)
{
    AUTOFREE char *path = workspace_path(workspace, name);
    struct err err;
    assert_int_equal(file_read(path, out, &err), 0);
}

static void one_directory_has_one_id(void **state)
{
    struct workspace_fixture *fixture = *state;
    AUTOFREE char *link = mem_printf("%s/link", fixture->root);
    AUTOFREE char *inside = mem_printf("%s/inside", fixture->root);
    AUTOFREE char *detour = mem_printf("%s/inside/.././/", fixture->root);
    assert_int_equal(symlink(fixture->root, link), 0);
    assert_int_equal(mkdir(inside, 0700), 0);
    const char *const names[] = {fixture->root, link, detour};
    for (size_t i = 0; i < 3; i++) {
        struct workspace workspace;
        struct err err;
        assert_int_equal(workspace_open(names[i], &workspace, &err), 0);
        assert_string_equal(workspace.root, fixture->workspace.root);
        assert_string_equal(workspace.id, fixture->workspace.id);
        workspace_release(&workspace);
    }
    // Names of containers and volumes hold it: it must never change between versions.
    char hex[SHA256_HEX_SIZE];
    sha256_hex(fixture->workspace.root, strlen(fixture->workspace.root), hex);
    assert_int_equal(strlen(fixture->workspace.id), 8);
    assert_memory_equal(fixture->workspace.id, hex, 8);

    struct workspace other;
    struct err err;
    assert_int_equal(workspace_open(inside, &other, &err), 0);
    assert_string_not_equal(other.id, fixture->workspace.id);
    workspace_release(&other);
}

static void a_missing_directory_is_no_workspace(void **state)
{
    (void)state;
    struct workspace workspace;
    struct err err;
    assert_int_equal(workspace_open("/nowhere/at/all", &workspace, &err), -1);
    assert_string_equal(err.message,
                        "cannot open the workspace /nowhere/at/all: No such file or directory");
}

static void opening_touches_nothing(void **state)
{
    struct workspace_fixture *fixture = *state;
    assert_false(file_exists(fixture->workspace.directory));
    assert_int_equal(workspace_holder(&fixture->workspace), 0);
    assert_false(file_exists(fixture->workspace.directory));
}

static void what_berth_keeps_is_its_users_own_and_never_committed(void **state)
{
    struct workspace_fixture *fixture = *state;
    struct workspace *workspace = &fixture->workspace;
    struct err err;
    assert_int_equal(workspace_make_directory(workspace, &err), 0);
    assert_int_equal(mode_of(workspace, ""), 0700);
    AUTO_STRBUF ignore = STRBUF_INIT;
    read_file(workspace, ".gitignore", &ignore);
    assert_string_equal(ignore.data, "*\n");
    // What is there already is left alone.
    workspace_fixture_write(fixture, ".berth/.gitignore", "mine\n");
    assert_int_equal(workspace_make_directory(workspace, &err), 0);
    strbuf_clear(&ignore);
    read_file(workspace, ".gitignore", &ignore);
    assert_string_equal(ignore.data, "mine\n");
}

static void only_one_holds_the_lock(void **state)
{
    struct workspace_fixture *fixture = *state;
    struct workspace *first = &fixture->workspace;
    struct workspace second;
    struct err err;
    assert_int_equal(workspace_lock(first, &err), 0);
    assert_false(first->was_unclean);
    assert_int_equal(workspace_holder(first), getpid());
    assert_int_equal(mode_of(first, "lock"), 0600);

    assert_int_equal(workspace_open(fixture->root, &second, &err), 0);
    assert_int_equal(workspace_lock(&second, &err), -1);
    AUTOFREE char *message =
        mem_printf("this workspace is already running, under process %d", (int)getpid());
    assert_string_equal(err.message, message);
    assert_string_equal(err.hint, "look at it with `berth ps`, or end it with `berth stop`");
    workspace_release(&second);
    assert_int_equal(workspace_holder(first), getpid()); // who lost has taken nothing away

    workspace_unlock(first);
    workspace_unlock(first);
    assert_int_equal(workspace_holder(first), 0);
    assert_int_equal(workspace_open(fixture->root, &second, &err), 0);
    assert_int_equal(workspace_lock(&second, &err), 0);
    assert_false(second.was_unclean);
    workspace_release(&second);
    assert_int_equal(workspace_holder(first), 0);
}

// Runs fn in a process of its own, until it says that it is done by a byte; the process stays.
static pid_t fork_with(void (*fn)(const struct workspace_fixture *fixture),
                       const struct workspace_fixture *fixture)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        fn(fixture);
        (void)!write(ends[1], ".", 1);
        pause();
        _exit(0);
    }
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    close(ends[1]);
    return pid;
}

static void lock_it(const struct workspace_fixture *fixture)
{
    struct workspace workspace;
    struct err err;
    if (workspace_open(fixture->root, &workspace, &err) || workspace_lock(&workspace, &err))
        _exit(1);
}

static void a_killed_holder_is_noticed(void **state)
{
    struct workspace_fixture *fixture = *state;
    struct err err;
    const pid_t holder = fork_with(lock_it, fixture);
    assert_int_equal(workspace_holder(&fixture->workspace), holder);
    assert_int_equal(workspace_lock(&fixture->workspace, &err), -1);
    kill(holder, SIGKILL);
    assert_int_equal(waitpid(holder, NULL, 0), holder);
    assert_int_equal(workspace_holder(&fixture->workspace), 0);
    assert_int_equal(workspace_lock(&fixture->workspace, &err), 0);
    assert_true(fixture->workspace.was_unclean);
    workspace_unlock(&fixture->workspace);
    assert_int_equal(workspace_lock(&fixture->workspace, &err), 0);
    assert_false(fixture->workspace.was_unclean);
}

static void look_at_it(const struct workspace_fixture *fixture)
{
    AUTOFREE char *path = workspace_path(&fixture->workspace, "lock");
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB))
        _exit(1);
}

// workspace_holder takes the lock for an instant, as in every round of `berth logs -f`.
static void who_only_looks_refuses_nobody(void **state)
{
    struct workspace_fixture *fixture = *state;
    struct err err;
    assert_int_equal(workspace_lock(&fixture->workspace, &err), 0);
    workspace_unlock(&fixture->workspace);
    const pid_t looker = fork_with(look_at_it, fixture);
    const pid_t killer = fork();
    if (killer == 0) {
        usleep(20 * 1000);
        kill(looker, SIGKILL);
        _exit(0);
    }
    assert_int_equal(workspace_lock(&fixture->workspace, &err), 0);
    assert_int_equal(waitpid(looker, NULL, 0), looker);
    assert_int_equal(waitpid(killer, NULL, 0), killer);
}

static void a_secret_is_made_once(void **state)
{
    struct workspace_fixture *fixture = *state;
    struct workspace *workspace = &fixture->workspace;
    struct err err;
    AUTOFREE char *first = NULL, *second = NULL, *other = NULL;
    AUTOFREE char *path = NULL, *again = NULL, *elsewhere = NULL;
    const mode_t mask = umask(0); // whatever the user's is
    assert_int_equal(workspace_secret(workspace, "postgres", &first, &path, &err), 0);
    umask(mask);
    assert_int_equal(workspace_secret(workspace, "postgres", &second, &again, &err), 0);
    assert_int_equal(workspace_secret(workspace, "reports", &other, &elsewhere, &err), 0);
    assert_int_equal(strlen(first), 32);
    assert_int_equal(
        strspn(first, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), 32);
    assert_string_equal(first, second);
    assert_string_not_equal(first, other);

    AUTOFREE char *expected = mem_printf("%s/secrets/postgres/password", workspace->directory);
    assert_string_equal(path, expected);
    AUTO_STRBUF text = STRBUF_INIT;
    read_file(workspace, "secrets/postgres/password", &text);
    assert_string_equal(text.data, first);
    assert_int_equal(mode_of(workspace, ""), 0700);
    assert_int_equal(mode_of(workspace, "secrets"), 0700);
    assert_int_equal(mode_of(workspace, "secrets/postgres"), 0700);
    assert_int_equal(mode_of(workspace, "secrets/postgres/password"), 0600);
}

static void a_secret_that_cannot_be_kept_is_an_error(void **state)
{
    struct workspace_fixture *fixture = *state;
    AUTOFREE char *secret = NULL, *path = NULL;
    struct err err;
    workspace_fixture_write(fixture, ".berth/secrets", "a file in the way\n");
    assert_int_equal(workspace_secret(&fixture->workspace, "postgres", &secret, &path, &err), -1);
    assert_null(secret);
    assert_null(path);
    assert_non_null(strstr(err.message, ".berth/secrets"));
}

// Two machines that share an engine may have a workspace at the same path.
static void on_an_engine_elsewhere_the_id_names_the_machine_too(void **state)
{
    const struct workspace_fixture *fixture = *state;
    struct workspace workspace;
    struct err err;
    assert_null(fixture->workspace.engine_host);
    setenv("DOCKER_HOST", "tcp://192.0.2.1:2376", 1);
    const int status = workspace_open(fixture->root, &workspace, &err);
    unsetenv("DOCKER_HOST");
    assert_int_equal(status, 0);
    assert_string_equal(workspace.engine_host, "192.0.2.1");
    assert_string_not_equal(workspace.id, fixture->workspace.id);
    workspace_release(&workspace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(one_directory_has_one_id),
        FIXTURE_TEST(a_missing_directory_is_no_workspace),
        FIXTURE_TEST(on_an_engine_elsewhere_the_id_names_the_machine_too),
        FIXTURE_TEST(opening_touches_nothing),
        FIXTURE_TEST(what_berth_keeps_is_its_users_own_and_never_committed),
        FIXTURE_TEST(only_one_holds_the_lock),
        FIXTURE_TEST(a_killed_holder_is_noticed),
        FIXTURE_TEST(who_only_looks_refuses_nobody),
        FIXTURE_TEST(a_secret_is_made_once),
        FIXTURE_TEST(a_secret_that_cannot_be_kept_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
