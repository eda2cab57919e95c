#include "tests/unit/test.h"

#include <string.h>

#include "base/libpq.h"
#include "base/library.h"
#include "orchestrator/loop/libcurl.h"

static void a_library_is_loaded_once_and_its_functions_work(void **state)
{
    (void)state;
    struct err err;
    double (*cosine)(double) = NULL;
    const struct library_symbol symbols[] = {{"cos", &cosine}};
    struct library library = {"libm.so.6", "libc6", symbols, 1, NULL};
    assert_int_equal(library_load(&library, &err), 0);
    assert_true(cosine(0) == 1);
    void *handle = library.handle;
    cosine = NULL;
    assert_int_equal(library_load(&library, &err), 0);
    assert_ptr_equal(library.handle, handle);
    assert_null(cosine);
}

static void a_missing_library_names_its_package(void **state)
{
    (void)state;
    struct err err;
    struct library library = {"libnowhere.so.5", "libnowhere5", NULL, 0, NULL};
    assert_int_equal(library_load(&library, &err), -1);
    assert_non_null(strstr(err.message, "libnowhere.so.5"));
    assert_string_equal(err.hint, "apt install libnowhere5");
    assert_null(library.handle);
}

static void a_missing_function_is_named(void **state)
{
    (void)state;
    struct err err;
    void (*unheard_of)(void) = NULL;
    const struct library_symbol symbols[] = {{"unheard_of", &unheard_of}};
    struct library library = {"libm.so.6", "libc6", symbols, 1, NULL};
    assert_int_equal(library_load(&library, &err), -1);
    assert_string_equal(err.message, "libm.so.6 is too old: it has no unheard_of");
    assert_string_equal(err.hint, "apt install libc6");
    assert_null(library.handle);
}

static void libpq_and_libcurl_have_what_the_project_uses(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(libpq_load(&err), 0);
    assert_int_equal(libcurl_load(&err), 0);
    PQconninfoOption *options = PQconndefaults();
    assert_non_null(options);
    PQconninfoFree(options);
    assert_string_equal(curl_easy_strerror(CURLE_OK), "No error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_library_is_loaded_once_and_its_functions_work),
        cmocka_unit_test(a_missing_library_names_its_package),
        cmocka_unit_test(a_missing_function_is_named),
        cmocka_unit_test(libpq_and_libcurl_have_what_the_project_uses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
