// Files for SQL Server: batches between lines with GO, and what their words ask for.
#include "tests/unit/test.h"

#include "base/clock.h"
#include "base/strbuf.h"
#include "migrator/script/script.h"
#include "migrator/sql_quote.h"

static struct script parse(const char *text)
{
    const struct source source = {"f.sql", text, strlen(text)};
    struct script script;
    script_parse(&source, &(struct script_options){.dialect = SQL_SQLSERVER}, &script);
    return script;
}

// The batches of a text, joined by '|', each with "*count" where it runs more than once, as "@"
// where the text ends within something.
static char *split(const char *text)
{
    struct strbuf out = STRBUF_INIT;
    struct script script = parse(text);
    vec_each (batch, &script.statements) {
        strbuf_adds(&out, out.len ? "|" : "");
        strbuf_add(&out, text + batch->start, batch->end - batch->start);
        if (batch->repeat != 1)
            strbuf_addf(&out, "*%zu", batch->repeat);
    }
    if (script.unterminated)
        strbuf_adds(&out, "@");
    script_release(&script);
    return strbuf_detach(&out);
}

struct split_case {
    const char *text, *expected;
};

static void assert_splits(const struct split_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        AUTOFREE char *got = split(cases[i].text);
        assert_string_equal(got, cases[i].expected);
    }
}

static void go_alone_on_its_line_separates(void **state)
{
    (void)state;
    static const struct split_case cases[] = {
        {"", ""},
        {"a", "a"},
        {"a\nGO", "a"},
        {"a\nGO\nb", "a|b"},
        {"a\r\nGO\r\nb\r\n", "a|b"},
        {"a\ngo\nb\nGo\nc\ngO", "a|b|c"},
        {"a\n \tGO \t\nb", "a|b"},
        {"GO\na", "a"},
        {"GO\nGO\n\ngo", ""},
        {"a\nGO -- b\nc", "a|c"},
        {"a\nGO--b\nc", "a|c"},
        {"a\nGO /* b */\nc", "a|c"},
        {"a\n/* b */ GO\nc", "a|c"},
        {"a /* b\n*/ GO /* c\n*/ d", "a|d"},
        {"a -- b\nGO\nc", "a|c"},
        {"/* x */ a; b -- y\nGO\n-- z\nc -- d", "a; b|c"},
        // no separators: a word among others, a semicolon behind it, as sqlcmd and the server have
        // it
        {"SELECT 1 GO\nb", "SELECT 1 GO\nb"},
        {"a\nGO b\nc", "a\nGO b\nc"},
        {"a\nGO;\nb", "a\nGO;\nb"},
        {"a\n;GO\nb", "a\n;GO\nb"},
        {"a\nGOTO\nb", "a\nGOTO\nb"},
        {"a\n@GO\nb\n#GO\nc", "a\n@GO\nb\n#GO\nc"},
        {"a\n.GO\nb", "a\n.GO\nb"},
        {"a\n[GO]\nb", "a\n[GO]\nb"},
        {"a\rGO\rb", "a\rGO\rb"},
    };
    assert_splits(cases, sizeof cases / sizeof *cases);
}

static void semicolons_end_no_batch(void **state)
{
    (void)state;
    static const struct split_case cases[] = {
        {"a;b;\nc;\nGO\nd", "a;b;\nc;|d"},
        {"MERGE a;\nGO", "MERGE a;"},
        {";WITH a AS (b) c\nGO\n;;\nGO\n; d", ";WITH a AS (b) c|; d"},
        {";", ""},
        {"BEGIN\n a; b\nEND\nGO\nCREATE PROC p AS BEGIN c; END",
         "BEGIN\n a; b\nEND|CREATE PROC p AS BEGIN c; END"},
    };
    assert_splits(cases, sizeof cases / sizeof *cases);
}

static void a_count_repeats_the_batch(void **state)
{
    (void)state;
    static const struct split_case cases[] = {
        {"a\nGO 5\nb\nGO 1", "a*5|b"},
        {"a\nGO\t12 -- times\nb", "a*12|b"},
        {"GO 5\na", "a"},
        {";\nGO 5\na", "a"},
        {"a\nGO 007", "a*7"},
        {"a\nGO 2147483647", "a*2147483647"},
        {"a\nGO\n5\nGO", "a|5"},
        // what sqlcmd takes for no count goes to the server, which refuses it
        {"a\nGO 0\nb", "a\nGO 0\nb"},
        {"a\nGO -1\nb", "a\nGO -1\nb"},
        {"a\nGO 1.5\nb", "a\nGO 1.5\nb"},
        {"a\nGO 0x2\nb", "a\nGO 0x2\nb"},
        {"a\nGO 2147483648\nb", "a\nGO 2147483648\nb"},
        {"a\nGO 99999999999999999999999999\nb", "a\nGO 99999999999999999999999999\nb"},
        {"a\nGO 5 5\nb\nGO", "a\nGO 5 5\nb"},
        {"a\nGO 5;\nb", "a\nGO 5;\nb"},
        {"a\nGO $(n)\nb", "a\nGO $(n)\nb"},
        {"a\nGO5\nb", "a\nGO5\nb"},
    };
    assert_splits(cases, sizeof cases / sizeof *cases);
}

static void strings_and_comments_hide_go(void **state)
{
    (void)state;
    static const struct split_case cases[] = {
        {"'a\nGO\nb'", "'a\nGO\nb'"},
        {"'a''\nGO\n'\nGO\nb", "'a''\nGO\n'|b"},
        {"N'a\nGO\nb'\nGO\nc", "N'a\nGO\nb'|c"},
        {"'a\\'\nGO\nb", "'a\\'|b"},
        {"'a\nb' GO\nc", "'a\nb' GO\nc"},
        {"\"a\nGO\n\"\"\nGO\n\"\nGO\nb", "\"a\nGO\n\"\"\nGO\n\"|b"},
        {"[a\nGO\n]]\nGO\n]\nGO\nb", "[a\nGO\n]]\nGO\n]|b"},
        {"[a'b]\nGO\n[c\"d]", "[a'b]|[c\"d]"},
        {"a -- GO\nb -- '\nGO\nc", "a -- GO\nb|c"},
        {"a /* /* */\nGO\n*/ b\nGO\nc", "a /* /* */\nGO\n*/ b|c"},
        {"/*\nGO\n*/\nGO\na", "a"},
        {"`a\nGO\nb`", "`a|b`"},
        {"'a\nGO\n", "'a\nGO\n@"},
        {"[a\nGO\n", "[a\nGO\n@"},
        {"a\nGO\n/* /* */\nGO", "a@"},
        {"a\nGO /* b", "a@"},
        {"a\nGO -- b", "a"},
    };
    assert_splits(cases, sizeof cases / sizeof *cases);
}

static void words_have_marks(void **state)
{
    (void)state;
    static const char *const words[] = {"@a",      "@@TRANCOUNT", "#t",  "##t",
                                        "$action", "a@b#c$d",     "_x1", "\xC3\xA9"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct sql_lexer lexer = {
            .text = words[i], .length = strlen(words[i]), .dialect = SQL_SQLSERVER};
        const struct sql_token token = sql_lexer_next(&lexer);
        assert_int_equal(token.kind, SQL_WORD);
        assert_int_equal(token.end, strlen(words[i]));
    }
    struct sql_lexer money = {.text = "$1.50", .length = 5, .dialect = SQL_SQLSERVER};
    assert_int_equal(sql_lexer_next(&money).kind, SQL_SYMBOL);
    assert_int_equal(sql_lexer_next(&money).kind, SQL_NUMBER);
}

// What is quoted is one token, and nothing of it is left over.
static void quoted_texts_are_one_token(void **state)
{
    (void)state;
    static const char *const texts[] = {"",   "a",    "it's", "a]b",    "]",
                                        "[a", "a\"b", "x`y",  "GO\n\\", "\\'"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (int dialect = SQL_POSTGRES; dialect <= SQL_SQLSERVER; dialect++) {
            AUTO_STRBUF name = STRBUF_INIT, literal = STRBUF_INIT;
            sql_quote_identifier((enum sql_dialect)dialect, texts[i], &name);
            sql_quote_literal((enum sql_dialect)dialect, texts[i], &literal);
            const struct sql_lexer lexer = {.dialect = (enum sql_dialect)dialect,
                                            .backslash_escapes = dialect == SQL_MYSQL};
            struct sql_lexer names = lexer, literals = lexer;
            names.text = name.data;
            names.length = name.len;
            literals.text = literal.data;
            literals.length = literal.len;
            const struct sql_token identifier = sql_lexer_next(&names);
            const struct sql_token string = sql_lexer_next(&literals);
            assert_int_equal(identifier.kind, SQL_IDENTIFIER);
            assert_true(identifier.end == name.len && !identifier.unterminated);
            assert_int_equal(string.kind, SQL_STRING);
            assert_true(string.end == literal.len && !string.unterminated);
        }
    }
    AUTO_STRBUF sql = STRBUF_INIT;
    sql_quote_identifier(SQL_SQLSERVER, "a]b[c", &sql);
    sql_quote_literal(SQL_SQLSERVER, "te'xt\\", &sql);
    assert_string_equal(sql.data, "[a]]b[c]N'te''xt\\'");
}

struct kind_case {
    const char *text;
    enum statement_kind kind;
};

static void assert_kinds(const struct kind_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct script script = parse(cases[i].text);
        assert_int_equal(script.statements.len, 1);
        const enum statement_kind kind = script.statements.items[0].kind;
        script_release(&script);
        if (kind != cases[i].kind)
            fail_msg("%s: kind %d", cases[i].text, (int)kind);
    }
}

static const char prisma_script[] =
    "BEGIN TRY\n\nBEGIN TRAN;\n\n-- CreateTable\nCREATE TABLE [dbo].[A] (\n    [id] INT NOT "
    "NULL\n);"
    "\nSET IDENTITY_INSERT [dbo].[A] ON;\n\nCOMMIT TRAN;\n\nEND TRY\nBEGIN CATCH\n\n"
    "IF @@TRANCOUNT > 0\nBEGIN\n    ROLLBACK TRAN;\nEND;\nTHROW\n\nEND CATCH\n";

static void kinds_of_transaction_control(void **state)
{
    (void)state;
    static const struct kind_case cases[] = {
        {prisma_script, STATEMENT_TRANSACTION},
        {"BEGIN TRAN", STATEMENT_BEGIN},
        {"begin transaction t with mark 'x'; INSERT INTO a VALUES (1)", STATEMENT_BEGIN},
        {"IF @@TRANCOUNT = 0 BEGIN TRAN", STATEMENT_BEGIN},
        {"BEGIN DISTRIBUTED TRAN", STATEMENT_TRANSACTION},
        {"BEGIN /* a */ TRAN", STATEMENT_BEGIN},
        {"INSERT INTO a VALUES (1) COMMIT", STATEMENT_COMMIT},
        {"COMMIT WORK", STATEMENT_COMMIT},
        {"commit tran t", STATEMENT_COMMIT},
        {"IF @@TRANCOUNT > 0 ROLLBACK", STATEMENT_ROLLBACK},
        {"ROLLBACK TRANSACTION", STATEMENT_ROLLBACK},
        {"SAVE TRAN s", STATEMENT_TRANSACTION},
        {"BEGIN TRAN; SAVE TRANSACTION s", STATEMENT_BEGIN},
        {"SAVE TRAN s; COMMIT", STATEMENT_COMMIT},
        {"SAVE TRAN s; ROLLBACK TRAN s", STATEMENT_TRANSACTION},
        {"BEGIN DISTRIBUTED TRAN; COMMIT", STATEMENT_TRANSACTION},
        {"COMMIT; BEGIN TRAN", STATEMENT_TRANSACTION},
        {"IF @@ERROR <> 0 ROLLBACK ELSE COMMIT", STATEMENT_TRANSACTION},
        {"BEGIN TRAN; ALTER DATABASE a SET RECOVERY SIMPLE; COMMIT", STATEMENT_TRANSACTION},
        {"GRANT SELECT ON a TO b WITH GRANT OPTION COMMIT", STATEMENT_COMMIT},
        {"BEGIN SELECT 1 END", STATEMENT_PLAIN},
        {"BEGIN TRY SELECT 1 END TRY BEGIN CATCH THROW END CATCH", STATEMENT_PLAIN},
        {"IF @@TRANCOUNT > 0 PRINT 'BEGIN TRAN'", STATEMENT_PLAIN},
        {"-- BEGIN TRAN\nSELECT 1 -- COMMIT\n/* ROLLBACK */ FROM [COMMIT]", STATEMENT_PLAIN},
        {"SELECT \"ROLLBACK\", N'COMMIT', @COMMIT, #COMMIT", STATEMENT_PLAIN},
    };
    assert_kinds(cases, sizeof cases / sizeof *cases);
}

static void kinds_that_run_alone(void **state)
{
    (void)state;
    static const struct kind_case cases[] = {
        {"ALTER DATABASE a SET SINGLE_USER WITH ROLLBACK IMMEDIATE", STATEMENT_ALONE},
        {"ALTER DATABASE CURRENT SET OFFLINE WITH ROLLBACK AFTER 5 SECONDS", STATEMENT_ALONE},
        {"CREATE DATABASE a", STATEMENT_ALONE},
        {"IF DB_ID('a') IS NOT NULL DROP DATABASE a", STATEMENT_ALONE},
        {"SELECT 1 BACKUP LOG a TO DISK = 'NUL'", STATEMENT_ALONE},
        {"RESTORE DATABASE a FROM DISK = 'x'", STATEMENT_ALONE},
        {"RECONFIGURE WITH OVERRIDE", STATEMENT_ALONE},
        {"EXEC sys.sp_configure 'max degree of parallelism', 4", STATEMENT_ALONE},
        {"KILL 53", STATEMENT_ALONE},
        {"CREATE FULLTEXT CATALOG c", STATEMENT_ALONE},
        {"ALTER FULLTEXT INDEX ON a ENABLE", STATEMENT_ALONE},
        {"DROP FULLTEXT INDEX ON a", STATEMENT_ALONE},
        {"EXEC SP_FULLTEXT_DATABASE 'enable'", STATEMENT_ALONE},
        {"EXEC master.dbo.sp_addlinkedserver @server = 's'", STATEMENT_ALONE},
        {"ALTER AVAILABILITY GROUP g FAILOVER", STATEMENT_ALONE},
        {"ALTER RESOURCE GOVERNOR DISABLE", STATEMENT_ALONE},
        {"DROP ENDPOINT e", STATEMENT_ALONE},
        {"DBCC SHRINKFILE (a, 1)", STATEMENT_ALONE},
        {"ALTER INDEX i ON a REBUILD WITH (ONLINE = ON, RESUMABLE = ON)", STATEMENT_ALONE},
        {"USE a; ALTER DATABASE a SET READ_ONLY", STATEMENT_ALONE},
        {"GRANT CREATE TABLE TO a; CREATE DATABASE b", STATEMENT_ALONE},
        {"REVOKE CREATE TABLE FROM a BACKUP DATABASE b TO DISK = 'NUL'", STATEMENT_ALONE},
        {"GRANT CREATE DATABASE, BACKUP DATABASE TO a", STATEMENT_PLAIN},
        {"DENY ALTER ON DATABASE::a TO b", STATEMENT_PLAIN},
        {"UPDATE STATISTICS a", STATEMENT_PLAIN},
        {"DBCC CHECKIDENT ('a', RESEED, 1)", STATEMENT_PLAIN},
        {"ALTER INDEX i ON a REBUILD WITH (RESUMABLE = OFF)", STATEMENT_PLAIN},
        {"CREATE TABLE a ([DATABASE] INT)", STATEMENT_PLAIN},
        {"TRUNCATE TABLE a DROP TABLE b", STATEMENT_PLAIN},
        {"EXEC dbo.p 'CREATE DATABASE a'", STATEMENT_PLAIN},
    };
    assert_kinds(cases, sizeof cases / sizeof *cases);
}

static void kinds_that_change_the_session(void **state)
{
    (void)state;
    static const struct kind_case cases[] = {
        {"USE a", STATEMENT_SESSION},
        {"SET XACT_ABORT ON", STATEMENT_SESSION},
        {"SELECT 1 set nocount on SELECT 2", STATEMENT_SESSION},
        {"SET ANSI_NULLS, QUOTED_IDENTIFIER ON", STATEMENT_SESSION},
        {"SET IDENTITY_INSERT [dbo].[a] ON; INSERT INTO a VALUES (1)", STATEMENT_SESSION},
        {"SET IDENTITY_INSERT #a ON", STATEMENT_SESSION},
        {"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", STATEMENT_SESSION},
        {"SET LOCK_TIMEOUT -1", STATEMENT_SESSION},
        {"SET ROWCOUNT 10", STATEMENT_SESSION},
        {"SET DATEFORMAT @f", STATEMENT_SESSION},
        {"SET CONTEXT_INFO 0xFF", STATEMENT_SESSION},
        {"SET LANGUAGE N'Deutsch'", STATEMENT_SESSION},
        {"SET STATISTICS IO ON", STATEMENT_SESSION},
        {"EXEC sp_set_session_context N'k', 1", STATEMENT_SESSION},
        {"UPDATE t SET x = 1", STATEMENT_PLAIN},
        {"UPDATE t SET language = N'de', x += 1", STATEMENT_PLAIN},
        {"UPDATE t SET x -= 1", STATEMENT_PLAIN},
        {"UPDATE t SET t.x = 1", STATEMENT_PLAIN},
        {"UPDATE t SET x.modify('y')", STATEMENT_PLAIN},
        {"UPDATE t SET [on] = 1", STATEMENT_PLAIN},
        {"DECLARE @x INT SET @x = 1", STATEMENT_PLAIN},
        {"ALTER TABLE a ADD b INT REFERENCES c ON DELETE SET NULL ON UPDATE SET DEFAULT",
         STATEMENT_PLAIN},
        {"ALTER TABLE a SET (LOCK_ESCALATION = AUTO)", STATEMENT_PLAIN},
        {"SELECT 1 OPTION (USE HINT ('DISABLE_OPTIMIZER_ROWGOAL'))", STATEMENT_PLAIN},
        {"EXECUTE AS USER = 'a'", STATEMENT_IDENTITY},
        {"exec as login = 'a'", STATEMENT_IDENTITY},
        {"SELECT 1 REVERT", STATEMENT_IDENTITY},
        {"EXEC sp_setapprole 'a', 'b'", STATEMENT_IDENTITY},
        {"EXEC ('SELECT 1') AS USER = 'a'", STATEMENT_PLAIN},
        {"SET NOCOUNT ON; REVERT", STATEMENT_IDENTITY},
    };
    assert_kinds(cases, sizeof cases / sizeof *cases);
}

static void what_a_module_does_is_done_later(void **state)
{
    (void)state;
    static const char *const heads[] = {"CREATE PROCEDURE p AS",
                                        "create proc p as",
                                        "CREATE OR ALTER FUNCTION f() RETURNS INT AS",
                                        "ALTER PROCEDURE p AS",
                                        "CREATE TRIGGER t ON a AFTER INSERT AS",
                                        "CREATE VIEW v AS"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        AUTOFREE char *module = mem_printf(
            "-- x\n%s BEGIN SET NOCOUNT ON; EXECUTE AS USER = 'u'; BEGIN TRAN; COMMIT; ROLLBACK; "
            "ALTER DATABASE d SET READ_ONLY END",
            heads[i]);
        AUTOFREE char *later = mem_printf("SELECT 1; %s COMMIT", heads[i]);
        const struct kind_case cases[] = {{module, STATEMENT_PLAIN}, {later, STATEMENT_COMMIT}};
        assert_kinds(cases, sizeof cases / sizeof *cases);
    }
    const struct kind_case table = {"CREATE TABLE procedures (a INT) COMMIT", STATEMENT_COMMIT};
    assert_kinds(&table, 1);
}

static void files_without_control_are_one_transaction(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_transactional;
    } cases[] = {
        {"CREATE TABLE a (b INT)\nGO\nCREATE VIEW c AS SELECT b FROM a\nGO\nSET NOCOUNT ON", true},
        {"CREATE PROC p AS BEGIN TRAN COMMIT\nGO\nEXEC p", true},
        {"SELECT 1\nGO\nBEGIN TRAN\nGO\nCOMMIT", false},
        {"SELECT 1\nGO\nALTER DATABASE a SET READ_ONLY", false},
        {"EXECUTE AS USER = 'a'\nGO\nSELECT 1\nGO\nREVERT", false},
        {"SELECT 'a", false},
        {prisma_script, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct script script = parse(cases[i].text);
        assert_int_equal(script_is_transactional(&script), cases[i].is_transactional);
        script_release(&script);
    }
}

static void each_batch_is_a_piece(void **state)
{
    (void)state;
    struct script script = parse("a\nGO\nBEGIN TRAN\nGO\nb\nGO\nCOMMIT\nGO\nALTER DATABASE c\nGO");
    for (int cut = SCRIPT_CUT_ALONE; cut <= SCRIPT_CUT_ALL; cut++) {
        script_groups groups = {0};
        script_cut(&script, (enum script_cut)cut, &groups);
        assert_int_equal(groups.len, 5);
        for (size_t i = 0; i < groups.len; i++)
            assert_true(groups.items[i].first == i && groups.items[i].end == i + 1);
        vec_release(&groups);
    }
    script_release(&script);
}

// Outside of a transaction of the file's own each batch is done for good.
static void committed_batches_are_counted(void **state)
{
    (void)state;
    static const char *const batches[] = {
        "a", "BEGIN TRAN", "b",           "COMMIT",   "BEGIN TRAN c COMMIT",
        "d", "BEGIN TRAN", "SAVE TRAN e", "ROLLBACK", "f"};
    static const size_t committed[] = {0, 1, 1, 1, 4, 5, 6, 6, 6, 9, 10};
    AUTO_STRBUF text = STRBUF_INIT;
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++)
        strbuf_addf(&text, "%s\nGO\n", batches[i]);
    struct script script = parse(text.data);
    for (size_t i = 0; i < sizeof committed / sizeof *committed; i++) {
        assert_int_equal(script_committed(&script, 0, i), committed[i]);
        assert_int_equal(script_committed(&script, i, 0), committed[i]);
    }
    assert_int_equal(script_committed(&script, 0, 99), 10);
    const struct script_statement *third = &script.statements.items[2];
    assert_int_equal(script_statement_at(&script, third->start), 2);
    assert_int_equal(script_statement_at(&script, third->end), 2);
    script_release(&script);
}

static void lines_of_a_batch_are_places_of_the_file(void **state)
{
    (void)state;
    const char *text =
        "\xEF\xBB\xBF-- a\nb\nGO\n\n  /* c */ SELECT\r\n\t  d,\n   \n'e\n  f'\nGO 2\ng";
    static const struct {
        size_t index, line, file_line, column;
    } cases[] = {
        {0, 1, 2, 1}, {0, 0, 2, 1}, {0, 9, 2, 1}, {1, 1, 5, 11},       {1, 2, 6, 4},  {1, 3, 7, 1},
        {1, 4, 8, 1}, {1, 5, 9, 3}, {1, 6, 9, 3}, {1, SIZE_MAX, 9, 3}, {2, 1, 11, 1}, {2, 2, 11, 1},
    };
    struct script script = parse(text);
    assert_int_equal(script.statements.len, 3);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t offset = script_line_offset(&script, cases[i].index, cases[i].line);
        const struct position position = source_position(&script.source, offset);
        if (position.line != cases[i].file_line || position.column != cases[i].column)
            fail_msg("batch %zu, line %zu: %zu:%zu", cases[i].index, cases[i].line, position.line,
                     position.column);
    }
    script_release(&script);
}

// Half a megabyte of each thing that could be scanned again and again.
static void reading_is_linear(void **state)
{
    (void)state;
    static const char *const units[] = {
        "GO ",     "GO\n",         "a\nGO\n", "a\nGO 5\n", "GO /* x */ ", "GO 1 GO\n",
        "\nGO /*", "GO 0\n",       "/* ",     "[",         "]]",          "'",
        "''",      "\"\" ",        "N'",      "a\n",       "SET a",       "GRANT ",
        "BEGIN ",  "COMMIT\nGO\n", "@",       "$",         "1",           ";\n"};
    const int64_t begun = clock_monotonic_ms();
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        AUTO_STRBUF text = STRBUF_INIT;
        script_groups groups = {0};
        while (text.len < 500 * 1000)
            strbuf_adds(&text, units[i]);
        struct script script = parse(text.data);
        script_cut(&script, SCRIPT_CUT_ALONE, &groups);
        (void)script_is_transactional(&script);
        (void)script_committed(&script, 0, script.statements.len);
        if (script.statements.len)
            (void)script_line_offset(&script, 0, SIZE_MAX);
        vec_release(&groups);
        script_release(&script);
    }
    assert_true(clock_monotonic_ms() - begun < 20 * 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(go_alone_on_its_line_separates),
        cmocka_unit_test(semicolons_end_no_batch),
        cmocka_unit_test(a_count_repeats_the_batch),
        cmocka_unit_test(strings_and_comments_hide_go),
        cmocka_unit_test(words_have_marks),
        cmocka_unit_test(quoted_texts_are_one_token),
        cmocka_unit_test(kinds_of_transaction_control),
        cmocka_unit_test(kinds_that_run_alone),
        cmocka_unit_test(kinds_that_change_the_session),
        cmocka_unit_test(what_a_module_does_is_done_later),
        cmocka_unit_test(files_without_control_are_one_transaction),
        cmocka_unit_test(each_batch_is_a_piece),
        cmocka_unit_test(committed_batches_are_counted),
        cmocka_unit_test(lines_of_a_batch_are_places_of_the_file),
        cmocka_unit_test(reading_is_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
