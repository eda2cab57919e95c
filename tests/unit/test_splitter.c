#include "tests/unit/test.h"

#include "base/clock.h"
#include "base/strbuf.h"
#include "migrator/script/script.h"

// The statements of a text, joined by '|', as "@" where the text ends within something.
static char *split(enum sql_dialect dialect, const char *text)
{
    struct strbuf out = STRBUF_INIT;
    struct sql_splitter splitter = {
        .lexer = {.text = text, .length = strlen(text), .dialect = dialect}};
    struct sql_statement statement;
    while (sql_splitter_next(&splitter, &statement)) {
        strbuf_adds(&out, out.len ? "|" : "");
        strbuf_add(&out, text + statement.start, statement.end - statement.start);
    }
    if (splitter.unterminated)
        strbuf_adds(&out, "@");
    return strbuf_detach(&out);
}

static void assert_split(enum sql_dialect dialect, const char *text, const char *expected)
{
    AUTOFREE char *got = split(dialect, text);
    assert_string_equal(got, expected);
}

struct split_case {
    const char *text, *expected;
};

static void both_dialects_split_alike(void **state)
{
    (void)state;
    static const struct split_case cases[] = {
        {"", ""},
        {" ;; ; ", ""},
        {"-- only a comment", ""},
        {"a;b", "a|b"},
        {"a ; b;\n", "a|b"},
        {"-- x;y\na -- b;c\n;d", "a|d"},
        {"/* a; */ b /* ' */; c", "b|c"},
        {"'a;b' ; 'it''s; ok'", "'a;b'|'it''s; ok'"},
        {"\"a;b\";\"c\"\"d;\"", "\"a;b\"|\"c\"\"d;\""},
        {"'a\\';b", "'a\\'|b"},
        {"1-1;2/1;3*/4", "1-1|2/1|3*/4"},
        {"a'", "a'@"},
        {"\xC3\xA9;\xE2\x82\xAC", "\xC3\xA9|\xE2\x82\xAC"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_split(SQL_POSTGRES, cases[i].text, cases[i].expected);
        assert_split(SQL_SQLITE, cases[i].text, cases[i].expected);
    }
}

static void postgres_strings_and_comments_hide_semicolons(void **state)
{
    (void)state;
    static const struct split_case cases[] = {
        {"E'a\\';b';c", "E'a\\';b'|c"},
        {"e'\\\\';c", "e'\\\\'|c"},
        {"E'a'\n'b\\';';c", "E'a'\n'b\\';'|c"},
        {"E'a' -- x\n 'b\\';';c", "E'a' -- x\n 'b\\';'|c"},
        {"E'a' 'b\\';c", "E'a' 'b\\'|c"},
        {"typE'a\\';b", "typE'a\\'|b"},
        {"U&'a\\';b", "U&'a\\'|b"},
        {"U&\"a;\"\"b\" ;c", "U&\"a;\"\"b\"|c"},
        {"$$a;b$$;c", "$$a;b$$|c"},
        {"$x$a;$y$;b$$;$x$;c", "$x$a;$y$;b$$;$x$|c"},
        {"a$b$;c$b$", "a$b$|c$b$"},
        {"$1;$2", "$1|$2"},
        {"1$a$;$a$;b", "1$a$;$a$|b"},
        {"$\xC3\xA9$;$\xC3\xA9$;b", "$\xC3\xA9$;$\xC3\xA9$|b"},
        {"$a b$;c", "$a b$|c"},
        {"/* a /* ; */ ; */b;c", "b|c"},
        {"--a\r;b", "b"},
        {"(a;b);c", "(a;b)|c"},
        {"a);b", "a)|b"},
        {"`a;b`", "`a|b`"},
        {"[a;b]", "[a|b]"},
        {"$a$ x", "$a$ x@"},
        {"/* /* */", "@"},
        {"E'a\\'", "E'a\\'@"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_split(SQL_POSTGRES, cases[i].text, cases[i].expected);
}

static void postgres_bodies_hold_semicolons(void **state)
{
    (void)state;
    static const struct split_case cases[] = {
        {"CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true "
         "THEN 1 END; END; SELECT 2",
         "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true "
         "THEN 1 END; END|SELECT 2"},
        {"create procedure p() begin atomic select 1; end; b", NULL},
        {"CREATE FUNCTION f() RETURNS int AS $$BEGIN; END$$ LANGUAGE plpgsql; b", NULL},
        {"CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); DELETE FROM b); b",
         NULL},
        {"BEGIN; b", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTOFREE char *got = split(SQL_POSTGRES, cases[i].text);
        if (cases[i].expected)
            assert_string_equal(got, cases[i].expected);
        // one statement, then "b"
        const char *bar = strchr(got, '|');
        assert_non_null(bar);
        assert_null(strchr(bar + 1, '|'));
        assert_string_equal(bar + 1, cases[i].expected ? "SELECT 2" : "b");
    }
}

static void postgres_old_strings_escape_when_told_so(void **state)
{
    (void)state;
    const char *text = "'a\\';b';c";
    struct source source = {"f", text, strlen(text)};
    struct script script;
    script_parse(&source, &(struct script_options){SQL_POSTGRES, true}, &script);
    assert_int_equal(script.statements.len, 2);
    script_release(&script);
}

static void sqlite_quotes_and_triggers(void **state)
{
    (void)state;
    static const struct split_case cases[] = {
        {"`a;b`;c", "`a;b`|c"},
        {"[a;b];c", "[a;b]|c"},
        {"x'00';c", "x'00'|c"},
        {"$$a;b$$", "$$a|b$$"},
        {"E'a\\';b", "E'a\\'|b"},
        {"/* a /* ; */ b;c", "b|c"},
        {"a /* never closed", "a"},
        {"(a;b)", "(a|b)"},
        {"CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET c = CASE WHEN 1 THEN 2 END; END; d",
         "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET c = CASE WHEN 1 THEN 2 END; END|d"},
        {"create temp trigger t after insert on a begin select 1; select 2; end; d",
         "create temp trigger t after insert on a begin select 1; select 2; end|d"},
        {"CREATE TRIGGER t INSERT ON a BEGIN SELECT 1; /* x */ END /* ; */ ; d",
         "CREATE TRIGGER t INSERT ON a BEGIN SELECT 1; /* x */ END|d"},
        {"CREATE TABLE trigger_ (a); b", "CREATE TABLE trigger_ (a)|b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_split(SQL_SQLITE, cases[i].text, cases[i].expected);
}

static enum statement_kind kind_of(enum sql_dialect dialect, const char *text)
{
    struct source source = {"f", text, strlen(text)};
    struct script script;
    script_parse(&source, &(struct script_options){.dialect = dialect}, &script);
    assert_int_equal(script.statements.len, 1);
    const enum statement_kind kind = script.statements.items[0].kind;
    script_release(&script);
    return kind;
}

static void postgres_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum statement_kind kind;
    } cases[] = {
        {"begin work", STATEMENT_BEGIN},
        {"START TRANSACTION", STATEMENT_BEGIN},
        {"COMMIT", STATEMENT_COMMIT},
        {"end", STATEMENT_COMMIT},
        {"rollback", STATEMENT_ROLLBACK},
        {"ROLLBACK TO SAVEPOINT a", STATEMENT_TRANSACTION},
        {"SAVEPOINT a", STATEMENT_TRANSACTION},
        {"COMMIT PREPARED 'x'", STATEMENT_ALONE},
        {"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", STATEMENT_TRANSACTION},
        {"SET search_path = ''", STATEMENT_SESSION},
        {"SET LOCAL search_path = ''", STATEMENT_PLAIN},
        {"SET CONSTRAINTS ALL DEFERRED", STATEMENT_PLAIN},
        {"SET ROLE app", STATEMENT_IDENTITY},
        {"SET SESSION AUTHORIZATION app", STATEMENT_IDENTITY},
        {"SELECT pg_catalog.set_config('search_path', '', false)", STATEMENT_SESSION},
        {"CREATE UNIQUE INDEX CONCURRENTLY a ON b (c)", STATEMENT_ALONE},
        {"create index concurrently if not exists a on b (c)", STATEMENT_ALONE},
        {"DROP INDEX CONCURRENTLY a", STATEMENT_ALONE},
        {"CREATE INDEX \"concurrently\" ON b (c)", STATEMENT_PLAIN},
        {"REFRESH MATERIALIZED VIEW CONCURRENTLY a", STATEMENT_PLAIN},
        {"ALTER TABLE a DETACH PARTITION b CONCURRENTLY", STATEMENT_ALONE},
        {"ALTER TABLE a DETACH PARTITION b", STATEMENT_PLAIN},
        {"VACUUM a", STATEMENT_ALONE},
        {"CREATE DATABASE a", STATEMENT_ALONE},
        {"ALTER DATABASE a SET timezone = 'UTC'", STATEMENT_PLAIN},
        {"ALTER SYSTEM SET a = 1", STATEMENT_ALONE},
        {"ALTER TYPE \"a\" ADD VALUE 'b'", STATEMENT_ENUM_VALUE},
        {"ALTER TYPE a ADD ATTRIBUTE value int", STATEMENT_PLAIN},
        {"DO $$ BEGIN PERFORM 1; END $$", STATEMENT_PLAIN},
        {"DO $$ BEGIN COMMIT; END $$", STATEMENT_ALONE},
        {"CALL p()", STATEMENT_ALONE},
        {"CREATE TABLE a (\"begin\" int)", STATEMENT_PLAIN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (kind_of(SQL_POSTGRES, cases[i].text) != cases[i].kind)
            fail_msg("%s: kind %d", cases[i].text, (int)kind_of(SQL_POSTGRES, cases[i].text));
}

static void sqlite_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum statement_kind kind;
    } cases[] = {
        {"BEGIN IMMEDIATE", STATEMENT_BEGIN},
        {"END TRANSACTION", STATEMENT_COMMIT},
        {"ROLLBACK TO a", STATEMENT_PLAIN},
        {"ROLLBACK TRANSACTION TO a", STATEMENT_PLAIN},
        {"ROLLBACK", STATEMENT_ROLLBACK},
        {"VACUUM", STATEMENT_ALONE},
        {"PRAGMA foreign_keys=OFF", STATEMENT_FOREIGN_KEYS_OFF},
        {"PRAGMA foreign_keys=off", STATEMENT_FOREIGN_KEYS_OFF},
        {"PRAGMA foreign_keys(0)", STATEMENT_FOREIGN_KEYS_OFF},
        {"PRAGMA main.foreign_keys = ON", STATEMENT_FOREIGN_KEYS_ON},
        {"PRAGMA foreign_keys = 'yes'", STATEMENT_FOREIGN_KEYS_ON},
        {"PRAGMA foreign_keys", STATEMENT_PLAIN},
        {"PRAGMA defer_foreign_keys=ON", STATEMENT_SESSION},
        {"PRAGMA foreign_key_check", STATEMENT_SESSION},
        {"PRAGMA journal_mode = WAL", STATEMENT_ALONE},
        {"CREATE TABLE a (b)", STATEMENT_PLAIN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (kind_of(SQL_SQLITE, cases[i].text) != cases[i].kind)
            fail_msg("%s: kind %d", cases[i].text, (int)kind_of(SQL_SQLITE, cases[i].text));
}

static void scripts_are_cut_where_they_must_be(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum script_cut cut;
        const char *expected; // statements of each group
    } cases[] = {
        {"a;b;c", SCRIPT_CUT_ALONE, "3"},
        {"a;VACUUM;b;c", SCRIPT_CUT_ALONE, "1 1 2"},
        {"VACUUM", SCRIPT_CUT_ALONE, "1"},
        {"BEGIN;VACUUM;COMMIT;VACUUM", SCRIPT_CUT_ALONE, "3 1"},
        {"ALTER TYPE t ADD VALUE 'x';a", SCRIPT_CUT_ALONE, "2"},
        {"ALTER TYPE t ADD VALUE 'x';a", SCRIPT_CUT_ENUM_VALUES, "1 1"},
        {"a;b", SCRIPT_CUT_ALL, "1 1"},
        {"", SCRIPT_CUT_ALONE, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct source source = {"f", cases[i].text, strlen(cases[i].text)};
        struct script script;
        script_groups groups = {0};
        AUTO_STRBUF got = STRBUF_INIT;
        script_parse(&source, &(struct script_options){.dialect = SQL_POSTGRES}, &script);
        script_cut(&script, cases[i].cut, &groups);
        vec_each (group, &groups)
            strbuf_addf(&got, "%s%zu", got.len ? " " : "", group->end - group->first);
        assert_string_equal(got.data, cases[i].expected);
        vec_release(&groups);
        script_release(&script);
    }
}

static void committed_statements_are_counted(void **state)
{
    (void)state;
    const char *text = "a;BEGIN;b;COMMIT;c;d";
    struct source source = {"f", text, strlen(text)};
    struct script script;
    script_parse(&source, &(struct script_options){.dialect = SQL_POSTGRES}, &script);
    assert_false(script_is_transactional(&script));
    assert_int_equal(script_committed(&script, 0, 2), 0);
    assert_int_equal(script_committed(&script, 0, 5), 4);
    assert_int_equal(script_committed(&script, 4, 1), 4);
    assert_int_equal(script_statement_at(&script, 0), 0);
    assert_int_equal(script_statement_at(&script, strlen(text)), 5);
    script_release(&script);
}

static void byte_order_mark_is_no_sql(void **state)
{
    (void)state;
    const char *text = "\xEF\xBB\xBF-- x\na;b";
    struct source source = {"f", text, strlen(text)};
    struct script script;
    script_parse(&source, &(struct script_options){.dialect = SQL_POSTGRES}, &script);
    assert_int_equal(script.file.length, script.source.length + 3);
    assert_int_equal(script.statements.len, 2);
    assert_int_equal(script.statements.items[0].start, 5);
    script_release(&script);
}

// A quarter of a megabyte of each thing that could be scanned again and again.
static void splitting_is_linear(void **state)
{
    (void)state;
    static const char *const units[] = {"$a$ ", "/* ",  "E'a'\n", "(",     ";",
                                        "'';",  "a$b;", "\"\" ",  "CASE ", "END;"};
    const int64_t begun = clock_monotonic_ms();
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        for (int dialect = 0; dialect < 2; dialect++) {
            AUTO_STRBUF text = STRBUF_INIT;
            struct script script;
            strbuf_adds(&text, "CREATE FUNCTION f BEGIN ATOMIC ");
            while (text.len < 250 * 1000)
                strbuf_adds(&text, units[i]);
            struct source source = {"f", text.data, text.len};
            script_parse(&source, &(struct script_options){.dialect = (enum sql_dialect)dialect},
                         &script);
            script_release(&script);
        }
    }
    assert_true(clock_monotonic_ms() - begun < 10 * 1000);
}

static char *split_mysql(const char *text)
{
    struct strbuf out = STRBUF_INIT;
    const struct script_options options = {.dialect = SQL_MYSQL, .backslash_escapes = true};
    const struct source source = {"test.sql", text, strlen(text)};
    struct script script;
    script_parse(&source, &options, &script);
    vec_each (statement, &script.statements) {
        strbuf_adds(&out, out.len ? "|" : "");
        strbuf_add(&out, text + statement->start, statement->end - statement->start);
    }
    if (script.unterminated)
        strbuf_adds(&out, "@");
    script_release(&script);
    return strbuf_detach(&out);
}

static void mysql_quotes_and_comments_hide_semicolons(void **state)
{
    (void)state;
    static const struct split_case cases[] = {
        {"a # x;y\n;b", "a|b"},
        {"5--1;2", "5--1|2"},
        {"5 -- 1;2", "5"},
        {"'a\\';b';c", "'a\\';b'|c"},
        {"\"a\\\";b\";c", "\"a\\\";b\"|c"},
        {"`a;``b`;c", "`a;``b`|c"},
        {"/*!40101 SET a=1 */;b", "/*!40101 SET a=1 */|b"},
        {"/*M!100100 a; */ x;b", "/*M!100100 a; */ x|b"},
        {"/* a /* b; */ c;d", "c|d"},
        {"/* a", "@"},
        {"$$;$$", "$$|$$"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTOFREE char *got = split_mysql(cases[i].text);
        assert_string_equal(got, cases[i].expected);
    }
}

static void mysql_programs_are_one_statement(void **state)
{
    (void)state;
    static const char *const programs[] = {
        "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1",
        "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET NEW.a = 1; SET NEW.b = 2; END",
        "CREATE TRIGGER t AFTER DELETE ON x FOR EACH ROW IF OLD.a THEN DELETE FROM y; END IF",
        "CREATE DEFINER=`root`@`%` PROCEDURE p(IN a INT) BEGIN "
        "IF a THEN SELECT 1; ELSEIF b THEN SELECT IF(a, 1, 2); ELSE SELECT 3; END IF; END",
        "CREATE OR REPLACE PROCEDURE p() l: LOOP LEAVE l; END LOOP",
        "CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC "
        "BEGIN CASE a WHEN 1 THEN RETURN 1; ELSE BEGIN END; END CASE; RETURN 2; END",
        "CREATE FUNCTION f() RETURNS INT COMMENT 'x' RETURN CASE WHEN a THEN IF(b, 1, 2) ELSE 3 "
        "END",
        "CREATE PROCEDURE p() BEGIN DECLARE CONTINUE HANDLER FOR 1 BEGIN END; "
        "WHILE i < 3 DO SET i = i + 1; END WHILE; REPEAT SET i = REPEAT('a', 2); UNTIL i END "
        "REPEAT; END",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM a; DELETE FROM b; END",
        "BEGIN NOT ATOMIC SELECT 1; SELECT 2; END",
        "CREATE TABLE IF NOT EXISTS t (a INT COMMENT 'BEGIN', `begin` INT)",
        "ALTER TABLE t ADD COLUMN begin INT",
        "CREATE FUNCTION s RETURNS STRING SONAME 'x.so'",
    };
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        AUTOFREE char *text = mem_printf("a; %s; b;", programs[i]);
        AUTOFREE char *expected = mem_printf("a|%s|b", programs[i]);
        AUTOFREE char *got = split_mysql(text);
        assert_string_equal(got, expected);
    }
}

static void mysql_statements_that_end_a_transaction_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_transactional;
    } cases[] = {
        {"INSERT INTO a VALUES (1); UPDATE a SET b = 1; SET @x = 1; SELECT 1", true},
        {"WITH a AS (SELECT 1) SELECT * FROM a; REPLACE INTO b VALUES (2)", true},
        {"INSERT INTO a VALUES (1); CREATE TABLE b (c INT)", false},
        {"ALTER TABLE a ADD b INT", false},
        {"START TRANSACTION; INSERT INTO a VALUES (1); COMMIT", false},
        {"BEGIN; DELETE FROM a", false},
        {"TRUNCATE a", false},
        {"CALL p()", false},
        {"LOCK TABLES a WRITE", false},
        {"SET autocommit = 0", false},
        {"/*!40000 ALTER TABLE a DISABLE KEYS */", false},
    };
    const struct script_options options = {.dialect = SQL_MYSQL, .backslash_escapes = true};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct source source = {"test.sql", cases[i].text, strlen(cases[i].text)};
        struct script script;
        script_parse(&source, &options, &script);
        assert_int_equal(script_is_transactional(&script), cases[i].is_transactional);
        script_release(&script);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_dialects_split_alike),
        cmocka_unit_test(postgres_strings_and_comments_hide_semicolons),
        cmocka_unit_test(postgres_bodies_hold_semicolons),
        cmocka_unit_test(postgres_old_strings_escape_when_told_so),
        cmocka_unit_test(sqlite_quotes_and_triggers),
        cmocka_unit_test(postgres_kinds),
        cmocka_unit_test(sqlite_kinds),
        cmocka_unit_test(scripts_are_cut_where_they_must_be),
        cmocka_unit_test(committed_statements_are_counted),
        cmocka_unit_test(byte_order_mark_is_no_sql),
        cmocka_unit_test(mysql_quotes_and_comments_hide_semicolons),
        cmocka_unit_test(mysql_programs_are_one_statement),
        cmocka_unit_test(mysql_statements_that_end_a_transaction_are_told_apart),
        cmocka_unit_test(splitting_is_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
