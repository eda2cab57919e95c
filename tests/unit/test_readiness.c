#include "tests/unit/test.h"

#include <signal.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/size.h"
#include "orchestrator/run/exit_code.h"
#include "orchestrator/run/facts.h"
#include "orchestrator/run/phases.h"

static void facts_are_told_each_for_itself(void **state)
{
    (void)state;
    struct facts facts = {0};
    assert_true(facts_note(&facts, FACT_CONTAINER, true, "running", 1000));
    assert_true(facts_note(&facts, FACT_LOGIN, false, "connection refused", 1500));
    assert_false(facts_note(&facts, FACT_LOGIN, false, "connection refused", 2000));
    assert_true(facts_note(&facts, FACT_LOGIN, false, "starting up", 2500)); // no turn of the fact
    AUTO_JSON *json = facts_json(&facts);
    assert_int_equal(cJSON_GetArraySize(json), 2);
    const cJSON *login = cJSON_GetArrayItem(json, 1);
    assert_string_equal(json_string_or(login, "name", ""), "login");
    assert_false(json_bool_or(login, "good", true));
    assert_string_equal(json_string_or(login, "text", ""), "starting up");
    assert_string_equal(json_string_or(login, "since", ""), "1970-01-01T00:00:01.500Z");
    assert_string_equal(json_string_or(login, "seen", ""), "1970-01-01T00:00:02.500Z");
    facts_clear(&facts);
    AUTO_JSON *empty = facts_json(&facts);
    assert_int_equal(cJSON_GetArraySize(empty), 0);
}

static int64_t sum_of(const cJSON *phases)
{
    const cJSON *phase;
    int64_t sum = 0;
    json_each (phase, phases)
        sum += json_int_or(phase, "ms", 0);
    return sum;
}

static void phases_add_up_whatever_happens(void **state)
{
    (void)state;
    srand(7);
    for (int run = 0; run < 200; run++) {
        struct phases phases = {0};
        phases_enter(&phases, PHASE_PULLING, 5); // before a start: nothing
        const int64_t begin = 1000 + rand() % 100;
        int64_t now = begin;
        phases_reset(&phases, PHASE_WAITING, now);
        for (int step = 0; step < 20; step++) {
            now += rand() % 50;
            phases_enter(&phases, (enum phase)(rand() % PHASE_COUNT), now);
            AUTO_JSON *so_far = phases_json(&phases, now + 3);
            assert_int_equal(sum_of(so_far), now + 3 - begin);
        }
        phases_end(&phases, now);
        phases_enter(&phases, PHASE_PULLING, now + 1000); // too late
        phases_end(&phases, now + 2000);
        AUTO_JSON *all = phases_json(&phases, now + 3000);
        assert_int_equal(sum_of(all), now - begin);
    }
}

static void exit_codes_have_meanings(void **state)
{
    (void)state;
    assert_string_equal(exit_code_meaning(137), "killed");
    assert_string_equal(exit_code_meaning(139), "segmentation fault");
    assert_string_equal(exit_code_meaning(127), "command not found");
    assert_string_equal(exit_code_meaning(126), "the command cannot be run");
    assert_null(exit_code_meaning(0));
    assert_null(exit_code_meaning(3));
}

static void sizes_are_short(void **state)
{
    (void)state;
    static const struct {
        int64_t bytes;
        const char *text;
    } sizes[] = {{0, "0 bytes"},       {999, "999 bytes"},  {1000, "1.0 kB"},
                 {9949, "9.9 kB"},     {9960, "10 kB"},     {999499, "999 kB"},
                 {999500, "1.0 MB"},   {36000000, "36 MB"}, {1500000000, "1.5 GB"},
                 {INT64_MAX, "9.2 EB"}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char text[SIZE_FORMAT_SIZE];
        size_format(sizes[i].bytes, text);
        assert_string_equal(text, sizes[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_are_told_each_for_itself),
        cmocka_unit_test(phases_add_up_whatever_happens),
        cmocka_unit_test(exit_codes_have_meanings),
        cmocka_unit_test(sizes_are_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
