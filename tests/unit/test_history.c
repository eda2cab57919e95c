#include "tests/unit/test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "migrator/history.h"
#include "migrator/ledger.h"

static int make_directory(void **state)
{
    char *directory = mem_strdup("/tmp/berth-test-XXXXXX");
    *state = mkdtemp(directory);
    return *state ? 0 : -1;
}

static int remove_directory(void **state)
{
    struct err err;
    const int failed = file_remove_tree(*state, &err);
    free(*state);
    return failed;
}

static void put(const char *directory, const char *name, const char *text)
{
    struct err err;
    AUTOFREE char *path = path_join(directory, name);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(file_make_directories(path, 0700, &err), 0);
    *slash = '/';
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0600, &err), 0);
}

static void directories_come_in_byte_order(void **state)
{
    struct history history;
    struct err err;
    static const char *const names[] = {"20240101_b", "10_x",       "0_init",
                                        "a b",        "20240101_B", "2024-01-01_x"};
    for (size_t i = 0; i < 6; i++) {
        AUTOFREE char *name = mem_printf("%s/migration.sql", names[i]);
        put(*state, name, "");
    }
    put(*state, "zz_stray/notes.txt", "");
    put(*state, "migration_lock.toml", "# x\nprovider = \"postgresql\"\n");
    put(*state, ".git/migration.sql", "");
    AUTOFREE char *link = path_join(*state, "link");
    assert_int_equal(symlink("0_init", link), 0);

    assert_int_equal(history_read(*state, &history, &err), 0);
    static const char *const expected[] = {"0_init",     "10_x", "2024-01-01_x", "20240101_B",
                                           "20240101_b", "a b",  "zz_stray"};
    assert_int_equal(history.migrations.len, 7);
    for (size_t i = 0; i < 7; i++)
        assert_string_equal(history.migrations.items[i].name, expected[i]);
    assert_true(history_find(&history, "zz_stray")->no_script);
    assert_false(history_find(&history, "a b")->no_script);
    assert_null(history_find(&history, "zz"));
    assert_string_equal(history.lock_provider, "postgresql");
    history_release(&history);
}

static void missing_directory_is_an_empty_history(void **state)
{
    struct history history;
    struct err err;
    AUTOFREE char *path = path_join(*state, "none");
    assert_int_equal(history_read(path, &history, &err), 0);
    assert_int_equal(history.migrations.len, 0);
    assert_int_equal(history_check_provider(&history, "sqlite", "none", &err), 0);
    history_release(&history);
}

static void lock_file_guards_the_provider(void **state)
{
    static const struct {
        const char *text, *provider;
        int result;
    } cases[] = {
        {"provider = \"postgresql\"", "postgresql", 0},
        {"# c\r\nprovider = \"postgresql\"\r\n", "postgresql", 0},
        {"\xEF\xBB\xBFprovider='sqlite'", "sqlite", 0},
        {"provider = \"postgres\"", "postgresql", 0},
        {"provider = \"mssql\"", "sqlserver", 0},
        {"provider = \"sqlite\"", "postgresql", -1},
        {"# provider = \"postgresql\"", "postgresql", -1},
        {"provider = ", "postgresql", -1},
        {"", "postgresql", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct history history;
        struct err err;
        put(*state, "migration_lock.toml", cases[i].text);
        assert_int_equal(history_read(*state, &history, &err), 0);
        if (history_check_provider(&history, cases[i].provider, "m", &err) != cases[i].result)
            fail_msg("%s", cases[i].text);
        history_release(&history);
    }
}

static void checksums_match_what_is_the_same_text(void **state)
{
    (void)state;
    char lf[SHA256_HEX_SIZE], crlf[SHA256_HEX_SIZE];
    sha256_hex("a\nb\n", 4, lf);
    sha256_hex("a\r\nb\r\n", 6, crlf);
    assert_true(history_checksum_matches(lf, "a\nb\n", 4));
    assert_true(history_checksum_matches(lf, "a\r\nb\r\n", 6));
    assert_true(history_checksum_matches(crlf, "a\nb\n", 4));
    assert_false(history_checksum_matches(lf, "a\nb", 3));
    // SHA-256 of "abc", which has three bytes below 0x10; in the second form one of them keeps its
    // zero.
    const char *unpadded = "ba7816bf8f1cfea414140de5dae2223b0361a396177a9cb410ff61f2015ad";
    const char *mixed = "ba7816bf8f1cfea414140de5dae2223b00361a396177a9cb410ff61f2015ad";
    char padded[SHA256_HEX_SIZE];
    sha256_hex("abc", 3, padded);
    assert_string_equal(padded, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_true(history_checksum_matches(padded, "abc", 3));
    assert_true(history_checksum_matches(unpadded, "abc", 3));
    assert_false(history_checksum_matches(mixed, "abc", 3));
}

static void add_row(struct ledger *ledger, const char *name, int64_t finished, int64_t rolled_back)
{
    vec_push(&ledger->rows, (struct ledger_row){.id = mem_strdup(""),
                                                .checksum = mem_strdup(""),
                                                .name = mem_strdup(name),
                                                .started_at_ms = 1,
                                                .finished_at_ms = finished,
                                                .rolled_back_at_ms = rolled_back});
}

static void ledger_rows_decide_a_state(void **state)
{
    (void)state;
    struct ledger ledger = {0};
    add_row(&ledger, "applied", 2, 0);
    add_row(&ledger, "rolled", 0, 3);
    add_row(&ledger, "again", 0, 3);
    add_row(&ledger, "again", 4, 0);
    add_row(&ledger, "failed", 0, 3);
    add_row(&ledger, "failed", 0, 0);
    assert_int_equal(ledger_state_of(&ledger, "applied", NULL), LEDGER_APPLIED);
    assert_int_equal(ledger_state_of(&ledger, "rolled", NULL), LEDGER_ROLLED_BACK);
    assert_int_equal(ledger_state_of(&ledger, "again", NULL), LEDGER_APPLIED);
    assert_int_equal(ledger_state_of(&ledger, "failed", NULL), LEDGER_FAILED);
    assert_int_equal(ledger_state_of(&ledger, "unknown", NULL), LEDGER_UNKNOWN);
    assert_string_equal(ledger_first_failed(&ledger)->name, "failed");
    ledger_release(&ledger);
    assert_null(ledger_first_failed(&ledger));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(directories_come_in_byte_order, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(missing_directory_is_an_empty_history, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(lock_file_guards_the_provider, make_directory,
                                        remove_directory),
        cmocka_unit_test(checksums_match_what_is_the_same_text),
        cmocka_unit_test(ledger_rows_decide_a_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
