#include "tests/unit/test.h"

#include "base/mem.h"
#include "provisioners/connection.h"
#include "provisioners/host.h"

static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

// "Postgres user=u password=p host=h port=1 database=d query=q", absent parts left out.
static char *described(const struct connection *connection)
{
    AUTO_STRBUF out = STRBUF_INIT;
    strbuf_adds(&out, connection->engine->name);
    const struct {
        const char *name, *value;
    } parts[] = {
        {"user", connection->user},   {"password", connection->password},
        {"host", connection->host},   {"database", connection->database},
        {"query", connection->query},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].value)
            strbuf_addf(&out, " %s=%s", parts[i].name, parts[i].value);
    }
    if (connection->port)
        strbuf_addf(&out, " port=%d", connection->port);
    if (connection->tls)
        strbuf_adds(&out, " tls");
    return strbuf_detach(&out);
}

static char *parsed(struct arena *arena, const char *text, const struct engine *engine)
{
    struct connection connection;
    struct err err;
    if (connection_parse(text, engine, "/w", arena, &connection, &err))
        return mem_printf("error: %s", err.message);
    return described(&connection);
}

struct parse_case {
    const char *text, *expected;
};

static void assert_parsed(struct arena *arena, const struct parse_case *cases, size_t count,
                          const struct engine *engine)
{
    for (size_t i = 0; i < count; i++) {
        AUTOFREE char *got = parsed(arena, cases[i].text, engine);
        if (strcmp(got, cases[i].expected))
            fail_msg("%s\n   is %s\n  not %s", cases[i].text, got, cases[i].expected);
    }
}
#define ASSERT_PARSED(state, cases, engine) \
    assert_parsed(*(state), cases, sizeof(cases) / sizeof *(cases), engine)

static void urls_are_read(void **state)
{
    static const struct parse_case cases[] = {
        {"postgresql://u:p@h:5433/db", "Postgres user=u password=p host=h database=db port=5433"},
        {"  postgres://h/db\n", "Postgres host=h database=db port=5432"},
        {"postgresql://u%40x:p%3A%2F%40%25@h/my%20db?schema=app",
         "Postgres user=u@x password=p:/@% host=h database=my db query=schema=app port=5432"},
        {"postgresql://u:p@[::1]:5433/db",
         "Postgres user=u password=p host=::1 database=db port=5433"},
        {"postgresql://u:p@localhost/db?host=%2Frun%2Fpostgresql&sslmode=disable",
         "Postgres user=u password=p host=/run/postgresql database=db query=sslmode=disable "
         "port=5432"},
        {"postgresql:///db?host=/run/postgresql&port=5434&user=me&password=s%26x",
         "Postgres user=me password=s&x host=/run/postgresql database=db port=5434"},
        {"postgresql://%2Frun%2Fpostgresql/db",
         "Postgres host=/run/postgresql database=db port=5432"},
        {"mysql://root:p@h/db", "Mysql user=root password=p host=h database=db port=3306"},
        {"mariadb://root@h:1/db?a=b", "Mysql user=root host=h database=db query=a=b port=1"},
        {"sqlserver://h:1434;database=db;user=sa;password={a;b}}c};encrypt=true",
         "Mssql user=sa password=a;b}c host=h database=db query=encrypt=true port=1434"},
        {"sqlserver://127.0.0.1;initial catalog=db;User ID=sa;pwd=x=y;",
         "Mssql user=sa password=x=y host=127.0.0.1 database=db port=1433"},
        {"redis://h", "Redis host=h port=6379"},
        {"rediss://:p@h:6380/2", "Redis password=p host=h database=2 port=6380 tls"},
        {"redis://u:p@h", "Redis user=u password=p host=h port=6379"},
        {"file:./dev.db", "Sqlite database=/w/dev.db"},
        {"file:/abs/a%20b.db?connection_limit=1",
         "Sqlite database=/abs/a b.db query=connection_limit=1"},
        {"file:///abs/x.db", "Sqlite database=/abs/x.db"},
        {"file://localhost/abs/x.db", "Sqlite database=/abs/x.db"},
        {"sqlite:data/../x.db", "Sqlite database=/w/x.db"},
    };
    ASSERT_PARSED(state, cases, NULL);
}

static void ado_strings_are_read(void **state)
{
    static const struct parse_case cases[] = {
        {"Host=h;Port=5433;Username=u;Password=p;Database=db",
         "Postgres user=u password=p host=h database=db port=5433"},
        {"host = h ; username=u; PWD=\"a;\"\"b\" ; database='x''y';",
         "Postgres user=u password=a;\"b host=h database=x'y port=5432"},
        {"Host=h;Database=db;SSL Mode=VerifyFull;Search Path=app;Pooling=true",
         "Postgres host=h database=db query=sslmode=verify-full&schema=app port=5432"},
        {"Server=h;Port=3306;User ID=root;Password=a=b=;Database=db",
         "Mysql user=root password=a=b= host=h database=db port=3306"},
        {"Host=h:5433", "Postgres host=h port=5433"},
        {"Host=::1", "Postgres host=::1 port=5432"},
        {"Host=[::1]:5433", "Postgres host=::1 port=5433"},
        {"Server=h;Uid=root;Pwd=p", "Mysql user=root password=p host=h port=3306"},
        {"Server=h;Port=5432;User Id=u", "Postgres user=u host=h port=5432"},
        {"Server=tcp:h,1434;User ID=sa;Password=p;Encrypt=true;Initial Catalog=db",
         "Mssql user=sa password=p host=h database=db query=Encrypt=true port=1434"},
        {"Data Source=h;Initial Catalog=db;User ID=sa;Password={x}",
         "Mssql user=sa password={x} host=h database=db port=1433"},
        {"Server=127.0.0.1,1433;User ID=sa;Password=p;TrustServerCertificate=true;Initial "
         "Catalog=d",
         "Mssql user=sa password=p host=127.0.0.1 database=d port=1433"},
        {"Data Source=x.db", "Sqlite database=/w/x.db"},
        {"DataSource=/abs/x.db;Cache=Shared", "Sqlite database=/abs/x.db"},
        {"h:6380,password=a=b,ssl=True,defaultDatabase=3,abortConnect=false",
         "Redis password=a=b host=h database=3 port=6380 tls"},
        {"h:6380", "Redis host=h port=6380"},
    };
    ASSERT_PARSED(state, cases, NULL);
    static const struct parse_case garnet[] = {
        {"h", "Garnet host=h port=6379"},
        {"[::1]:7000,user=u,password=p", "Garnet user=u password=p host=::1 port=7000"},
        {"redis://h:1", "Garnet host=h port=1"},
    };
    ASSERT_PARSED(state, garnet, engine_of(ENGINE_GARNET));
    static const struct parse_case mssql[] = {
        {"Server=h;User ID=app;Password=p", "Mssql user=app password=p host=h port=1433"}};
    ASSERT_PARSED(state, mssql, engine_of(ENGINE_MSSQL));
}

static void mistakes_are_named_without_the_text(void **state)
{
#define MISTAKE "error: the connection string "
    static const struct parse_case cases[] = {
        {"", MISTAKE "is empty"},
        {" \n", MISTAKE "is empty"},
        {"hunter2", MISTAKE "is neither a URL nor of the form Name=value;Name=value"},
        {"oracle://u:hunter2@h/db", MISTAKE "is a URL of a scheme that berth does not know"},
        {"http://hunter2@h", MISTAKE "is a URL of a scheme that berth does not know"},
        {"postgresql://u:hunter2@h:99999/db", MISTAKE "has a malformed host or port"},
        {"postgresql://u:hunter2@h:x/db", MISTAKE "has a malformed host or port"},
        {"postgresql://u:hunter2@/db", MISTAKE "names no host"},
        {"postgresql://u:hunter2@h/db?port=0", MISTAKE "has a malformed port"},
        {"postgresql://u:hunter2%00@h/db", MISTAKE "holds a zero byte"},
        {"sqlserver://h;password=hunter2;x", MISTAKE "has a malformed parameter"},
        {"sqlserver://h;password={hunter2", MISTAKE "has a malformed parameter"},
        {"sqlserver://h;password={hunter2}x", MISTAKE "has a malformed parameter"},
        {"sqlserver://h/hunter2", MISTAKE "has a malformed host or port"},
        {"Host=h;Password=\"hunter2",
         MISTAKE "is neither a URL nor of the form Name=value;Name=value"},
        {"Host=h;Password='hunter2'x;",
         MISTAKE "is neither a URL nor of the form Name=value;Name=value"},
        {"Host=h;hunter2", MISTAKE "is neither a URL nor of the form Name=value;Name=value"},
        {"Username=u;Password=hunter2", MISTAKE "names no host"},
        {"Host=h;Port=hunter2", MISTAKE "has a malformed host or port"},
        {"Server=h;Database=d;Password=hunter2", MISTAKE "could be for more than one engine"},
        {"h:1,hunter2", MISTAKE "has a malformed option"},
        {"Host=u:hunter2@h;Username=u", MISTAKE "has a malformed host or port"},
        {"postgresql://u:hunter2@h1,h2/db", MISTAKE "has a malformed host or port"},
        {"file:", MISTAKE "names no file"},
        {"sqlite::memory:", MISTAKE "names a database in memory, which no other process sees"},
    };
    ASSERT_PARSED(state, cases, NULL);
    static const struct parse_case others[] = {
        {"mysql://u:hunter2@h/db", MISTAKE "is for Mysql where Postgres is expected"},
        {"redis://:hunter2@h", MISTAKE "is for Redis where Postgres is expected"},
    };
    ASSERT_PARSED(state, others, engine_of(ENGINE_POSTGRES));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_null(strstr(cases[i].expected, "hunter2"));
}

typedef void write_fn(const struct connection *connection, struct strbuf *out);

static char *written(write_fn *write, const struct connection *connection)
{
    AUTO_STRBUF out = STRBUF_INIT;
    strbuf_adds(&out, "> ");
    write(connection, &out);
    strbuf_consume(&out, 2);
    return strbuf_detach(&out);
}

static void assert_written(write_fn *write, const struct connection *connection,
                           const char *expected)
{
    AUTOFREE char *got = written(write, connection);
    assert_string_equal(got, expected);
}

static struct connection sample(enum engine_id id)
{
    return (struct connection){.engine = engine_of(id),
                               .host = "127.0.0.1",
                               .port = 5433,
                               .user = "u",
                               .password = "p;w",
                               .database = "my-db"};
}

static void forms_are_those_of_the_contract(void **state)
{
    (void)state;
    struct connection postgres = sample(ENGINE_POSTGRES);
    assert_written(connection_url, &postgres, "postgresql://u:p%3Bw@127.0.0.1:5433/my-db");
    assert_written(connection_url_masked, &postgres, "postgresql://u:****@127.0.0.1:5433/my-db");
    assert_written(connection_ado, &postgres,
                   "Host=127.0.0.1;Port=5433;Username=u;Password=\"p;w\";Database=my-db");
    assert_written(connection_jdbc, &postgres, "jdbc:postgresql://127.0.0.1:5433/my-db");
    struct connection mysql = sample(ENGINE_MYSQL);
    assert_written(connection_url, &mysql, "mysql://u:p%3Bw@127.0.0.1:5433/my-db");
    assert_written(connection_ado, &mysql,
                   "Server=127.0.0.1;Port=5433;User ID=u;Password=\"p;w\";Database=my-db");
    assert_written(connection_jdbc, &mysql, "jdbc:mysql://127.0.0.1:5433/my-db");
    struct connection mssql = sample(ENGINE_MSSQL);
    assert_written(connection_url, &mssql,
                   "sqlserver://127.0.0.1:5433;database=my-db;user=u;password={p;w};"
                   "encrypt=true;trustServerCertificate=true");
    assert_written(connection_url_masked, &mssql,
                   "sqlserver://127.0.0.1:5433;database=my-db;user=u;password=****;"
                   "encrypt=true;trustServerCertificate=true");
    assert_written(connection_ado, &mssql,
                   "Server=127.0.0.1,5433;User ID=u;Password=\"p;w\";"
                   "TrustServerCertificate=true;Initial Catalog=my-db");
    assert_written(connection_jdbc, &mssql,
                   "jdbc:sqlserver://127.0.0.1:5433;databaseName=my-db;"
                   "encrypt=true;trustServerCertificate=true");
    mssql.host = "db.example.com"; // its certificate is not taken on trust
    assert_written(connection_url, &mssql,
                   "sqlserver://db.example.com:5433;database=my-db;user=u;password={p;w}");
}

static void forms_of_files_and_caches(void **state)
{
    (void)state;
    const struct connection sqlite = {.engine = engine_of(ENGINE_SQLITE), .database = "/a b/x?.db"};
    assert_written(connection_url, &sqlite, "file:/a b/x%3F.db");
    assert_written(connection_ado, &sqlite, "Data Source=/a b/x?.db");
    assert_written(connection_jdbc, &sqlite, "jdbc:sqlite:/a b/x?.db");
    struct connection redis = {.engine = engine_of(ENGINE_REDIS), .host = "::1", .port = 6380};
    assert_written(connection_url, &redis, "redis://[::1]:6380");
    assert_written(connection_ado, &redis, "[::1]:6380");
    assert_written(connection_jdbc, &redis, "");
    redis.password = "p";
    redis.tls = true;
    assert_written(connection_url, &redis, "rediss://:p@[::1]:6380");
    assert_written(connection_url_masked, &redis, "rediss://:****@[::1]:6380");
    assert_written(connection_ado, &redis, "[::1]:6380,password=p,ssl=true");
}

static void parameters_that_are_secrets_are_masked(void **state)
{
    (void)state;
    struct connection postgres = sample(ENGINE_POSTGRES);
    postgres.query = "sslmode=require&sslpassword=hunter2&x&api_key=hunter2";
    assert_written(connection_url_masked, &postgres,
                   "postgresql://u:****@127.0.0.1:5433/my-db?"
                   "sslmode=require&sslpassword=****&x&api_key=****");
    struct connection mssql = sample(ENGINE_MSSQL);
    mssql.query = "encrypt=true;accessToken=hunter2";
    AUTOFREE char *masked = written(connection_url_masked, &mssql);
    assert_null(strstr(masked, "hunter2"));
}

static void assert_round_trip(struct arena *arena, write_fn *write,
                              const struct connection *connection)
{
    AUTOFREE char *text = written(write, connection);
    AUTOFREE char *before = described(connection);
    AUTOFREE char *after = parsed(arena, text, connection->engine);
    if (strcmp(before, after))
        fail_msg("%s\n   was %s\n    is %s", text, before, after);
    // Without being told the engine it is the same, too.
    if (connection->engine->id != ENGINE_GARNET && connection->engine->id != ENGINE_MYSQL) {
        AUTOFREE char *guessed = parsed(arena, text, NULL);
        assert_string_equal(guessed, before);
    }
}

static const char *const nasty[] = {
    "p",
    " lead",
    "trail ",
    "a;b",
    "a=b",
    "=",
    "\"",
    "''",
    "\"';\"",
    "{a}",
    "}}{",
    "a:b@c",
    "a/b?c#d",
    "100%",
    "%41",
    "a%zz",
    "a+b",
    "\\",
    "a\tb",
    "[x]",
    "&x=y&",
    "****",
    "\xC3\xA9\xE2\x82\xAC",
    "postgres://",
    "a\"\"b",
    "tcp:1",
    "; Host=evil;",
};

static void what_is_written_is_read_back(void **state)
{
    static const enum engine_id ids[] = {ENGINE_POSTGRES, ENGINE_MYSQL, ENGINE_MSSQL};
    static const char *const hosts[] = {"127.0.0.1", "::1", "db.example.com"};
    for (size_t i = 0; i < sizeof nasty / sizeof *nasty; i++) {
        for (size_t j = 0; j < sizeof ids / sizeof *ids; j++) {
            struct connection connection = sample(ids[j]);
            connection.host = hosts[(i + j) % 3];
            connection.password = nasty[i];
            assert_round_trip(*state, connection_url, &connection);
            assert_round_trip(*state, connection_ado, &connection);
            connection.user = nasty[i];
            connection.database = nasty[(i * 7 + 3) % (sizeof nasty / sizeof *nasty)];
            assert_round_trip(*state, connection_url, &connection);
            assert_round_trip(*state, connection_ado, &connection);
        }
    }
}

// A small generator of its own: the same texts in every run.
static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

static const char *random_text(struct arena *arena, unsigned *seed)
{
    static const char alphabet[] = "abcXYZ09 ;='\"{}[]%&?#@:/\\,+\t\xC3\xA9|$";
    size_t length = 1 + next_random(seed) % 12;
    char *text = arena_alloc(arena, length + 1);
    for (size_t i = 0; i < length; i++)
        text[i] = alphabet[next_random(seed) % (sizeof alphabet - 1)];
    return text;
}

static void random_parts_survive_the_round_trip(void **state)
{
    static const enum engine_id ids[] = {ENGINE_POSTGRES, ENGINE_MYSQL, ENGINE_MSSQL};
    unsigned seed = 42;
    for (int i = 0; i < 600; i++) {
        struct connection connection = sample(ids[i % 3]);
        connection.port = 1 + (int)(next_random(&seed) % 65535);
        connection.user = random_text(*state, &seed);
        connection.password = random_text(*state, &seed);
        connection.database = random_text(*state, &seed);
        assert_round_trip(*state, connection_url, &connection);
        assert_round_trip(*state, connection_ado, &connection);
    }
}

static void rarer_parts_survive_the_round_trip(void **state)
{
    struct connection socket = sample(ENGINE_POSTGRES);
    socket.host = "/run/post gres";
    socket.query = "sslmode=verify-ca&schema=my%20app";
    assert_round_trip(*state, connection_url, &socket);
    assert_round_trip(*state, connection_ado, &socket);
    socket.database = NULL;
    assert_round_trip(*state, connection_url, &socket);
    const struct connection bare = {
        .engine = engine_of(ENGINE_POSTGRES), .host = "h", .port = 5432};
    assert_round_trip(*state, connection_url, &bare);
    assert_round_trip(*state, connection_ado, &bare);
    struct connection redis = {.engine = engine_of(ENGINE_REDIS),
                               .host = "h",
                               .port = 1,
                               .password = "a=b %",
                               .user = "u"};
    assert_round_trip(*state, connection_url, &redis);
    assert_round_trip(*state, connection_ado, &redis);
    redis = (struct connection){
        .engine = engine_of(ENGINE_REDIS), .host = "h", .port = 1, .database = "3", .tls = true};
    assert_round_trip(*state, connection_url, &redis);
    assert_round_trip(*state, connection_ado, &redis);
    const struct connection sqlite = {.engine = engine_of(ENGINE_SQLITE),
                                      .database = "/a b/%41#1?;x'.db"};
    assert_round_trip(*state, connection_url, &sqlite);
    assert_round_trip(*state, connection_ado, &sqlite);
    struct connection mssql = sample(ENGINE_MSSQL);
    mssql.query = "encrypt=strict;applicationIntent=ReadOnly";
    assert_round_trip(*state, connection_url, &mssql);
    assert_round_trip(*state, connection_ado, &mssql);
}

static char *listed(const variable_list *list)
{
    AUTO_STRBUF out = STRBUF_INIT;
    vec_each (variable, list)
        strbuf_addf(&out, "%s%s=%s\n", variable->secret ? "*" : "", variable->name,
                    variable->value);
    return strbuf_detach(&out);
}

static void variables_of_a_primary_database(void **state)
{
    struct connection connection = sample(ENGINE_POSTGRES);
    connection.password = "pw";
    variable_list list = {0};
    connection_database_variables(&connection, "postgres", "my-db", true, *state, &list);
    AUTOFREE char *got = listed(&list);
    assert_string_equal(got, "*DATABASE_URL=postgresql://u:pw@127.0.0.1:5433/my-db\n"
                             "DB_PROVIDER=postgres\n"
                             "DATABASE_PROVIDER=postgres\n"
                             "*POSTGRES_URI=postgresql://u:pw@127.0.0.1:5433/my-db\n"
                             "*ConnectionStrings__my-db=Host=127.0.0.1;Port=5433;Username=u;"
                             "Password=pw;Database=my-db\n"
                             "MY_DB_HOST=127.0.0.1\n"
                             "MY_DB_PORT=5433\n"
                             "MY_DB_USERNAME=u\n"
                             "*MY_DB_PASSWORD=pw\n"
                             "MY_DB_DATABASENAME=my-db\n"
                             "*MY_DB_URI=postgresql://u:pw@127.0.0.1:5433/my-db\n"
                             "MY_DB_JDBCCONNECTIONSTRING=jdbc:postgresql://127.0.0.1:5433/my-db\n");
    vec_release(&list);
}

static void variables_of_a_file_have_no_server(void **state)
{
    const struct connection connection = {.engine = engine_of(ENGINE_SQLITE),
                                          .database = "/w/database/sqlite/my_app.db"};
    variable_list list = {0};
    connection_database_variables(&connection, "sqlite", "my_app.db", false, *state, &list);
    AUTOFREE char *got = listed(&list);
    assert_string_equal(
        got, "SQLITE_URI=file:/w/database/sqlite/my_app.db\n"
             "ConnectionStrings__my_app.db=Data Source=/w/database/sqlite/my_app.db\n"
             "MY_APP_DB_DATABASENAME=my_app.db\n"
             "MY_APP_DB_URI=file:/w/database/sqlite/my_app.db\n"
             "MY_APP_DB_JDBCCONNECTIONSTRING=jdbc:sqlite:/w/database/sqlite/my_app.db\n");
    vec_release(&list);
}

static void a_name_is_given_once(void **state)
{
    struct connection connection = sample(ENGINE_POSTGRES);
    variable_list list = {0};
    connection_database_variables(&connection, "postgres", "postgres", true, *state, &list);
    connection.host = "other";
    connection_database_variables(&connection, "postgres", "postgres", true, *state, &list);
    size_t count = 0;
    vec_each (variable, &list)
        count += !strcmp(variable->name, "POSTGRES_URI");
    assert_int_equal(count, 1);
    AUTOFREE char *got = listed(&list);
    assert_null(strstr(got, "other"));
    vec_release(&list);
}

static void variables_of_caches(void **state)
{
    struct connection redis = {
        .engine = engine_of(ENGINE_REDIS), .host = "127.0.0.1", .port = 6380};
    variable_list list = {0};
    connection_cache_variables(&redis, "redis", true, *state, &list);
    AUTOFREE char *got = listed(&list);
    assert_string_equal(got, "REDIS_URI=redis://127.0.0.1:6380\n"
                             "ConnectionStrings__redis=127.0.0.1:6380\n"
                             "REDIS_TCP=tcp://127.0.0.1:6380\n"
                             "services__redis__tcp__0=tcp://127.0.0.1:6380\n"
                             "CACHE_PROVIDER=redis\n");
    vec_release(&list);
    redis.password = "pw";
    connection_cache_variables(&redis, "my-cache", true, *state, &list);
    AUTOFREE char *other = listed(&list);
    assert_string_equal(other, "*MY_CACHE_URI=redis://:pw@127.0.0.1:6380\n"
                               "*ConnectionStrings__my-cache=127.0.0.1:6380,password=pw\n"
                               "MY_CACHE_TCP=tcp://127.0.0.1:6380\n"
                               "services__my-cache__tcp__0=tcp://127.0.0.1:6380\n"
                               "CACHE_PROVIDER=my-cache\n"
                               "*REDIS_URI=redis://:pw@127.0.0.1:6380\n"
                               "*ConnectionStrings__redis=127.0.0.1:6380,password=pw\n"
                               "REDIS_TCP=tcp://127.0.0.1:6380\n"
                               "services__redis__tcp__0=tcp://127.0.0.1:6380\n");
    vec_release(&list);
}

static void loopback_is_this_machine_only(void **state)
{
    (void)state;
    static const char *const local[] = {"localhost", "LOCALHOST", "db.localhost",
                                        "127.0.0.1", "127.8.8.8", "::1",
                                        "/run/x",    "",          "::ffff:127.0.0.1"};
    static const char *const remote[] = {
        "0.0.0.0", "10.0.0.1",         "128.0.0.1",    "localhost.example.com",
        "::2",     "127.0.0.1.nip.io", "notlocalhost", "host.docker.internal"};
    for (size_t i = 0; i < sizeof local / sizeof *local; i++)
        assert_true(host_is_loopback(local[i]));
    for (size_t i = 0; i < sizeof remote / sizeof *remote; i++)
        assert_false(host_is_loopback(remote[i]));
    assert_true(host_is_loopback(NULL));
}

static void hosted_servers_get_tls(void **state)
{
    static const struct parse_case cases[] = {
        {"postgresql://u:p@ep-x-1.eu.aws.neon.tech/db",
         "Postgres user=u password=p host=ep-x-1.eu.aws.neon.tech database=db "
         "query=sslmode=require "
         "port=5432"},
        {"postgresql://u:p@DB.abc.Supabase.CO/db?schema=app",
         "Postgres user=u password=p host=DB.abc.Supabase.CO database=db "
         "query=schema=app&sslmode=require port=5432"},
        {"postgresql://u:p@x.rds.amazonaws.com/db?sslmode=verify-full",
         "Postgres user=u password=p host=x.rds.amazonaws.com database=db "
         "query=sslmode=verify-full "
         "port=5432"},
        {"Host=x.postgres.database.azure.com;Database=db",
         "Postgres host=x.postgres.database.azure.com database=db query=sslmode=require port=5432"},
        {"postgresql://u@neon.tech.example.com/db",
         "Postgres user=u host=neon.tech.example.com database=db port=5432"},
    };
    ASSERT_PARSED(state, cases, NULL);
    assert_string_equal(host_service_find("a.neon.tech")->name, "Neon");
    assert_null(host_service_find("127.0.0.1"));
}

static char *direct(struct arena *arena, const char *url)
{
    struct connection connection, out;
    struct err err;
    const char *note = NULL;
    assert_int_equal(connection_parse(url, NULL, "/", arena, &connection, &err), 0);
    if (connection_direct(&connection, arena, &out, &note, &err))
        return mem_printf("error: %s", err.message);
    AUTO_STRBUF text = STRBUF_INIT;
    connection_url(&out, &text);
    assert_true((note != NULL) == (out.host != connection.host || out.port != connection.port));
    if (note)
        assert_null(strstr(note, "hunter2"));
    return strbuf_detach(&text);
}

static void poolers_are_passed_by(void **state)
{
    static const struct parse_case cases[] = {
        {"postgresql://u:hunter2@127.0.0.1:6432/db", "postgresql://u:hunter2@127.0.0.1:6432/db"},
        {"postgresql://u:hunter2@ep-x-1-pooler.eu.aws.neon.tech/db?sslmode=require&pgbouncer=true",
         "postgresql://u:hunter2@ep-x-1.eu.aws.neon.tech:5432/db?sslmode=require"},
        {"postgresql://u:hunter2@ep-x-1.eu.aws.neon.tech/db?sslmode=require",
         "postgresql://u:hunter2@ep-x-1.eu.aws.neon.tech:5432/db?sslmode=require"},
        {"postgresql://u:hunter2@aws-0-eu.pooler.supabase.com:6543/"
         "db?pgbouncer=true&sslmode=require",
         "postgresql://u:hunter2@aws-0-eu.pooler.supabase.com:5432/db?sslmode=require"},
        {"postgresql://u:hunter2@db.x.supabase.co:5432/db?sslmode=require",
         "postgresql://u:hunter2@db.x.supabase.co:5432/db?sslmode=require"},
        {"postgresql://u:hunter2@x.postgres.database.azure.com:6432/db?sslmode=require",
         "postgresql://u:hunter2@x.postgres.database.azure.com:5432/db?sslmode=require"},
        {"postgresql://u:hunter2@db.example.com/db?pgbouncer=true",
         "error: the connection goes through pgbouncer, where migrations cannot hold a lock"},
        {"postgresql://u:hunter2@db.example.com/db?pgbouncer=false",
         "postgresql://u:hunter2@db.example.com:5432/db?pgbouncer=false"},
        {"mysql://u:hunter2@x-pooler.neon.tech/db", "mysql://u:hunter2@x-pooler.neon.tech:3306/db"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTOFREE char *got = direct(*state, cases[i].text);
        assert_string_equal(got, cases[i].expected);
    }
}

static void a_server_of_our_own_elsewhere_makes_its_own_certificate(void **state)
{
    (void)state;
    struct connection connection = {.engine = engine_of(ENGINE_MSSQL),
                                    .port = 1433,
                                    .user = "sa",
                                    .password = "p",
                                    .database = "app"};
    AUTO_STRBUF url = STRBUF_INIT, jdbc = STRBUF_INIT, ado = STRBUF_INIT, here = STRBUF_INIT;
    connection_own_host(&connection, "db");
    connection_url(&connection, &url);
    connection_jdbc(&connection, &jdbc);
    connection_ado(&connection, &ado);
    assert_string_equal(url.data,
                        "sqlserver://db:1433;database=app;user=sa;password=p;encrypt=true;"
                        "trustServerCertificate=true");
    assert_string_equal(jdbc.data, "jdbc:sqlserver://db:1433;databaseName=app;encrypt=true;"
                                   "trustServerCertificate=true");
    assert_string_equal(ado.data, "Server=db,1433;User ID=sa;Password=p;Initial Catalog=app;"
                                  "encrypt=true;trustServerCertificate=true");
    connection.query = NULL;
    connection_own_host(&connection, "127.0.0.1");
    connection_url(&connection, &here);
    assert_string_equal(here.data, "sqlserver://127.0.0.1:1433;database=app;user=sa;password=p;"
                                   "encrypt=true;trustServerCertificate=true");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(urls_are_read),
        TEST(ado_strings_are_read),
        TEST(mistakes_are_named_without_the_text),
        TEST(forms_are_those_of_the_contract),
        TEST(forms_of_files_and_caches),
        TEST(parameters_that_are_secrets_are_masked),
        TEST(what_is_written_is_read_back),
        TEST(random_parts_survive_the_round_trip),
        TEST(rarer_parts_survive_the_round_trip),
        TEST(variables_of_a_primary_database),
        TEST(variables_of_a_file_have_no_server),
        TEST(a_server_of_our_own_elsewhere_makes_its_own_certificate),
        TEST(a_name_is_given_once),
        TEST(variables_of_caches),
        TEST(loopback_is_this_machine_only),
        TEST(hosted_servers_get_tls),
        TEST(poolers_are_passed_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
