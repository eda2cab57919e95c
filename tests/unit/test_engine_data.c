#include "tests/unit/test.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/mem.h"
#include "provisioners/engine_data.h"

static int setup(void **state)
{
    char directory[] = "/tmp/berth-data-XXXXXX";
    if (!mkdtemp(directory))
        return -1;
    *state = mem_strdup(directory);
    return 0;
}

static int teardown(void **state)
{
    struct err err;
    int failed = file_remove_tree(*state, &err);
    free(*state);
    return failed;
}

static void write_file(const char *directory, const char *name, const char *text, mode_t mode)
{
    struct err err;
    AUTOFREE char *path = path_join(directory, name);
    AUTOFREE char *parent = mem_strndup(path, (size_t)(strrchr(path, '/') - path));
    assert_int_equal(file_make_directories(parent, 0700, &err), 0);
    assert_int_equal(file_write_atomic(path, text, strlen(text), mode, &err), 0);
}

static int major_of(const char *directory, const char *name)
{
    AUTOFREE char *path = path_join(directory, name);
    return engine_data_version(engine_of(ENGINE_POSTGRES), path).major;
}

static void the_version_is_read_in_both_layouts(void **state)
{
    const char *root = *state;
    assert_int_equal(major_of(root, "missing"), 0);
    assert_int_equal(major_of(root, "."), 0);
    write_file(root, "old/PG_VERSION", "15\n", 0600);
    assert_int_equal(major_of(root, "old"), 15);
    write_file(root, "ancient/PG_VERSION", "9.6\n", 0600);
    assert_int_equal(major_of(root, "ancient"), 9);
    write_file(root, "new/18/docker/PG_VERSION", "18\n", 0600);
    assert_int_equal(major_of(root, "new"), 18);
    write_file(root, "new/19/docker/PG_VERSION", "19\n", 0600);
    assert_int_equal(major_of(root, "new"), 19);
    write_file(root, "broken/PG_VERSION", "?", 0600);
    assert_int_equal(major_of(root, "broken"), -1);
    write_file(root, "other/20/docker/notes", "no cluster", 0600);
    write_file(root, "other/21x/docker/PG_VERSION", "21\n", 0600);
    assert_int_equal(major_of(root, "other"), 0);
    AUTOFREE char *old = path_join(root, "old");
    assert_int_equal(engine_data_version(engine_of(ENGINE_REDIS), old).major, 0);
}

static void assert_version_of(enum engine_id engine, const char *root, const char *name,
                              const char *expected)
{
    AUTOFREE char *path = path_join(root, name);
    AUTO_STRBUF text = STRBUF_INIT;
    const struct engine_version version = engine_data_version(engine_of(engine), path);
    engine_version_print(&version, &text);
    assert_string_equal(text.data, expected);
}

static void assert_version(const char *root, const char *name, const char *expected)
{
    assert_version_of(ENGINE_MYSQL, root, name, expected);
}

// A file of pages, the tenth of which says which format it has.
static void write_mssql_data(const char *root, const char *name, unsigned format)
{
    enum { LENGTH = 9 * 8192 + 100 + 2 };
    AUTOFREE char *path = mem_printf("%s/data/master.mdf", name);
    AUTOFREE char *bytes = mem_alloc(LENGTH + 1);
    memset(bytes, 'x', LENGTH);
    bytes[LENGTH - 2] = (char)(format & 255);
    bytes[LENGTH - 1] = (char)(format >> 8);
    struct err err;
    AUTOFREE char *file = path_join(root, path);
    AUTOFREE char *parent = mem_strndup(file, (size_t)(strrchr(file, '/') - file));
    assert_int_equal(file_make_directories(parent, 0700, &err), 0);
    assert_int_equal(file_write_atomic(file, bytes, LENGTH, 0600, &err), 0);
}

static void sql_server_is_told_by_its_boot_page(void **state)
{
    const char *root = *state;
    static const struct {
        unsigned format;
        const char *expected;
    } cases[] = {{869, "SQL Server 2017"},
                 {904, "SQL Server 2019"},
                 {957, "SQL Server 2022"},
                 {998, "SQL Server 2025"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_mssql_data(root, "mssql", cases[i].format);
        assert_version_of(ENGINE_MSSQL, root, "mssql", cases[i].expected);
    }
    write_file(root, "short/data/master.mdf", "no page", 0600);
    AUTOFREE char *shortened = path_join(root, "short");
    assert_int_equal(engine_data_version(engine_of(ENGINE_MSSQL), shortened).major, 0);
    AUTOFREE char *missing = path_join(root, "missing");
    assert_int_equal(engine_data_version(engine_of(ENGINE_MSSQL), missing).major, 0);
}

static void mysql_and_mariadb_are_told_apart(void **state)
{
    const char *root = *state;
    write_file(root, "mysql9/mysql_upgrade_history",
               "{\"file_format\":\"1\",\"upgrade_history\":[{\"date\":\"2024-05-01 10:00:00\","
               "\"version\":\"8.4.0\",\"maturity\":\"LTS\",\"initialize\":true},{\"date\":"
               "\"2026-05-01 10:00:00\",\"version\":\"9.7.4-2\",\"update_history\":[{"
               "\"version_with_update\":\"9.7.4.0-2\"}]}]}",
               0600);
    assert_version(root, "mysql9", "MySQL 9");
    write_file(root, "mysql8/mysql_upgrade_info", "8.0.36", 0600);
    assert_version(root, "mysql8", "MySQL 8.0");
    write_file(root, "mariadb/mysql_upgrade_info", "10.11.18-MariaDB", 0600);
    assert_version(root, "mariadb", "MariaDB 10.11");
    write_file(root, "mariadb/mariadb_upgrade_info", "11.4.5-MariaDB", 0600);
    assert_version(root, "mariadb", "MariaDB 11.4");
    write_file(root, "silent/mysql/user.frm", "", 0600);
    AUTOFREE char *silent = path_join(root, "silent");
    assert_int_equal(engine_data_version(engine_of(ENGINE_MYSQL), silent).major, -1);
    assert_version(root, "missing", "");
    write_file(root, "other/notes", "no data", 0600);
    AUTOFREE char *other = path_join(root, "other");
    assert_int_equal(engine_data_version(engine_of(ENGINE_MYSQL), other).major, 0);
}

static void data_of_another_user_is_not_taken_for_none(void **state)
{
    const char *root = *state;
    write_file(root, "old/PG_VERSION", "15\n", 0600);
    write_file(root, "new/18/docker/PG_VERSION", "18\n", 0600);
    AUTOFREE char *old = path_join(root, "old");
    AUTOFREE char *new = path_join(root, "new/18/docker");
    assert_int_equal(chmod(old, 0), 0);
    assert_int_equal(chmod(new, 0), 0);
    // Root sees through modes.
    if (geteuid() == 0) {
        assert_int_equal(major_of(root, "old"), 15);
    } else {
        assert_int_equal(major_of(root, "old"), -1);
    }
    assert_int_equal(major_of(root, "new"), 18);
    assert_int_equal(chmod(old, 0700), 0);
    assert_int_equal(chmod(new, 0700), 0);
}

// Runs the engine's command with the programs in "bin"; what it says is in "output".
static int run_heal(const char *root, enum engine_id engine, const char *password_variable)
{
    AUTOFREE char *path = mem_printf("PATH=%s/bin:/usr/bin:/bin", root);
    AUTOFREE char *file = mem_printf("%s=%s/password", password_variable, root);
    AUTOFREE char *directory = mem_printf("TMPDIR=%s", root);
    AUTOFREE char *output = mem_printf("%s/output", root);
    char *env[] = {path, file, directory, (char[]){"PGDATA=/data"}, NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int exit_status = -1;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    const char *const *command = engine_heal_command(engine_of(engine));
    assert_int_equal(posix_spawn(&pid, "/bin/sh", &actions, NULL, (char **)command, env), 0);
    posix_spawn_file_actions_destroy(&actions);
    assert_int_equal(waitpid(pid, &exit_status, 0), pid);
    return WEXITSTATUS(exit_status);
}

// With a server that writes its arguments and input to "sql" and says `words`.
static int heal(const char *root, const char *words, int status)
{
    AUTOFREE char *server = mem_printf("#!/bin/sh\necho \"$*\" >'%s/sql'\ncat >>'%s/sql'\n"
                                       "echo '%s' >&2\nexit %d\n",
                                       root, root, words, status);
    write_file(root, "bin/postgres", server, 0700);
    write_file(root, "bin/gosu", "#!/bin/sh\nshift\nexec \"$@\"\n", 0700);
    return run_heal(root, ENGINE_POSTGRES, "POSTGRES_PASSWORD_FILE");
}

// With a server that only waits for its end, or that ends at once where `runs` is false, and a
// client that writes its arguments and input to "sql", says `words` and ends with `status`.
static int heal_mysql(const char *root, bool runs, const char *words, int status)
{
    AUTOFREE char *server =
        mem_printf("#!/bin/sh\necho '[ERROR] the server' >&2\n%s\n",
                   runs ? "sleep 60 &\ntrap 'kill $!; exit 0' TERM\nwait" : "exit 1");
    AUTOFREE char *client = mem_printf("#!/bin/sh\necho \"$*\" >'%s/sql'\ncat >>'%s/sql'\n"
                                       "if grep -q 'SELECT 1' '%s/sql'; then exit %d; fi\n"
                                       "echo '%s' >&2\nexit %d\n",
                                       root, root, root, runs ? 0 : 1, words, status);
    write_file(root, "bin/mariadbd", server, 0700);
    write_file(root, "bin/mariadb", client, 0700);
    return run_heal(root, ENGINE_MYSQL, "MYSQL_ROOT_PASSWORD_FILE");
}

static char *read_text(const char *root, const char *name)
{
    struct err err;
    AUTO_STRBUF text = STRBUF_INIT;
    AUTOFREE char *path = path_join(root, name);
    assert_int_equal(file_read(path, &text, &err), 0);
    return strbuf_detach(&text);
}

static void a_password_is_set_without_being_shown(void **state)
{
    const char *root = *state;
    write_file(root, "password", "it's $HOME `id` \"x\\", 0600);
    assert_int_equal(heal(root, "backend> backend> ", 0), 0);
    AUTOFREE char *sql = read_text(root, "sql");
    AUTOFREE char *arguments = mem_strndup(sql, strcspn(sql, "\n"));
    assert_non_null(strstr(arguments, "--single -D /data"));
    assert_null(strstr(arguments, "HOME"));
    assert_non_null(strstr(sql, "\nALTER ROLE postgres PASSWORD 'it''s $HOME `id` \"x\\'\n"));
    AUTOFREE char *output = read_text(root, "output");
    assert_string_equal(output, "");
}

static void a_password_that_was_not_set_is_said_so(void **state)
{
    const char *root = *state;
    write_file(root, "password", "hunter2-secret", 0600);
    static const struct {
        const char *words;
        int status;
        const char *output;
    } cases[] = {
        {"ERROR:  syntax error at hunter2-secret", 0, "the password was not set\n"},
        {"1 FATAL:  lock file exists", 1, "1 FATAL:  lock file exists\nthe password was not set\n"},
        {"", 127, "the password was not set\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(heal(root, cases[i].words, cases[i].status), 1);
        AUTOFREE char *output = read_text(root, "output");
        assert_string_equal(output, cases[i].output);
    }
    AUTOFREE char *password = path_join(root, "password");
    assert_int_equal(unlink(password), 0);
    assert_int_equal(heal(root, "", 0), 1);
}

static void a_password_of_mysql_is_set_without_being_shown(void **state)
{
    const char *root = *state;
    write_file(root, "password", "it's $HOME `id` \"x\\", 0600);
    assert_int_equal(heal_mysql(root, true, "", 0), 0);
    AUTOFREE char *sql = read_text(root, "sql");
    AUTOFREE char *arguments = mem_strndup(sql, strcspn(sql, "\n"));
    assert_null(strstr(arguments, "HOME"));
    assert_non_null(
        strstr(sql, "\nALTER USER 'root'@'%' IDENTIFIED BY 'it''s $HOME `id` \"x\\\\';\n"));
    AUTOFREE char *output = read_text(root, "output");
    assert_string_equal(output, "");
}

static void a_password_of_mysql_that_was_not_set_is_said_so(void **state)
{
    const char *root = *state;
    write_file(root, "password", "hunter2-secret", 0600);
    static const struct {
        bool runs;
        const char *words, *output;
    } cases[] = {
        {true, "ERROR 1064 (42000) at line 4: syntax near hunter2-secret",
         "ERROR 1064 (42000) at line 4: syntax\nthe password was not set\n"},
        {false, "", "[ERROR] the server\nthe password was not set\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(heal_mysql(root, cases[i].runs, cases[i].words, 1), 1);
        AUTOFREE char *output = read_text(root, "output");
        assert_string_equal(output, cases[i].output);
    }
}

static void other_engines_have_no_such_command(void **state)
{
    (void)state;
    assert_null(engine_heal_command(engine_of(ENGINE_REDIS)));
    assert_null(engine_heal_command(engine_of(ENGINE_SQLITE)));
    assert_null(engine_version_command(engine_of(ENGINE_REDIS)));
    assert_non_null(engine_version_command(engine_of(ENGINE_POSTGRES)));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_version_is_read_in_both_layouts),
        TEST(mysql_and_mariadb_are_told_apart),
        TEST(sql_server_is_told_by_its_boot_page),
        TEST(data_of_another_user_is_not_taken_for_none),
        TEST(a_password_is_set_without_being_shown),
        TEST(a_password_that_was_not_set_is_said_so),
        TEST(a_password_of_mysql_is_set_without_being_shown),
        TEST(a_password_of_mysql_that_was_not_set_is_said_so),
        TEST(other_engines_have_no_such_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
