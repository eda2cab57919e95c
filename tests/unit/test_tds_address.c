#include "tests/unit/test.h"

#include "base/tds_address.h"

static void everything_is_read(void **state)
{
    struct tds_address address;
    struct err err;
    (void)state;
    assert_int_equal(
        tds_address_read("sqlserver://db.example.com\\PROD:14330;database=my-app;User Id=app;"
                         "password={a;b}}c};schema=sales;encrypt=true;trustServerCertificate=true;"
                         "trustServerCertificateCA=/etc/ca.pem;loginTimeout=7;poolTimeout=3",
                         &address, &err),
        0);
    assert_string_equal(address.host, "db.example.com");
    assert_string_equal(address.instance, "PROD");
    assert_int_equal(address.port, 14330);
    assert_string_equal(address.user, "app");
    assert_string_equal(address.password, "a;b}c");
    assert_string_equal(address.database, "my-app");
    assert_string_equal(address.schema, "sales");
    assert_string_equal(address.authority, "/etc/ca.pem");
    assert_true(address.trusts_certificate);
    assert_int_equal(address.encryption, TDS_ENCRYPT_ALL);
    assert_int_equal(address.timeout_s, 7);
    tds_address_release(&address);
}

static void assert_tls(const char *url, enum tds_encryption encryption, bool trusts)
{
    struct tds_address address;
    struct err err;
    assert_int_equal(tds_address_read(url, &address, &err), 0);
    assert_int_equal(address.encryption, encryption);
    assert_int_equal(address.trusts_certificate, trusts);
    tds_address_release(&address);
}

static void a_certificate_is_checked_unless_the_server_is_here(void **state)
{
    (void)state;
    assert_tls("sqlserver://db.example.com;database=a", TDS_ENCRYPT_ALL, false);
    assert_tls("sqlserver://localhost:1433;database=a", TDS_ENCRYPT_ALL, true);
    assert_tls("sqlserver://127.0.0.1;trustServerCertificate=false", TDS_ENCRYPT_ALL, false);
    assert_tls("sqlserver://[::1]:1433;encrypt=false", TDS_ENCRYPT_LOGIN, true);
    assert_tls("sqlserver://h;Encrypt=Optional", TDS_ENCRYPT_LOGIN, false);
    assert_tls("sqlserver://h;encrypt=DANGER_PLAINTEXT", TDS_ENCRYPT_NOTHING, false);
    assert_tls("sqlserver://h;encrypt=strict", TDS_ENCRYPT_ALL, false);
}

static void assert_refused(const char *url, const char *message)
{
    struct tds_address address = {.port = 7};
    struct err err;
    assert_int_equal(tds_address_read(url, &address, &err), -1);
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err.message, message));
    assert_null(strstr(err.message, "hunter2"));
    assert_int_equal(address.port, 7);
}

static void what_is_malformed_is_refused_without_its_secret(void **state)
{
    (void)state;
    assert_refused("mysql://u:hunter2@h/d", "no sqlserver://");
    assert_refused("sqlserver://:1433;password=hunter2", "host or port");
    assert_refused("sqlserver://h:0;password=hunter2", "host or port");
    assert_refused("sqlserver://h:99999;password=hunter2", "host or port");
    assert_refused("sqlserver://[::1;password=hunter2", "host or port");
    assert_refused("sqlserver://h;password={hunter2", "malformed parameter");
    assert_refused("sqlserver://h;password={hunter2}x;a=b", "malformed parameter");
    assert_refused("sqlserver://h;hunter2", "malformed parameter");
    assert_refused("sqlserver://h;integratedSecurity=true;password=hunter2", "integratedSecurity");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_read),
        cmocka_unit_test(a_certificate_is_checked_unless_the_server_is_here),
        cmocka_unit_test(what_is_malformed_is_refused_without_its_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
