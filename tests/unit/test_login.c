// Logins against servers of this test's own, which say exactly what a real one says in each case.
// The threads of the servers use no cmocka: it is not theirs.
#include "tests/unit/login_server.h"

#include <errno.h>
#include <stdio.h>

#include "base/mem.h"

#define PASSWORD "hunter2-secret"

// --- Postgres: the messages of the frontend/backend protocol, version 3.

static void add_int32(struct strbuf *out, size_t value)
{
    uint32_t big = htonl((uint32_t)value);
    strbuf_add(out, &big, 4);
}

static void add_message(struct strbuf *out, char type, const void *body, size_t length)
{
    strbuf_addch(out, type);
    add_int32(out, length + 4);
    strbuf_add(out, body, length);
}

static void add_error(struct strbuf *out, const char *severity, const char *state,
                      const char *message)
{
    AUTO_STRBUF body = STRBUF_INIT;
    strbuf_addf(&body, "S%s%cV%s%cC%s%cM%s%c", severity, 0, severity, 0, state, 0, message, 0);
    strbuf_addch(&body, '\0');
    add_message(out, 'E', body.data, body.len);
}

static void add_parameter(struct strbuf *out, const char *name, const char *value)
{
    AUTO_STRBUF body = STRBUF_INIT;
    strbuf_add(&body, name, strlen(name) + 1);
    strbuf_add(&body, value, strlen(value) + 1);
    add_message(out, 'S', body.data, body.len);
}

static void send_all(int fd, const struct strbuf *out)
{
    send(fd, out->data, out->len, MSG_NOSIGNAL);
}

// The value of a name in a startup message, "" when absent.
static const char *startup_value(const struct strbuf *message, const char *name)
{
    const char *at = message->data, *end = message->data + message->len;
    while (at < end && *at) {
        const char *value = at + strlen(at) + 1;
        if (!strcmp(at, name))
            return value;
        at = value + strlen(value) + 1;
    }
    return "";
}

static bool read_startup(int fd, struct strbuf *out)
{
    uint32_t head[2]; // length, version
    if (!read_whole(fd, head, sizeof head))
        return false;
    size_t length = ntohl(head[0]) - 8;
    strbuf_reserve(out, length);
    if (length > 4096 || !read_whole(fd, out->data, length))
        return false;
    out->len = length;
    return true;
}

static bool read_query(int fd, struct strbuf *out)
{
    char type;
    uint32_t length;
    strbuf_clear(out);
    if (!read_whole(fd, &type, 1) || !read_whole(fd, &length, 4) || type != 'Q')
        return false;
    length = ntohl(length) - 4;
    strbuf_reserve(out, length);
    if (!read_whole(fd, out->data, length))
        return false;
    out->len = length - 1;
    return true;
}

static void add_row(struct strbuf *out, const char *const *values, uint16_t count)
{
    AUTO_STRBUF fields = STRBUF_INIT;
    AUTO_STRBUF row = STRBUF_INIT;
    uint16_t big = htons(count);
    strbuf_add(&fields, &big, 2);
    strbuf_add(&row, &big, 2);
    for (size_t i = 0; i < count; i++) {
        static const char field[18] = {0}; // table, column, type, size, modifier, format
        strbuf_add(&fields, "c", 2);
        strbuf_add(&fields, field, sizeof field);
        add_int32(&row, strlen(values[i]));
        strbuf_adds(&row, values[i]);
    }
    add_message(out, 'T', fields.data, fields.len);
    add_message(out, 'D', row.data, row.len);
    add_message(out, 'C', "SELECT 1", 9);
}

static void answer_query(struct server *server, const char *sql, struct strbuf *out)
{
    const char *final = strcmp(server->behaviour, "temporary") ? "t" : "f";
    if (!strncmp(sql, "CREATE DATABASE", 15)) {
        if (!strcmp(server->behaviour, "forbidden"))
            add_error(out, "ERROR", "42501", "permission denied to create database");
        else if (!strcmp(server->behaviour, "race"))
            add_error(out, "ERROR", "42P04", "database \"my-db\" already exists");
        else
            add_message(out, 'C', "CREATE DATABASE", 16);
        server->has_database = true;
    } else if (!strcmp(server->behaviour, "alike") && strstr(sql, "inet_server_addr")) {
        add_error(out, "ERROR", "42883", "unknown function: inet_server_addr()");
    } else if (!strcmp(server->behaviour, "shutdown")) {
        add_error(out, "FATAL", "57P01", "terminating connection due to administrator command");
    } else {
        add_row(out, (const char *const[]){"172.17.0.2", "1700000000.5", final}, 3);
    }
    add_message(out, 'Z', "I", 1);
}

static void serve_queries(struct server *server, int client)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    AUTO_STRBUF out = STRBUF_INIT;
    const char *superuser = strcmp(server->behaviour, "alike") ? "on" : "off";
    add_message(&out, 'R', "\0\0\0\0", 4);
    add_parameter(&out, "server_version", "15.7 (Debian 15.7-1)");
    add_parameter(&out, "is_superuser", superuser);
    add_message(&out, 'Z', "I", 1);
    send_all(client, &out);
    while (read_query(client, &sql)) {
        size_t length = strlen(server->log);
        snprintf(server->log + length, sizeof server->log - length, "%.30s\n", sql.data);
        if (!strcmp(server->behaviour, "hangs up"))
            return;
        strbuf_clear(&out);
        answer_query(server, sql.data, &out);
        send_all(client, &out);
    }
}

static void serve_postgres(struct server *server, int client)
{
    static const struct {
        const char *behaviour, *state, *message;
    } refusals[] = {
        {"starting", "57P03", "the database system is starting up"},
        {"full", "53300", "sorry, too many clients already"},
        {"denied", "28P01", "password authentication failed for user \"u\" (" PASSWORD ")"},
        {"no entry", "28000", "no pg_hba.conf entry for host\nsecond line"},
        {"corrupt", "XX001", "could not read block"},
        {"disk", "53100", "could not extend file: No space left on device"},
    };
    AUTO_STRBUF startup = STRBUF_INIT;
    AUTO_STRBUF out = STRBUF_INIT;
    if (!strcmp(server->behaviour, "closes") || !read_startup(client, &startup))
        return;
    const char *database = startup_value(&startup, "database");
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        if (!strcmp(refusals[i].behaviour, server->behaviour))
            add_error(&out, "FATAL", refusals[i].state, refusals[i].message);
    }
    if (!strcmp(server->behaviour, "asks"))
        add_message(&out, 'R', "\0\0\0\3", 4); // for a password in clear text
    else if (!strcmp(server->behaviour, "web"))
        strbuf_adds(&out, "HTTP/1.1 400 Bad Request\r\n\r\n");
    else if (!out.len && !server->has_database && !strcmp(database, "my-db"))
        add_error(&out, "FATAL", "3D000", "database \"my-db\" does not exist");
    else if (!out.len && !strcmp(server->behaviour, "bare") && !strcmp(database, "postgres"))
        add_error(&out, "FATAL", "3D000", "database \"postgres\" does not exist");
    if (out.len)
        send_all(client, &out);
    else
        serve_queries(server, client);
}

// --- Redis.

// Each behaviour is the text of all replies; the commands are read up to the end of the last.
static void serve_redis(struct server *server, int client)
{
    AUTO_STRBUF in = STRBUF_INIT;
    while (!memmem(in.data, in.len, "CLIENT\r\n$4\r\nINFO\r\n", 18)) {
        char bytes[512];
        ssize_t count = recv(client, bytes, sizeof bytes, 0);
        if (count <= 0)
            return;
        strbuf_add(&in, bytes, (size_t)count);
    }
    snprintf(server->log, sizeof server->log, "%s", in.data);
    // Byte by byte: a reply may end anywhere.
    for (const char *c = server->behaviour; *c; c++)
        send(client, c, 1, MSG_NOSIGNAL);
}

struct outcome {
    enum login_result result;
    struct err err;
    struct login_facts facts;
};

static struct outcome log_in(struct server *server, enum engine_id engine, bool create)
{
    const struct connection connection = {
        .engine = engine_of(engine),
        .host = "127.0.0.1",
        .port = server->port,
        .user = engine == ENGINE_POSTGRES ? "u" : NULL,
        .password = engine == ENGINE_POSTGRES || server->has_database ? PASSWORD : NULL,
        .database = engine == ENGINE_POSTGRES ? "my-db" : NULL,
    };
    struct outcome outcome = {0};
    struct login *login = login_start(&(struct login_request){&connection, create});
    outcome.result = finish(login, &outcome.err);
    outcome.facts = *login_facts(login);
    login_free(login);
    assert_null(strstr(outcome.err.message, PASSWORD));
    assert_null(strchr(outcome.err.message, '\n'));
    return outcome;
}

static struct outcome log_into_postgres(struct server *server, bool create)
{
    server->serve = serve_postgres;
    server_start(server);
    struct outcome outcome = log_in(server, ENGINE_POSTGRES, create);
    server_stop(server);
    return outcome;
}

static void a_database_that_is_there_takes_one_connection(void **state)
{
    (void)state;
    struct server server = {.behaviour = "", .has_database = true};
    struct outcome outcome = log_into_postgres(&server, true);
    assert_int_equal(outcome.result, LOGIN_READY);
    assert_int_equal(server.connections, 1);
    assert_string_equal(outcome.facts.server_address, "172.17.0.2");
    assert_string_equal(outcome.facts.server_version, "15.7");
    assert_string_equal(outcome.facts.instance, "1700000000.5");
    assert_true(outcome.facts.is_final_instance);
    assert_false(outcome.facts.database_created);
    assert_non_null(strstr(server.log, "SELECT"));
}

static void a_temporary_server_is_told_apart(void **state)
{
    (void)state;
    struct server server = {.behaviour = "temporary", .has_database = true};
    struct outcome outcome = log_into_postgres(&server, true);
    assert_int_equal(outcome.result, LOGIN_READY);
    assert_false(outcome.facts.is_final_instance);
}

static void a_missing_database_is_made_when_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *behaviour;
        int connections;
        bool created;
    } cases[] = {{"", 3, true}, {"race", 3, false}, {"bare", 4, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server server = {.behaviour = cases[i].behaviour};
        struct outcome outcome = log_into_postgres(&server, true);
        assert_int_equal(outcome.result, LOGIN_READY);
        assert_int_equal(server.connections, cases[i].connections);
        assert_int_equal(outcome.facts.database_created, cases[i].created);
        assert_non_null(strstr(server.log, "CREATE DATABASE \"my-db\"\n"));
    }
    struct server server = {.behaviour = ""};
    struct outcome outcome = log_into_postgres(&server, false);
    assert_int_equal(outcome.result, LOGIN_NO_DATABASE);
    assert_int_equal(server.connections, 1);
    assert_string_equal(server.log, "");
}

static void what_postgres_answers_is_classified(void **state)
{
    (void)state;
    static const struct {
        const char *behaviour;
        enum login_result result;
        const char *message;
    } cases[] = {
        {"starting", LOGIN_NOT_YET, "the database system is starting up"},
        {"full", LOGIN_NOT_YET, "sorry, too many clients already"},
        {"closes", LOGIN_NOT_YET, "closed the connection"},
        {"hangs up", LOGIN_NOT_YET, "closed the connection"},
        {"shutdown", LOGIN_NOT_YET, "terminating connection due to administrator command"},
        {"denied", LOGIN_DENIED, "password authentication failed for user \"u\" (****)"},
        {"no entry", LOGIN_DENIED, "no pg_hba.conf entry for host"},
        {"corrupt", LOGIN_FAILED, "could not read block"},
        {"disk", LOGIN_FAILED, "No space left on device"},
        {"web", LOGIN_FAILED, "expected authentication request"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server server = {.behaviour = cases[i].behaviour, .has_database = true};
        struct outcome outcome = log_into_postgres(&server, true);
        if (outcome.result != cases[i].result || !strstr(outcome.err.message, cases[i].message))
            fail_msg("%s: %d %s", cases[i].behaviour, outcome.result, outcome.err.message);
    }
    struct server server = {.behaviour = "forbidden"};
    struct outcome outcome = log_into_postgres(&server, true);
    assert_int_equal(outcome.result, LOGIN_FAILED);
    assert_string_equal(outcome.err.message, "permission denied to create database");
}

static void what_only_speaks_like_postgres_is_enough(void **state)
{
    (void)state;
    struct server server = {.behaviour = "alike", .has_database = true};
    struct outcome outcome = log_into_postgres(&server, true);
    assert_int_equal(outcome.result, LOGIN_READY);
    assert_int_equal(server.connections, 1);
    assert_true(outcome.facts.is_final_instance);
}

static void a_password_that_is_missing_is_asked_for(void **state)
{
    (void)state;
    struct server server = {.behaviour = "asks", .serve = serve_postgres};
    server_start(&server);

    const struct connection connection = {.engine = engine_of(ENGINE_POSTGRES),
                                          .host = "127.0.0.1",
                                          .port = server.port,
                                          .user = "u"};
    struct err err;
    struct login *login = login_start(&(struct login_request){&connection, false});
    assert_int_equal(finish(login, &err), LOGIN_DENIED);
    assert_string_equal(err.message, "the server asks for a password");
    login_free(login);
    server_stop(&server);
}

static struct outcome log_into_redis(const char *replies, bool with_password)
{
    struct server server = {
        .behaviour = replies, .serve = serve_redis, .has_database = with_password};
    server_start(&server);
    struct outcome outcome = log_in(&server, ENGINE_REDIS, false);
    server_stop(&server);
    assert_int_equal(strstr(server.log, "AUTH") != NULL, with_password);
    return outcome;
}

#define CLIENT_REPLY "$33\r\nid=3 addr=a:1 laddr=10.0.0.2:6379\r\n"

static void redis_is_ready_when_it_answers_a_ping(void **state)
{
    (void)state;
    struct outcome outcome = log_into_redis(
        "+PONG\r\n$47\r\n# Server\r\nredis_version:7.0.15\r\nrun_id:ab12cd\r\n\r\n" CLIENT_REPLY,
        false);
    assert_int_equal(outcome.result, LOGIN_READY);
    assert_string_equal(outcome.facts.server_version, "7.0.15");
    assert_string_equal(outcome.facts.instance, "ab12cd");
    assert_string_equal(outcome.facts.server_address, "10.0.0.2");
    assert_true(outcome.facts.is_final_instance);
    outcome = log_into_redis("+OK\r\n+PONG\r\n-NOPERM no\r\n-ERR unknown command\r\n", true);
    assert_int_equal(outcome.result, LOGIN_READY);
    assert_string_equal(outcome.facts.server_version, "");
}

static void what_redis_answers_is_classified(void **state)
{
    (void)state;
    static const struct {
        const char *replies;
        bool with_password;
        enum login_result result;
        const char *message;
    } cases[] = {
        {"-LOADING Redis is loading the dataset in memory\r\n", false, LOGIN_NOT_YET, "LOADING"},
        {"-LOADING Redis is loading\r\n", true, LOGIN_NOT_YET, "LOADING"},
        {"+PON", false, LOGIN_NOT_YET, "the server closed the connection"},
        {"", false, LOGIN_NOT_YET, "the server closed the connection"},
        {"-NOAUTH Authentication required.\r\n", false, LOGIN_DENIED, "NOAUTH"},
        {"-WRONGPASS invalid username-password pair\r\n", true, LOGIN_DENIED, "WRONGPASS"},
        {"-ERR called without any password configured (" PASSWORD ")\r\n", true, LOGIN_DENIED,
         "ERR called without any password configured (****)"},
        {"-DENIED Redis is running in protected mode\r\n", false, LOGIN_FAILED, "DENIED"},
        {"HTTP/1.1 400 Bad Request\r\n", false, LOGIN_FAILED, "does not speak Redis's protocol"},
        {"$99999999\r\n", false, LOGIN_FAILED, "does not speak Redis's protocol"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outcome outcome = log_into_redis(cases[i].replies, cases[i].with_password);
        if (outcome.result != cases[i].result || !strstr(outcome.err.message, cases[i].message))
            fail_msg("%s: %d %s", cases[i].replies, outcome.result, outcome.err.message);
    }
}

static void a_closed_port_is_not_yet_open(void **state)
{
    (void)state;
    struct server server = {0};
    close(open_listener(&server.port));
    static const enum engine_id engines[] = {ENGINE_POSTGRES, ENGINE_MYSQL, ENGINE_REDIS};
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
        struct outcome outcome = log_in(&server, engines[i], true);
        assert_int_equal(outcome.result, LOGIN_NOT_YET);
        assert_non_null(strstr(outcome.err.message, "127.0.0.1"));
        const bool is_told = strstr(outcome.err.message, strerror(ECONNREFUSED)) != NULL;
        assert_true(is_told || engines[i] == ENGINE_MYSQL);
    }
}

static void names_are_looked_up(void **state)
{
    (void)state;
    struct server server = {.behaviour = "+PONG\r\n+\r\n+\r\n", .serve = serve_redis};
    server_start(&server);
    struct connection connection = {
        .engine = engine_of(ENGINE_REDIS), .host = "localhost", .port = server.port};
    struct err err;
    struct login *login = login_start(&(struct login_request){&connection, false});
    assert_int_equal(finish(login, &err), LOGIN_READY);
    login_free(login);
    server_stop(&server);
    // Reserved to exist nowhere (RFC 6761).
    connection.host = "nowhere.invalid";
    login = login_start(&(struct login_request){&connection, false});
    enum login_result result = finish(login, &err);
    assert_true(result == LOGIN_FAILED || result == LOGIN_NOT_YET);
    assert_non_null(strstr(err.message, "no address is known for nowhere.invalid"));
    login_free(login);
}

static void a_login_can_be_given_up_at_any_step(void **state)
{
    (void)state;
    login_free(NULL);
    for (int steps = 0; steps < 12; steps++) {
        struct server server = {.behaviour = "", .serve = serve_postgres};
        server_start(&server);
        const struct connection connection = {.engine = engine_of(ENGINE_POSTGRES),
                                              .host = "127.0.0.1",
                                              .port = server.port,
                                              .user = "u",
                                              .database = "my-db"};
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
    }
    struct connection named = {
        .engine = engine_of(ENGINE_REDIS), .host = "nowhere.invalid", .port = 1};
    login_free(login_start(&(struct login_request){&named, false}));
}

// A connection to the port; true when it stands a moment later.
static bool try_connect(int port, int *fd)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (!connect(*fd, (const struct sockaddr *)&address, sizeof address))
        return true;
    struct pollfd ready = {*fd, POLLOUT, 0};
    return poll(&ready, 1, 20) == 1;
}

static void a_step_too_early_changes_nothing(void **state)
{
    (void)state;
    // Nobody accepts here and the queue is full: connecting goes on.
    struct server server = {0};
    server.listener = open_listener(&server.port);
    assert_int_equal(listen(server.listener, 0), 0);
    int fillers[16], count = 0;
    while (count < 15 && try_connect(server.port, &fillers[count++]))
        continue;
    static const enum engine_id engines[] = {ENGINE_POSTGRES, ENGINE_MYSQL, ENGINE_REDIS};
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
        const struct connection connection = {
            .engine = engine_of(engines[i]), .host = "127.0.0.1", .port = server.port};
        struct err err;
        struct login *login = login_start(&(struct login_request){&connection, false});
        for (int step = 0; step < 50; step++)
            assert_int_equal(login_step(login, &err), LOGIN_PENDING);
        struct pollfd ready = {login_fd(login), POLLIN, 0};
        assert_true(ready.fd >= 0);
        assert_int_equal(poll(&ready, 1, 0), 0);
        login_free(login);
    }
    while (count > 0)
        close(fillers[--count]);
    close(server.listener);
}

static void engines_without_a_login(void **state)
{
    (void)state;
    struct connection connection = {.engine = engine_of(ENGINE_SQLITE), .database = "/w/x.db"};
    struct err err;
    struct login *login = login_start(&(struct login_request){&connection, true});
    assert_int_equal(login_fd(login), -1);
    assert_int_equal(login_step(login, &err), LOGIN_READY);
    login_free(login);
    static const enum engine_id unsupported[] = {ENGINE_MSSQL, ENGINE_DENO_KV};
    for (size_t i = 0; i < 2; i++) {
        connection = (struct connection){.engine = engine_of(unsupported[i]), .host = "h"};
        login = login_start(&(struct login_request){&connection, true});
        assert_int_equal(finish(login, &err), LOGIN_FAILED);
        login_free(login);
    }
    connection = (struct connection){
        .engine = engine_of(ENGINE_REDIS), .host = "127.0.0.1", .port = 1, .tls = true};
    login = login_start(&(struct login_request){&connection, true});
    assert_int_equal(finish(login, &err), LOGIN_FAILED);
    assert_non_null(strstr(err.message, "TLS"));
    login_free(login);
}

int main(void)
{
    // What libpq would take from whoever runs the test.
    unsetenv("PGPASSWORD");
    unsetenv("PGSERVICE");
    setenv("PGPASSFILE", "/nonexistent", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_database_that_is_there_takes_one_connection),
        cmocka_unit_test(a_temporary_server_is_told_apart),
        cmocka_unit_test(a_missing_database_is_made_when_asked_for),
        cmocka_unit_test(what_postgres_answers_is_classified),
        cmocka_unit_test(what_only_speaks_like_postgres_is_enough),
        cmocka_unit_test(a_password_that_is_missing_is_asked_for),
        cmocka_unit_test(redis_is_ready_when_it_answers_a_ping),
        cmocka_unit_test(what_redis_answers_is_classified),
        cmocka_unit_test(a_closed_port_is_not_yet_open),
        cmocka_unit_test(names_are_looked_up),
        cmocka_unit_test(a_login_can_be_given_up_at_any_step),
        cmocka_unit_test(a_step_too_early_changes_nothing),
        cmocka_unit_test(engines_without_a_login),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
