#include "tests/unit/test.h"

#include <stdio.h>

#include "base/footprint.h"

// What read-only pages hold is the same afterwards, and what was relocated at load still is.
static const char constant[8192] = "as in the file";
static const char *const relocated[] = {constant, "beside it"};

static long resident_kb(const char *which)
{
    char line[128];
    long size_kb = -1, value;
    FILE *status = fopen("/proc/self/status", "re");
    assert_non_null(status);
    while (fgets(line, sizeof line, status))
        if (!strncmp(line, which, strlen(which)) &&
            sscanf(line + strlen(which), ": %ld", &value) == 1)
            size_kb = value;
    fclose(status);
    return size_kb;
}

static void what_comes_from_files_is_given_back(void **state)
{
    (void)state;
    const long before_kb = resident_kb("RssFile");
    footprint_shrink();
    assert_true(resident_kb("RssFile") < before_kb);
}

static void nothing_is_lost(void **state)
{
    (void)state;
    footprint_shrink();
    assert_string_equal(relocated[0], "as in the file");
    assert_ptr_equal(relocated[0], constant);
    assert_string_equal(relocated[1], "beside it");
    char text[32];
    snprintf(text, sizeof text, "%.3f", 1.5); // far into libc
    assert_string_equal(text, "1.500");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_from_files_is_given_back),
        cmocka_unit_test(nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
