#include "tests/unit/test_schema.h"

#include <unistd.h>

#include "base/file.h"
#include "migrator/schema/files.h"

static char directory[] = "/tmp/berth-test-XXXXXX";

static void write_file(const char *name, const char *text)
{
    struct err err;
    AUTOFREE char *path = path_join(directory, name);
    AUTOFREE char *parent = mem_strndup(path, (size_t)(path_basename(path) - path));
    assert_int_equal(file_make_directories(parent, 0700, &err), 0);
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0600, &err), 0);
}

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
    (void)state;
    struct err err;
    return file_remove_tree(directory, &err);
}

static void directories_are_read_in_byte_order_and_once(void **state)
{
    (void)state;
    struct err err;
    struct schema_files files;
    write_file("schema/b.prisma", "// b\n");
    write_file("schema/B.prisma", "");
    write_file("schema/models/z.prisma", "// z\n");
    write_file("schema/models/deep/a.prisma", "// a\n");
    write_file("schema/readme.md", "no");
    write_file("schema/.hidden/x.prisma", "no");
    write_file("schema/.prisma", "no");
    AUTOFREE char *loop = path_join(directory, "schema/models/loop");
    AUTOFREE char *again = path_join(directory, "schema/c.prisma");
    AUTOFREE char *dangling = path_join(directory, "schema/d.prisma");
    assert_int_equal(symlink("..", loop), 0);
    assert_int_equal(symlink("models/z.prisma", again), 0);
    assert_int_equal(symlink("nowhere.prisma", dangling), 0);
    AUTOFREE char *schema = path_join(directory, "schema");
    assert_int_equal(schema_files_read(schema, directory, &files, &err), 0);
    static const char *const expected[] = {"schema/B.prisma", "schema/b.prisma", "schema/c.prisma",
                                           "schema/models/deep/a.prisma"};
    assert_int_equal(files.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(files.sources[i].path, expected[i]);
    assert_int_equal(files.sources[0].length, 0);
    assert_string_equal(files.sources[2].text, "// z\n");
    schema_files_release(&files);
}

static void a_file_may_have_any_name(void **state)
{
    (void)state;
    struct err err;
    struct schema_files files;
    write_file("one.txt", "model A {\n}\n");
    AUTOFREE char *path = path_join(directory, "one.txt");
    assert_int_equal(schema_files_read(path, directory, &files, &err), 0);
    assert_int_equal(files.count, 1);
    assert_string_equal(files.sources[0].path, "one.txt");
    schema_files_release(&files);
}

static void nothing_to_read_is_an_error_with_a_hint(void **state)
{
    (void)state;
    struct err err;
    struct schema_files files;
    write_file("empty/readme.md", "no");
    AUTOFREE char *empty = path_join(directory, "empty");
    AUTOFREE char *missing = path_join(directory, "missing");
    assert_int_equal(schema_files_read(empty, directory, &files, &err), -1);
    assert_true(err.hint[0] != '\0');
    assert_int_equal(schema_files_read(missing, directory, &files, &err), -1);
    assert_non_null(strstr(err.message, "No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directories_are_read_in_byte_order_and_once),
        cmocka_unit_test(a_file_may_have_any_name),
        cmocka_unit_test(nothing_to_read_is_an_error_with_a_hint),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
