#include "tests/unit/test.h"

#include "base/mem.h"
#include "dashboard/auth.h"

static const char token[] = "0123456789abcdefghijABCDEFGHIJ";

static void hosts_are_this_machine_at_this_port(void **state)
{
    (void)state;
    struct auth auth;
    auth_init(&auth, token, 18888);
    static const char *const good[] = {"127.0.0.1:18888", "localhost:18888", "LocalHost:18888",
                                       "[::1]:18888"};
    static const char *const bad[] = {"",
                                      "127.0.0.1",
                                      "127.0.0.1:18889",
                                      "127.0.0.1:188880",
                                      "localhost",
                                      "localhost.evil.example:18888",
                                      "evil.example:18888",
                                      "127.0.0.1:18888.evil.example",
                                      " 127.0.0.1:18888",
                                      "127.0.0.1:18888,evil.example",
                                      "user@127.0.0.1:18888",
                                      "::1:18888",
                                      "0.0.0.0:18888"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(auth_host_allowed(&auth, good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(auth_host_allowed(&auth, bad[i]));
    assert_false(auth_host_allowed(&auth, NULL));
    auth_release(&auth);
}

static void origins_are_our_own_or_absent(void **state)
{
    (void)state;
    struct auth auth;
    auth_init(&auth, token, 18888);
    static const char *const bad[] = {"null",
                                      "",
                                      "http://",
                                      "127.0.0.1:18888",
                                      "https://127.0.0.1:18888",
                                      "http://127.0.0.1:3000",
                                      "http://127.0.0.1:18888/",
                                      "http://evil.example",
                                      "http://127.0.0.1:18888@evil.example"};
    assert_true(auth_origin_allowed(&auth, NULL));
    assert_true(auth_origin_allowed(&auth, "http://127.0.0.1:18888"));
    assert_true(auth_origin_allowed(&auth, "http://localhost:18888"));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(auth_origin_allowed(&auth, bad[i]));
    auth_release(&auth);
}

static void other_sites_may_link_but_not_fetch(void **state)
{
    (void)state;
    assert_true(auth_fetch_allowed(NULL, NULL));
    assert_true(auth_fetch_allowed("none", "navigate"));
    assert_true(auth_fetch_allowed("same-origin", "cors"));
    assert_true(auth_fetch_allowed("cross-site", "navigate"));
    assert_false(auth_fetch_allowed("cross-site", "no-cors"));
    assert_false(auth_fetch_allowed("same-site", "cors"));
    assert_false(auth_fetch_allowed("same-site", NULL));
    assert_false(auth_fetch_allowed("anything", "no-cors"));
}

static void only_the_whole_token_matches(void **state)
{
    (void)state;
    struct auth auth;
    auth_init(&auth, token, 18888);
    assert_true(auth_token_matches(&auth, token));
    assert_false(auth_token_matches(&auth, NULL));
    assert_false(auth_token_matches(&auth, ""));
    assert_false(auth_token_matches(&auth, "0123456789abcdefghijABCDEFGHI"));
    assert_false(auth_token_matches(&auth, "0123456789abcdefghijABCDEFGHIJK"));
    assert_false(auth_token_matches(&auth, "0123456789abcdefghijABCDEFGHIj"));
    auth_release(&auth);
}

static bool cookie_matches(const struct auth *auth, const char *format, const char *value)
{
    AUTO_STRBUF cookies = STRBUF_INIT;
    for (const char *at = format; *at; at++) {
        if (*at == '$')
            strbuf_adds(&cookies, value);
        else
            strbuf_addch(&cookies, *at);
    }
    return auth_cookie_matches(auth, cookies.data);
}

static void the_session_is_found_among_other_cookies(void **state)
{
    (void)state;
    struct auth auth;
    auth_init(&auth, token, 18888);
    const char *session = auth.session;
    assert_true(cookie_matches(&auth, "berth_18888=$", session));
    assert_true(cookie_matches(&auth, "a=b; berth_18888=$", session));
    assert_true(cookie_matches(&auth, "berth_18889=zzz;berth_18888=$;x=y", session));
    // A stale one set under another path may come first.
    assert_true(cookie_matches(&auth, "berth_18888=old; berth_18888=$", session));

    assert_false(auth_cookie_matches(&auth, NULL));
    assert_false(cookie_matches(&auth, "", session));
    assert_false(cookie_matches(&auth, ";;; ;", session));
    assert_false(cookie_matches(&auth, "$", session));
    assert_false(cookie_matches(&auth, "berth_18888", session));
    assert_false(cookie_matches(&auth, "berth_18888=", session));
    assert_false(cookie_matches(&auth, "berth_18888=$x", session));
    assert_false(cookie_matches(&auth, "berth_18889=$", session));
    assert_false(cookie_matches(&auth, "xberth_18888=$", session));
    assert_false(cookie_matches(&auth, "berth_18888=$", token));
    auth_release(&auth);
}

static void the_cookie_is_locked_down_and_tells_no_token(void **state)
{
    (void)state;
    struct auth auth, other;
    AUTO_STRBUF cookie = STRBUF_INIT;
    auth_init(&auth, token, 18888);
    auth_init(&other, "another-token-of-enough-length", 18888);
    auth_set_cookie(&auth, &cookie);
    assert_non_null(strstr(cookie.data, "; HttpOnly"));
    assert_non_null(strstr(cookie.data, "; SameSite=Strict"));
    assert_non_null(strstr(cookie.data, "; Path=/"));
    assert_null(strstr(cookie.data, token));
    assert_string_not_equal(auth.session, other.session);
    auth_release(&auth);
    auth_release(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_are_this_machine_at_this_port),
        cmocka_unit_test(origins_are_our_own_or_absent),
        cmocka_unit_test(other_sites_may_link_but_not_fetch),
        cmocka_unit_test(only_the_whole_token_matches),
        cmocka_unit_test(the_session_is_found_among_other_cookies),
        cmocka_unit_test(the_cookie_is_locked_down_and_tells_no_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
