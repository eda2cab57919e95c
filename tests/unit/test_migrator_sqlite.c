#include "tests/unit/test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "migrator/migrator.h"

// A workspace in a directory of its own, with what the callbacks heard last.
struct fixture {
    char *root, *url, *database, *migrations;
    char excerpt[256], line[256];
    size_t begun, finished;
    struct err err;
};

static void on_progress(void *context, const struct migrator_progress *progress)
{
    struct fixture *f = context;
    f->begun += !progress->finished;
    f->finished += progress->finished;
}

static void on_line(void *context, const char *text)
{
    struct fixture *f = context;
    snprintf(f->line, sizeof f->line, "%s", text);
}

static void on_excerpt(void *context, const char *text)
{
    struct fixture *f = context;
    snprintf(f->excerpt, sizeof f->excerpt, "%s", text);
}

static struct migrator_callbacks callbacks_of(struct fixture *f)
{
    return (struct migrator_callbacks){
        .context = f, .progress = on_progress, .line = on_line, .excerpt = on_excerpt};
}

static struct migrator_target target_of(const struct fixture *f)
{
    return (struct migrator_target){.url = f->url,
                                    .provider = "sqlite",
                                    .migrations_path = f->migrations,
                                    .root = f->root,
                                    .lock_timeout_ms = 200};
}

static int setup(void **state)
{
    struct fixture *f = mem_alloc(sizeof *f);
    f->root = mem_strdup("/tmp/berth-test-XXXXXX");
    if (!mkdtemp(f->root))
        return -1;
    f->database = path_join(f->root, "data/app.db");
    f->url = mem_printf("file:%s?connection_limit=1", f->database);
    f->migrations = path_join(f->root, "migrations");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    const int failed = file_remove_tree(f->root, &f->err);
    free(f->root);
    free(f->url);
    free(f->database);
    free(f->migrations);
    free(f);
    return failed;
}

static void put(struct fixture *f, const char *name, const char *text)
{
    AUTOFREE char *path = path_join(f->root, name);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(file_make_directories(path, 0700, &f->err), 0);
    *slash = '/';
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0700, &f->err), 0);
}

static void put_migration(struct fixture *f, const char *name, const char *sql)
{
    AUTOFREE char *path = mem_printf("migrations/%s/migration.sql", name);
    put(f, path, sql);
}

// The result's first value as text, "" for NULL or no row; several statements may come before it.
static char *ask(const struct fixture *f, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    char *value = NULL;
    assert_int_equal(sqlite3_open(f->database, &db), SQLITE_OK);
    for (const char *rest = sql; *rest;) {
        sqlite3_finalize(statement);
        if (sqlite3_prepare_v2(db, rest, -1, &statement, &rest) != SQLITE_OK)
            fail_msg("%s: %s", sql, sqlite3_errmsg(db));
        free(value);
        value = NULL;
        if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0))
            value = mem_strdup((const char *)sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value ? value : mem_strdup("");
}

static void assert_ask(const struct fixture *f, const char *sql, const char *expected)
{
    AUTOFREE char *got = ask(f, sql);
    assert_string_equal(got, expected);
}

// Returns the migrations applied, -1 on failure.
static int deploy(struct fixture *f)
{
    const struct migrator_target target = target_of(f);
    const struct migrator_callbacks callbacks = callbacks_of(f);
    struct migrator_deploy_result result;
    f->excerpt[0] = f->line[0] = '\0';
    return migrator_deploy(&target, &callbacks, &result, &f->err) ? -1 : (int)result.applied;
}

static void assert_deploys(struct fixture *f, int applied)
{
    if (deploy(f) != applied)
        fail_msg("%s", f->err.message);
}

static void assert_fails(struct fixture *f, const char *message)
{
    assert_int_equal(deploy(f), -1);
    assert_string_equal(f->err.message, message);
}

static struct migrator_status status_of(struct fixture *f)
{
    const struct migrator_target target = target_of(f);
    struct migrator_status status;
    if (migrator_status_read(&target, &status, &f->err))
        fail_msg("%s", f->err.message);
    return status;
}

static void assert_counts(struct fixture *f, size_t applied, size_t pending, size_t failed)
{
    struct migrator_status status = status_of(f);
    assert_int_equal(status.applied, applied);
    assert_int_equal(status.pending, pending);
    assert_int_equal(status.failed, failed);
    migrator_status_release(&status);
}

static int resolve(struct fixture *f, const char *name, enum migrator_resolution resolution)
{
    const struct migrator_target target = target_of(f);
    return migrator_resolve(&target, name, resolution, &f->err);
}

static void status_makes_nothing(void **state)
{
    struct fixture *f = *state;
    put_migration(f, "1_a", "SELECT 1;");
    struct migrator_status status = status_of(f);
    assert_true(status.database_missing);
    assert_false(status.has_ledger);
    assert_int_equal(status.pending, 1);
    assert_false(file_exists(f->database));
    migrator_status_release(&status);
}

static void deploy_applies_in_order_and_once(void **state)
{
    struct fixture *f = *state;
    put_migration(f, "10_b", "ALTER TABLE a ADD COLUMN c TEXT;");
    put_migration(f, "10_a", "\xEF\xBB\xBF-- a table\nCREATE TABLE a (b INTEGER)");
    put_migration(f, "2_c", "-- nothing to do\n");
    put(f, "migrations/migration_lock.toml", "provider = \"sqlite\"\n");
    assert_deploys(f, 3);
    assert_int_equal(f->begun, 3);
    assert_int_equal(f->finished, 3);
    assert_deploys(f, 0);
    assert_ask(f,
               "SELECT group_concat(migration_name || length(id) || length(checksum) || "
               "typeof(started_at) || typeof(finished_at) || applied_steps_count || "
               "(logs IS NULL) || (rolled_back_at IS NULL)) "
               "FROM (SELECT * FROM _prisma_migrations ORDER BY started_at, rowid)",
               "10_a3664integerinteger111,10_b3664integerinteger111,2_c3664integerinteger111");
    assert_ask(f,
               "SELECT abs(started_at - CAST(strftime('%s', 'now') AS INTEGER) * 1000) < 60000 "
               "AND finished_at >= started_at FROM _prisma_migrations",
               "1");
    assert_counts(f, 3, 0, 0);
}

static void failure_at_statement_three_of_five_undoes_the_file(void **state)
{
    struct fixture *f = *state;
    put_migration(f, "1_a", "CREATE TABLE a (b INTEGER);");
    put_migration(f, "2_bad",
                  "CREATE TABLE c (d TEXT);\n"
                  "INSERT INTO a VALUES (1);\n"
                  "  INSERT INTO nope /* \xC3\xA9 */ VALUES (1);\n"
                  "CREATE TABLE e (f TEXT);\n"
                  "CREATE TABLE g (h TEXT);\n");
    put_migration(f, "3_later", "CREATE TABLE later (a TEXT);");
    assert_fails(f, "migrations/2_bad/migration.sql:3:3: no such table: nope (SQLITE_ERROR)");
    assert_string_equal(f->excerpt, "    3 |   INSERT INTO nope /* \xC3\xA9 */ VALUES (1);\n"
                                    "      |   ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n");
    assert_non_null(strstr(f->err.hint, "nothing of it took effect"));
    assert_non_null(strstr(f->err.hint, "berth db resolve --rolled-back 2_bad"));
    assert_ask(f, "SELECT count(*) FROM sqlite_master WHERE name IN ('c', 'e', 'g', 'later')", "0");
    assert_ask(f, "SELECT count(*) FROM a", "0");
    assert_ask(f,
               "SELECT (finished_at IS NULL) || applied_steps_count || (logs LIKE '%3 of 5%') "
               "FROM _prisma_migrations WHERE migration_name = '2_bad'",
               "101");
    assert_counts(f, 1, 1, 1);

    // nothing runs until that is settled, corrected file or not
    put_migration(f, "2_bad", "CREATE TABLE c (d TEXT);");
    assert_int_equal(deploy(f), -1);
    assert_non_null(strstr(f->err.message, "P3009"));
    assert_int_equal(resolve(f, "2_bad", MIGRATOR_ROLLED_BACK), 0);
    struct migrator_status status = status_of(f);
    assert_int_equal(status.migrations.items[1].state, MIGRATION_ROLLED_BACK);
    assert_int_equal(status.pending, 2);
    migrator_status_release(&status);
    assert_deploys(f, 2);
    assert_counts(f, 3, 0, 0);
}

static void syntax_errors_have_their_column(void **state)
{
    struct fixture *f = *state;
    put_migration(f, "1_a", "CREATE TABLE a (b INTEGER);\n\nCREATE TABLE \xC3\xA9 (b, , c);\n");
    assert_fails(f, "migrations/1_a/migration.sql:3:20: near \",\": syntax error (SQLITE_ERROR)");
    put_migration(f, "1_a", "CREATE TABLE a (b INTEGER); CREATE TABLE c (");
    assert_int_equal(resolve(f, "1_a", MIGRATOR_ROLLED_BACK), 0);
    assert_fails(f, "migrations/1_a/migration.sql:1:29: incomplete input (SQLITE_ERROR)");
    put_migration(f, "1_a", "SELECT 1;\nSELECT \xFF;");
    assert_int_equal(resolve(f, "1_a", MIGRATOR_ROLLED_BACK), 0);
    assert_fails(f, "migrations/1_a/migration.sql:2:8: not valid UTF-8");
}

// As Prisma writes it, mixed with statements that rely on checked references.
static void redefining_a_parent_keeps_its_children(void **state)
{
    struct fixture *f = *state;
    put_migration(f, "1_init",
                  "CREATE TABLE u (id INTEGER NOT NULL PRIMARY KEY, name TEXT);\n"
                  "CREATE TABLE p (id INTEGER NOT NULL PRIMARY KEY, u INTEGER NOT NULL REFERENCES "
                  "u (id) ON DELETE CASCADE);\n"
                  "INSERT INTO u VALUES (1, 'a'), (2, 'b'), (3, 'c');\n"
                  "INSERT INTO p VALUES (10, 1), (20, 2), (30, 3);\n");
    put_migration(f, "2_redefine",
                  "DELETE FROM u WHERE id = 1;\n" // takes its child along
                  "PRAGMA defer_foreign_keys=ON;\n"
                  "PRAGMA foreign_keys=OFF;\n"
                  "CREATE TABLE new_u (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL);\n"
                  "INSERT INTO new_u (id, name) SELECT id, name FROM u;\n"
                  "DROP TABLE u;\n"
                  "ALTER TABLE new_u RENAME TO u;\n"
                  "PRAGMA foreign_keys=ON;\n"
                  "PRAGMA defer_foreign_keys=OFF;\n"
                  "DELETE FROM u WHERE id = 2;\n"); // this one too
    assert_deploys(f, 2);
    assert_ask(f, "SELECT group_concat(id) FROM p", "30");
    assert_ask(f, "SELECT sql FROM sqlite_master WHERE name = 'p'",
               "CREATE TABLE p (id INTEGER NOT NULL PRIMARY KEY, u INTEGER NOT NULL REFERENCES "
               "u (id) ON DELETE CASCADE)");
}

static void dangling_references_fail_the_file_that_made_them(void **state)
{
    struct fixture *f = *state;
    put_migration(f, "1_init",
                  "CREATE TABLE u (id INTEGER NOT NULL PRIMARY KEY);\n"
                  "CREATE TABLE p (u INTEGER REFERENCES u (id));\n"
                  "INSERT INTO u VALUES (1);\nINSERT INTO p VALUES (1);\n");
    put_migration(f, "2_bad", "PRAGMA foreign_keys=off;\nDELETE FROM u;\n");
    assert_fails(f, "migrations/2_bad/migration.sql: a row of \"p\" (rowid 1) refers to a row of "
                    "\"u\" that does not exist");
    assert_ask(f, "SELECT count(*) FROM u", "1");
    // those that were there before are nobody's new mistake
    assert_ask(f, "PRAGMA foreign_keys=off; DELETE FROM u; SELECT count(*) FROM u", "0");
    put_migration(f, "2_bad", "PRAGMA foreign_keys=off;\nCREATE TABLE x (y);\n");
    assert_int_equal(resolve(f, "2_bad", MIGRATOR_ROLLED_BACK), 0);
    assert_deploys(f, 1);
}

static void references_are_checked_unless_a_file_says_otherwise(void **state)
{
    struct fixture *f = *state;
    put_migration(f, "1_off",
                  "CREATE TABLE u (id INTEGER NOT NULL PRIMARY KEY);\n"
                  "CREATE TABLE p (u INTEGER REFERENCES u (id));\n"
                  "PRAGMA foreign_keys=OFF;\n");
    put_migration(f, "2_on", "INSERT INTO p VALUES (7);");
    assert_fails(f, "migrations/2_on/migration.sql:1:1: FOREIGN KEY constraint failed "
                    "(SQLITE_CONSTRAINT)");
    put_migration(f, "2_on", "PRAGMA defer_foreign_keys=ON;INSERT INTO p VALUES (7);");
    assert_int_equal(resolve(f, "2_on", MIGRATOR_ROLLED_BACK), 0);
    assert_fails(f, "migrations/2_on/migration.sql: FOREIGN KEY constraint failed "
                    "(SQLITE_CONSTRAINT)");
    assert_ask(f, "SELECT count(*) FROM p", "0");
}

static void triggers_and_temporary_tables_work(void **state)
{
    struct fixture *f = *state;
    put_migration(f, "1_a",
                  "CREATE TABLE a (b INTEGER, c INTEGER);\n"
                  "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n"
                  "  UPDATE a SET c = CASE WHEN b > 1 THEN 2 ELSE 1 END; SELECT 1;\nEND;\n"
                  "CREATE TEMP TABLE x AS SELECT 5 AS y;\n"
                  "INSERT INTO a (b) SELECT y FROM x;\n");
    assert_deploys(f, 1);
    assert_ask(f, "SELECT c FROM a", "2");
}

static int resume(struct fixture *f, const char *name, size_t from)
{
    const struct migrator_target target = target_of(f);
    const struct migrator_resumption resumption = {name, from};
    return migrator_resume(&target, NULL, &resumption, &f->err);
}

static void a_failed_file_is_gone_on_with(void **state)
{
    struct fixture *f = *state;
    put_migration(f, "1_a", "CREATE TABLE a (b);\nVACUUM;\nCREATE TABL c (d);\nVACUUM;\n");
    assert_fails(f, "migrations/1_a/migration.sql:3:8: near \"TABL\": syntax error (SQLITE_ERROR)");
    assert_non_null(strstr(f->err.hint, "statements 1-2 of 4 took effect"));
    assert_non_null(strstr(f->err.hint, "berth db resolve --resume 1_a --from 3"));
    assert_int_equal(resume(f, "1_a", 5), -1);
    assert_int_equal(f->err.kind, ERR_USAGE);
    // still wrong: told by the file's own lines and numbers
    put_migration(f, "1_a", "CREATE TABLE a (b);\nVACUUM;\nCREATE TABLE c (d);\nVACUM;\n");
    assert_int_equal(resume(f, "1_a", 3), -1);
    assert_non_null(strstr(f->err.message, "migration.sql:4:1"));
    put_migration(f, "1_a", "CREATE TABLE a (b);\nVACUUM;\nCREATE TABLE c (d);\nVACUUM;\n");
    // the first try of the rest was one transaction
    assert_int_equal(resume(f, "1_a", 3), 0);
    assert_ask(f, "SELECT group_concat(name) FROM sqlite_master WHERE name IN ('a', 'c')", "a,c");
    assert_ask(f, "SELECT count(*) FROM _prisma_migrations WHERE finished_at IS NOT NULL", "1");
    assert_deploys(f, 0);
    assert_int_equal(resume(f, "1_a", 1), -1);
    assert_non_null(strstr(f->err.message, "P3012"));
}

static void files_with_their_own_transaction_run_as_they_lie(void **state)
{
    struct fixture *f = *state;
    put_migration(f, "1_good",
                  "PRAGMA journal_mode = WAL;\nBEGIN;\nCREATE TABLE a (b);\nCOMMIT;\n"
                  "VACUUM;\n");
    put_migration(f, "2_bad",
                  "BEGIN;\nCREATE TABLE c (d);\nCOMMIT;\nBEGIN;\nCREATE TABLE e (f);\n"
                  "INSERT INTO nope VALUES (1);\nCOMMIT;\n");
    assert_fails(f, "migrations/2_bad/migration.sql:6:1: no such table: nope (SQLITE_ERROR)");
    assert_non_null(strstr(f->err.hint, "statements 1-3 of 7 took effect"));
    assert_non_null(strstr(f->err.hint, "--resume 2_bad --from 4"));
    assert_ask(f, "SELECT group_concat(name) FROM sqlite_master WHERE name IN ('a', 'c', 'e')",
               "a,c");
    put_migration(f, "2_bad", "BEGIN;\nCREATE TABLE e (f);\n");
    assert_int_equal(resolve(f, "2_bad", MIGRATOR_ROLLED_BACK), 0);
    assert_fails(f, "migrations/2_bad/migration.sql: the file begins a transaction that it does "
                    "not end");
    assert_ask(f, "SELECT count(*) FROM sqlite_master WHERE name = 'e'", "0");
    // where the transaction is the file's own, the pragma does in it what SQLite says: nothing
    put_migration(f, "2_bad",
                  "CREATE TABLE u (id INTEGER PRIMARY KEY);\nCREATE TABLE p (u INTEGER "
                  "REFERENCES u);\nBEGIN;\nPRAGMA foreign_keys=OFF;\n"
                  "INSERT INTO p VALUES (1);\nCOMMIT;\n");
    assert_int_equal(resolve(f, "2_bad", MIGRATOR_ROLLED_BACK), 0);
    assert_fails(f, "migrations/2_bad/migration.sql:5:1: FOREIGN KEY constraint failed "
                    "(SQLITE_CONSTRAINT)");
}

static void schema_without_ledger_is_not_touched(void **state)
{
    struct fixture *f = *state;
    put_migration(f, "1_init", "CREATE TABLE a (b);");
    put_migration(f, "2_next", "CREATE TABLE c (d);");
    AUTOFREE char *data = path_join(f->root, "data");
    assert_int_equal(file_make_directories(data, 0700, &f->err), 0);
    assert_ask(f, "CREATE TABLE a (b); SELECT 1", "1");
    assert_int_equal(deploy(f), -1);
    assert_non_null(strstr(f->err.message, "P3005"));
    assert_non_null(strstr(f->err.hint, "berth db resolve --applied 1_init"));
    assert_counts(f, 0, 2, 0);
    assert_int_equal(resolve(f, "1_init", MIGRATOR_APPLIED), 0);
    assert_ask(f,
               "SELECT (started_at = finished_at) || applied_steps_count || '[' || logs || ']' "
               "FROM _prisma_migrations",
               "10[]");
    assert_deploys(f, 1);
}

static void directory_without_a_script_stops_before_anything_is_done(void **state)
{
    struct fixture *f = *state;
    put_migration(f, "1_init", "CREATE TABLE a (b);");
    put(f, "migrations/2_empty/notes.txt", "");
    assert_fails(f, "migrations/2_empty/migration.sql does not exist (P3015)");
    struct migrator_status status = status_of(f);
    assert_int_equal(status.applied, 0);
    assert_true(status.migrations.items[1].no_script);
    migrator_status_release(&status);
}

static void other_providers_history_is_refused(void **state)
{
    struct fixture *f = *state;
    put_migration(f, "1_init", "CREATE TABLE a (b);");
    put(f, "migrations/migration_lock.toml", "provider = \"postgresql\"");
    assert_fails(f, "migrations/migration_lock.toml says provider \"postgresql\", this database is "
                    "sqlite (P3019)");
    assert_false(file_exists(f->database));
}

static void edited_and_missing_migrations_are_told(void **state)
{
    struct fixture *f = *state;
    put_migration(f, "1_a", "CREATE TABLE a (b);\n");
    put_migration(f, "2_b", "CREATE TABLE c (d);\n");
    put_migration(f, "3_c", "CREATE TABLE e (f);\n");
    assert_deploys(f, 3);
    put_migration(f, "1_a", "CREATE TABLE a (b);\r\n"); // the same text
    put_migration(f, "2_b", "CREATE TABLE c (d, x);\n");
    AUTOFREE char *gone = path_join(f->migrations, "3_c");
    assert_int_equal(file_remove_tree(gone, &f->err), 0);
    struct migrator_status status = status_of(f);
    assert_int_equal(status.edited, 1);
    assert_true(status.migrations.items[1].edited);
    assert_int_equal(status.missing, 1);
    assert_true(status.migrations.items[2].missing);
    migrator_status_release(&status);
    assert_deploys(f, 0);
    assert_string_equal(f->line,
                        "warning: migrations/2_b/migration.sql was edited after it was applied");
}

// Rows as the WASM engine writes them, between those of the native one.
static void times_are_read_in_either_form(void **state)
{
    struct fixture *f = *state;
    put_migration(f, "1_a", "SELECT 1;");
    assert_deploys(f, 1);
    assert_ask(f,
               "UPDATE _prisma_migrations SET started_at = 1700000000500, finished_at = "
               "1700000001000;"
               "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, "
               "finished_at) VALUES "
               "('x', '', 'late', '2023-11-14T22:13:21.123+00:00', '2023-11-14T22:13:22.5Z'), "
               "('y', '', 'early', '2023-11-14 23:13:20 +01:00', '2023-11-14 22:13:20');"
               "SELECT 1",
               "1");
    struct migrator_status status = status_of(f);
    static const char *const names[] = {"early", "1_a", "late"};
    static const int64_t finished[] = {1700000000000, 1700000001000, 1700000002500};
    assert_int_equal(status.migrations.len, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(status.migrations.items[i].name, names[i]);
        assert_int_equal(status.migrations.items[i].finished_at_ms, finished[i]);
    }
    migrator_status_release(&status);
}

static void resolve_refuses_what_makes_no_sense(void **state)
{
    struct fixture *f = *state;
    put_migration(f, "1_a", "SELECT 1;");
    assert_deploys(f, 1);
    static const struct {
        const char *name;
        enum migrator_resolution resolution;
        const char *code;
    } cases[] = {
        {"nope", MIGRATOR_APPLIED, "P3017"},
        {"1_a", MIGRATOR_APPLIED, "P3008"},
        {"nope", MIGRATOR_ROLLED_BACK, "P3011"},
        {"1_a", MIGRATOR_ROLLED_BACK, "P3012"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(resolve(f, cases[i].name, cases[i].resolution), -1);
        assert_non_null(strstr(f->err.message, cases[i].code));
    }
}

// Another process has the file; it is named, and nothing is done without the lock.
static void holder_of_the_lock_is_named(void **state)
{
    struct fixture *f = *state;
    int ready[2], done[2];
    char byte;
    put_migration(f, "1_a", "CREATE TABLE a (b);");
    assert_deploys(f, 1);
    put_migration(f, "2_b", "CREATE TABLE c (d);");
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(done), 0);
    const pid_t child = fork();
    if (child == 0) {
        sqlite3 *db;
        close(done[1]);
        if (sqlite3_open(f->database, &db) ||
            sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL) || write(ready[1], "x", 1) != 1)
            _exit(1);
        _exit(read(done[0], &byte, 1) == 0 ? 0 : 1);
    }
    close(ready[1]);
    close(done[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(deploy(f), -1);
    assert_int_equal(f->err.kind, ERR_TIMEOUT);
    AUTOFREE char *holder = mem_printf("pid %d (", (int)child);
    assert_non_null(strstr(f->err.message, holder));
    assert_non_null(strstr(f->line, holder));
    close(done[1]);
    close(ready[0]);
    int code;
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(code, 0);
    assert_deploys(f, 1);
}

static int seed_with(struct fixture *f, const char *mode, const char *script, bool once,
                     struct migrator_seed_result *result)
{
    const struct migrator_target target = target_of(f);
    const struct migrator_callbacks callbacks = callbacks_of(f);
    AUTOFREE char *seeds = path_join(f->root, "seeds");
    AUTOFREE char *path = script ? path_join(f->root, script) : NULL;
    AUTOFREE char *variable = mem_printf("DB=%s", f->database);
    char *environment[] = {(char *)"DB=another", variable, (char *)"PATH=/usr/bin:/bin", NULL};
    const struct migrator_seed seed = {.seeds_path = seeds,
                                       .script_path = path,
                                       .mode = mode,
                                       .once = once,
                                       .environment = environment,
                                       .workdir = f->root};
    return migrator_seed(&target, &seed, &callbacks, result, &f->err);
}

static void put_seeds(struct fixture *f)
{
    put_migration(
        f, "1_a",
        "CREATE TABLE \"User\" (id INTEGER PRIMARY KEY, name TEXT NOT NULL, admin BOOLEAN, "
        "score REAL);\nCREATE TABLE log (t TEXT);");
    assert_deploys(f, 1);
    put(f, "seeds/demo/01_User.csv",
        "id,name,admin,score\n1,\"O'Hara, \"\"Jo\"\"\",true,1.5\n2,,,\n");
    put(f, "seeds/demo/00_first.sql",
        "INSERT INTO log VALUES ('a');\nINSERT INTO log VALUES ('b'), "
        "('c');\n");
    put(f, "seeds/demo/02_last.sql", "INSERT INTO log SELECT name FROM \"User\";");
    put(f, "seeds/demo/notes.txt", "not a seed");
}

static void seeds_go_on_where_they_failed(void **state)
{
    struct fixture *f = *state;
    struct migrator_seed_result result;
    put_seeds(f);
    assert_int_equal(seed_with(f, "demo", NULL, true, &result), -1);
    assert_string_equal(f->err.message, "seeds/demo/01_User.csv:3:1: NOT NULL constraint failed: "
                                        "User.name (SQLITE_CONSTRAINT)");
    assert_string_equal(f->excerpt, "    3 | 2,,,\n      | ^~~~\n");
    assert_ask(f, "SELECT count(*) FROM \"User\"", "0");
    put(f, "seeds/demo/01_User.csv",
        "id,name,admin,score\r\n1,\"O'Hara, \"\"Jo\"\"\",true,1.5\r\n"
        "2,\"\",,\r\n");
    assert_int_equal(seed_with(f, "demo", NULL, true, &result), 0);
    assert_int_equal(result.files, 2);
    assert_int_equal(result.rows, 4);
    assert_ask(f, "SELECT count(*) FROM log", "5"); // the first file was not sown twice
    assert_ask(f,
               "SELECT group_concat(id || name || ifnull(admin, 'null') || typeof(score)) FROM "
               "\"User\"",
               "1O'Hara, \"Jo\"1real,2nullnull");
    assert_int_equal(seed_with(f, "demo", NULL, true, &result), 0);
    assert_true(result.skipped);
    // asked for again, everything is sown again, and what is in the way fails
    assert_int_equal(seed_with(f, "demo", NULL, false, &result), -1);
    assert_ask(f, "SELECT count(*) FROM log", "8");
    assert_ask(f, "SELECT group_concat(mode || '/' || file) FROM _berth_seeds",
               "demo/00_first.sql");
}

static void seeds_of_unknown_modes_are_skipped(void **state)
{
    struct fixture *f = *state;
    struct migrator_seed_result result = {0};
    assert_int_equal(seed_with(f, "none", NULL, false, &result), 0);
    assert_true(result.skipped);
    assert_int_equal(seed_with(f, "../demo", NULL, false, &result), -1);
    assert_int_equal(f->err.kind, ERR_USAGE);
}

static void malformed_csv_is_told_and_undone(void **state)
{
    struct fixture *f = *state;
    struct migrator_seed_result result;
    put_seeds(f);
    static const char *const cases[][2] = {
        {"id,nome\n", "seeds/x/User.csv:1:4: table User has no column named nome (SQLITE_ERROR)"},
        {"id,name\n3,x\n4\n", "seeds/x/User.csv:3:1: 1 field, the header has 2"},
        {"id,name\n3,x\n3,y\n", "seeds/x/User.csv:3:1: UNIQUE constraint failed: User.id "
                                "(SQLITE_CONSTRAINT)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(f, "seeds/x/User.csv", cases[i][0]);
        assert_int_equal(seed_with(f, "x", NULL, false, &result), -1);
        assert_string_equal(f->err.message, cases[i][1]);
        assert_ask(f, "SELECT count(*) FROM \"User\"", "0");
    }
}

static void seed_programs_run_with_mode_and_environment(void **state)
{
    struct fixture *f = *state;
    struct migrator_seed_result result;
    put_migration(f, "1_a", "CREATE TABLE a (b);");
    assert_deploys(f, 1);
    put(f, "seed.sh", "echo \"$1 $DB\" > heard; pwd >&2; printf last; sleep 2 &\nexit $(cat code)");
    put(f, "code", "0");
    const int64_t begun = clock_monotonic_ms();
    assert_int_equal(seed_with(f, "demo", "seed.sh", true, &result), 0);
    assert_true(clock_monotonic_ms() - begun < 1900); // not for what the program left behind
    assert_string_equal(f->line, "last");
    AUTO_STRBUF heard = STRBUF_INIT;
    AUTOFREE char *path = path_join(f->root, "heard"); // it lies where the program ran
    AUTOFREE char *expected = mem_printf("demo %s\n", f->database);
    assert_int_equal(file_read(path, &heard, &f->err), 0);
    assert_string_equal(heard.data, expected);
    assert_int_equal(result.files, 1);
    assert_int_equal(seed_with(f, "demo", "seed.sh", true, &result), 0);
    assert_true(result.skipped);
    put(f, "code", "3");
    assert_int_equal(seed_with(f, "demo", "seed.sh", false, &result), -1);
    assert_non_null(strstr(f->err.message, "exit code 3"));
    assert_int_equal(seed_with(f, "other", "seed.none", true, &result), 0);
    assert_true(result.skipped);
}

static void drop_all_leaves_an_empty_file(void **state)
{
    struct fixture *f = *state;
    const struct migrator_target target = target_of(f);
    struct migrator_seed_result result;
    assert_int_equal(migrator_drop_all(&target, &f->err), 0);
    assert_false(file_exists(f->database));
    put_seeds(f);
    put(f, "seeds/demo/01_User.csv", "id,name\n1,x\n");
    assert_int_equal(seed_with(f, "demo", NULL, true, &result), 0);
    assert_int_equal(migrator_drop_all(&target, &f->err), 0);
    assert_ask(f, "SELECT count(*) FROM sqlite_master", "0");
    assert_deploys(f, 1);
    assert_int_equal(seed_with(f, "demo", NULL, true, &result), 0);
    assert_false(result.skipped);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(status_makes_nothing),
        TEST(deploy_applies_in_order_and_once),
        TEST(failure_at_statement_three_of_five_undoes_the_file),
        TEST(syntax_errors_have_their_column),
        TEST(redefining_a_parent_keeps_its_children),
        TEST(dangling_references_fail_the_file_that_made_them),
        TEST(references_are_checked_unless_a_file_says_otherwise),
        TEST(triggers_and_temporary_tables_work),
        TEST(a_failed_file_is_gone_on_with),
        TEST(files_with_their_own_transaction_run_as_they_lie),
        TEST(schema_without_ledger_is_not_touched),
        TEST(directory_without_a_script_stops_before_anything_is_done),
        TEST(other_providers_history_is_refused),
        TEST(edited_and_missing_migrations_are_told),
        TEST(times_are_read_in_either_form),
        TEST(resolve_refuses_what_makes_no_sense),
        TEST(holder_of_the_lock_is_named),
        TEST(seeds_go_on_where_they_failed),
        TEST(seeds_of_unknown_modes_are_skipped),
        TEST(malformed_csv_is_told_and_undone),
        TEST(seed_programs_run_with_mode_and_environment),
        TEST(drop_all_leaves_an_empty_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
