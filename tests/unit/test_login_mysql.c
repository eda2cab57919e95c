// Logins to MySQL against servers of this test's own, which say exactly what a real one says: the
// client/server protocol, version 10.
#include "tests/unit/login_server.h"

#include <dirent.h>
#include <stdio.h>

#define PASSWORD "hunter2-secret"

enum { CONNECT_WITH_DATABASE = 8 };

// Every packet has its length, and its number in the exchange.
static void add_packet(struct strbuf *out, int number, const void *body, size_t length)
{
    const unsigned char head[4] = {(unsigned char)length, (unsigned char)(length >> 8),
                                   (unsigned char)(length >> 16), (unsigned char)number};
    strbuf_add(out, head, sizeof head);
    strbuf_add(out, body, length);
}

static void add_ok(struct strbuf *out, int number)
{
    add_packet(out, number, "\0\1\0\2\0\0\0", 7);
}

static void add_error(struct strbuf *out, int number, int code, const char *message)
{
    AUTO_STRBUF body = STRBUF_INIT;
    strbuf_addch(&body, '\xff');
    strbuf_addch(&body, (char)code);
    strbuf_addch(&body, (char)(code >> 8));
    strbuf_addf(&body, "#HY000%s", message);
    add_packet(out, number, body.data, body.len);
}

static void add_row(struct strbuf *out, const char *const *values, int count)
{
    const char count_byte = (char)count;
    int number = 1;
    add_packet(out, number++, &count_byte, 1);
    for (int i = 0; i < count; i++)
        add_packet(out, number++, "\3def\0\0\0\1c\0\x0c\x2d\0\xff\0\0\0\xfd\0\0\0\0\0", 23);
    add_packet(out, number++, "\xfe\0\0\2\0", 5);
    AUTO_STRBUF row = STRBUF_INIT;
    for (int i = 0; i < count; i++) {
        strbuf_addch(&row, (char)strlen(values[i]));
        strbuf_adds(&row, values[i]);
    }
    add_packet(out, number++, row.data, row.len);
    add_packet(out, number, "\xfe\0\0\2\0", 5);
}

// Byte by byte: an answer may come in any pieces.
static void send_all(int client, const struct strbuf *bytes)
{
    for (size_t i = 0; i < bytes->len; i++)
        send(client, bytes->data + i, 1, MSG_NOSIGNAL);
}

static bool read_packet(int client, struct strbuf *out)
{
    unsigned char head[4];
    strbuf_clear(out);
    if (!read_whole(client, head, sizeof head))
        return false;
    const size_t length = head[0] | (size_t)head[1] << 8;
    strbuf_reserve(out, length + 1);
    if (length > 4096 || !read_whole(client, out->data, length))
        return false;
    out->len = length;
    out->data[length] = '\0';
    return true;
}

static void greet(int client, const char *version)
{
    AUTO_STRBUF body = STRBUF_INIT;
    AUTO_STRBUF out = STRBUF_INIT;
    strbuf_addch(&body, 10);
    strbuf_add(&body, version, strlen(version) + 1);
    strbuf_add(&body,
               "\1\0\0\0"
               "12345678"
               "\0"
               "\x0f\xa2"
               "\x2d"
               "\2\0"
               "\x08\0"
               "\x15",
               21);
    strbuf_add(&body,
               "\0\0\0\0\0\0\0\0\0\0"
               "123456789012",
               23);
    strbuf_add(&body, "mysql_native_password", 22);
    add_packet(&out, 0, body.data, body.len);
    send_all(client, &out);
}

// Flags, sizes and what is reserved; the user's name; the answer to the challenge; the database.
static const char *database_of(const struct strbuf *login)
{
    const char *user = login->data + 32;
    const char *answer = user + strlen(user) + 1;
    return login->data[0] & CONNECT_WITH_DATABASE ? answer + 1 + (unsigned char)*answer : "";
}

static void answer_query(struct server *server, const char *sql, struct strbuf *out)
{
    const char *port = strcmp(server->behaviour, "temporary") ? "3306" : "0";
    if (!strncmp(sql, "CREATE DATABASE", 15)) {
        server->has_database = true;
        if (!strcmp(server->behaviour, "forbidden"))
            add_error(out, 1, 1044, "Access denied for user 'u'@'%' to database 'my`db'");
        else if (!strcmp(server->behaviour, "race"))
            add_error(out, 1, 1007, "Can't create database 'my`db'; database exists");
        else
            add_ok(out, 1);
    } else if (!strcmp(server->behaviour, "shutdown")) {
        add_error(out, 1, 1053, "Server shutdown in progress");
    } else if (!strcmp(server->behaviour, "alike") && strstr(sql, "@@")) {
        add_error(out, 1, 1193, "Unknown system variable 'hostname'");
    } else if (strstr(sql, "@@")) {
        add_row(out, (const char *const[]){port, "0123456789ab"}, 2);
    } else {
        add_row(out, (const char *const[]){"1"}, 1);
    }
}

static void serve_queries(struct server *server, int client)
{
    AUTO_STRBUF packet = STRBUF_INIT;
    AUTO_STRBUF out = STRBUF_INIT;
    add_ok(&out, 2);
    send_all(client, &out);
    while (read_packet(client, &packet) && packet.data[0] == 3) {
        size_t length = strlen(server->log);
        snprintf(server->log + length, sizeof server->log - length, "%.30s\n", packet.data + 1);
        if (!strcmp(server->behaviour, "hangs up"))
            return;
        strbuf_clear(&out);
        answer_query(server, packet.data + 1, &out);
        send_all(client, &out);
    }
}

static const struct {
    const char *behaviour;
    int code;
    const char *message;
    enum login_result result;
} refusals[] = {
    {"denied", 1045, "Access denied for user 'u'@'h' (" PASSWORD ")", LOGIN_DENIED},
    {"by socket", 1698, "Access denied for user 'u'@'h'", LOGIN_DENIED},
    {"host", 1130, "Host 'h' is not allowed to connect to this server", LOGIN_DENIED},
    {"full", 1040, "Too many connections", LOGIN_NOT_YET},
    {"locked", 3118, "Access denied for user 'u'@'h'. Account is locked.", LOGIN_FAILED},
};

static void serve_mysql(struct server *server, int client)
{
    AUTO_STRBUF login = STRBUF_INIT;
    AUTO_STRBUF out = STRBUF_INIT;
    if (!strcmp(server->behaviour, "closes"))
        return;
    greet(client, strcmp(server->behaviour, "maria") ? "9.7.4-2" : "5.5.5-10.11.6-MariaDB-1:10.11");
    if (!read_packet(client, &login))
        return;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        if (!strcmp(refusals[i].behaviour, server->behaviour))
            add_error(&out, 2, refusals[i].code, refusals[i].message);
    }
    if (!out.len && !server->has_database && *database_of(&login))
        add_error(&out, 2, 1049, "Unknown database 'my`db'");
    if (out.len)
        send_all(client, &out);
    else
        serve_queries(server, client);
}

struct outcome {
    enum login_result result;
    struct err err;
    struct login_facts facts;
};

static struct connection connection_to(const struct server *server)
{
    return (struct connection){.engine = engine_of(ENGINE_MYSQL),
                               .host = "127.0.0.1",
                               .port = server->port,
                               .user = "u",
                               .password = PASSWORD,
                               .database = "my`db"};
}

static struct outcome log_in(struct server *server, bool create)
{
    struct outcome outcome = {0};
    server->serve = serve_mysql;
    server_start(server);
    const struct connection connection = connection_to(server);
    struct login *login = login_start(&(struct login_request){&connection, create});
    outcome.result = finish(login, &outcome.err);
    outcome.facts = *login_facts(login);
    login_free(login);
    server_stop(server);
    assert_null(strstr(outcome.err.message, PASSWORD));
    return outcome;
}

static void a_database_that_is_there_takes_one_connection(void **state)
{
    (void)state;
    struct server server = {.behaviour = "", .has_database = true};
    struct outcome outcome = log_in(&server, true);
    assert_string_equal(outcome.err.message, "");
    assert_int_equal(outcome.result, LOGIN_READY);
    assert_int_equal(server.connections, 1);
    assert_string_equal(outcome.facts.server_version, "9.7.4");
    assert_string_equal(outcome.facts.server_name, "0123456789ab");
    assert_true(outcome.facts.is_final_instance);
    assert_false(outcome.facts.database_created);
    server = (struct server){.behaviour = "maria", .has_database = true};
    outcome = log_in(&server, true);
    assert_string_equal(outcome.facts.server_version, "10.11.6-MariaDB");
}

static void a_server_without_a_port_is_temporary(void **state)
{
    (void)state;
    struct server server = {.behaviour = "temporary", .has_database = true};
    struct outcome outcome = log_in(&server, true);
    assert_int_equal(outcome.result, LOGIN_READY);
    assert_false(outcome.facts.is_final_instance);
}

static void a_missing_database_is_made_when_asked_for(void **state)
{
    (void)state;
    static const char *const cases[] = {"", "race"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server server = {.behaviour = cases[i]};
        struct outcome outcome = log_in(&server, true);
        assert_int_equal(outcome.result, LOGIN_READY);
        assert_int_equal(server.connections, 3);
        assert_int_equal(outcome.facts.database_created, *cases[i] == '\0');
        assert_non_null(strstr(server.log, "CREATE DATABASE `my``db`\n"));
    }
    struct server server = {.behaviour = ""};
    struct outcome outcome = log_in(&server, false);
    assert_int_equal(outcome.result, LOGIN_NO_DATABASE);
    assert_string_equal(outcome.err.message, "Unknown database 'my`db'");
    assert_string_equal(server.log, "");
}

static void what_mysql_answers_is_classified(void **state)
{
    (void)state;
    static const struct {
        const char *behaviour;
        enum login_result result;
    } cases[] = {{"closes", LOGIN_NOT_YET},
                 {"hangs up", LOGIN_NOT_YET},
                 {"shutdown", LOGIN_NOT_YET},
                 {"alike", LOGIN_READY}};
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct server server = {.behaviour = refusals[i].behaviour, .has_database = true};
        struct outcome outcome = log_in(&server, true);
        if (outcome.result != refusals[i].result)
            fail_msg("%s: %d %s", refusals[i].behaviour, outcome.result, outcome.err.message);
        assert_true(!strcmp(server.behaviour, "denied") ==
                    (strstr(outcome.err.message, "(****)") != NULL));
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server server = {.behaviour = cases[i].behaviour, .has_database = true};
        struct outcome outcome = log_in(&server, true);
        if (outcome.result != cases[i].result)
            fail_msg("%s: %d %s", cases[i].behaviour, outcome.result, outcome.err.message);
        assert_int_equal(outcome.err.message[0] == '\0', outcome.result == LOGIN_READY);
    }
    struct server server = {.behaviour = "forbidden"};
    assert_int_equal(log_in(&server, true).result, LOGIN_DENIED);
}

static int open_descriptors(void)
{
    int count = 0;
    DIR *directory = opendir("/proc/self/fd");
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

static void a_login_can_be_given_up_at_any_step(void **state)
{
    (void)state;
    const int before = open_descriptors();
    for (int steps = 0; steps < 300; steps = steps < 20 ? steps + 1 : steps * 2) {
        struct server server = {.behaviour = "", .serve = serve_mysql};
        server_start(&server);
        const struct connection connection = connection_to(&server);
        struct err err;
        struct login *login = login_start(&(struct login_request){&connection, true});
        enum login_result result = LOGIN_PENDING;
        for (int i = 0; i < steps && result == LOGIN_PENDING; i++) {
            struct pollfd ready = {login_fd(login), POLLIN, 0};
            poll(&ready, 1, ready.fd < 0 ? 0 : 1000);
            result = login_step(login, &err);
        }
        login_free(login);
        server_stop(&server);
        assert_int_equal(open_descriptors(), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_database_that_is_there_takes_one_connection),
        cmocka_unit_test(a_server_without_a_port_is_temporary),
        cmocka_unit_test(a_missing_database_is_made_when_asked_for),
        cmocka_unit_test(what_mysql_answers_is_classified),
        cmocka_unit_test(a_login_can_be_given_up_at_any_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
