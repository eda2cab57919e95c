// What SQL Server's catalogue keeps as numbers and as text.
#include "tests/unit/test.h"

#include "migrator/diff/dialect_rules.h"
#include "migrator/introspect/sqlserver.h"
#include "migrator/model/types_sqlserver.h"

static void test_types(void **state)
{
    (void)state;
    static const struct {
        struct sqlserver_type declared;
        const char *name; // NULL: unsupported
        int arguments[2], count;
        bool are_usual;
    } cases[] = {
        {{"nvarchar", 2000, 0, 0}, "NVarChar", {1000}, 1, false},
        {{"nvarchar", -1, 0, 0}, "NVarChar", {TYPE_ARGUMENT_MAX}, 1, false},
        {{"nchar", 2, 0, 0}, "NChar", {1}, 1, true},
        {{"varchar", 255, 0, 0}, "VarChar", {255}, 1, false},
        {{"char", 1, 0, 0}, "Char", {1}, 1, true},
        {{"varbinary", -1, 0, 0}, "VarBinary", {TYPE_ARGUMENT_MAX}, 1, false},
        {{"binary", 16, 0, 0}, "Binary", {16}, 1, false},
        {{"decimal", 17, 32, 16}, "Decimal", {32, 16}, 2, false},
        {{"numeric", 9, 18, 0}, "Decimal", {18, 0}, 2, true},
        {{"float", 8, 53, 0}, "Float", {53}, 1, true},
        {{"float", 4, 24, 0}, "Float", {24}, 1, false},
        {{"real", 4, 24, 0}, "Real", {0}, 0, false},
        {{"datetime2", 8, 27, 7}, "DateTime2", {0}, 0, false},
        {{"datetimeoffset", 10, 34, 7}, "DateTimeOffset", {0}, 0, false},
        {{"bit", 1, 1, 0}, "Bit", {0}, 0, false},
        {{"uniqueidentifier", 16, 0, 0}, "UniqueIdentifier", {0}, 0, false},
        {{"hierarchyid", 892, 0, 0}, NULL, {0}, 0, false},
        {{"timestamp", 8, 0, 0}, NULL, {0}, 0, false},
    };
    struct draft draft = {.model = model_new(DM_SQLSERVER)};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct column_type type = sqlserver_read_type(&draft, &cases[i].declared);
        if (!cases[i].name) {
            assert_int_equal(type.family, COLUMN_UNSUPPORTED);
            assert_string_equal(type.unsupported, cases[i].declared.name);
            continue;
        }
        assert_int_equal(type.family, COLUMN_SCALAR);
        assert_string_equal(type.native->name, cases[i].name);
        assert_int_equal(type.argument_count, cases[i].count);
        assert_int_equal(type.arguments[0], cases[i].arguments[0]);
        assert_int_equal(type.arguments[1], cases[i].arguments[1]);
        assert_int_equal(type.arguments_are_usual, cases[i].are_usual);
    }
    model_free(draft.model);
}

static void test_defaults(void **state)
{
    (void)state;
    static const struct {
        enum dm_scalar scalar;
        const char *text;
        enum default_kind kind;
        const char *expected; // of DEFAULT_VALUE its text, of DEFAULT_EXPRESSION the SQL
    } cases[] = {
        {DM_INT, "((1))", DEFAULT_VALUE, "1"},
        {DM_INT, "((-1))", DEFAULT_VALUE, "-1"},
        {DM_INT, "(CONVERT([int],'1'))", DEFAULT_EXPRESSION, "CONVERT([int],'1')"},
        {DM_DECIMAL, "((1.50))", DEFAULT_VALUE, "1.50"},
        {DM_FLOAT, "((1.0e3))", DEFAULT_VALUE, "1.0e3"},
        {DM_BOOLEAN, "((1))", DEFAULT_VALUE, "true"},
        {DM_BOOLEAN, "((0))", DEFAULT_VALUE, "false"},
        {DM_BOOLEAN, "((2))", DEFAULT_EXPRESSION, "2"},
        {DM_STRING, "('it''s')", DEFAULT_VALUE, "it's"},
        {DM_STRING, "(N'ä')", DEFAULT_VALUE, "ä"},
        {DM_STRING, "(N')(')", DEFAULT_VALUE, ")("},
        {DM_STRING, "('')", DEFAULT_VALUE, ""},
        {DM_STRING, "('a'+'b')", DEFAULT_EXPRESSION, "'a'+'b'"},
        {DM_STRING, "(newid())", DEFAULT_EXPRESSION, "newid()"},
        {DM_STRING, "((1)+(2))", DEFAULT_EXPRESSION, "(1)+(2)"},
        {DM_STRING, "('", DEFAULT_EXPRESSION, "('"},
        {DM_DATETIME, "(getdate())", DEFAULT_NOW, NULL},
        {DM_DATETIME, "(GETDATE())", DEFAULT_NOW, NULL},
        {DM_DATETIME, "(sysdatetime())", DEFAULT_EXPRESSION, "sysdatetime()"},
        {DM_DATETIME, "('2020-01-02 03:04:05 +00:00')", DEFAULT_VALUE,
         "2020-01-02 03:04:05 +00:00"},
        {DM_BYTES, "(0x48656C6C6F)", DEFAULT_VALUE, "SGVsbG8="},
        {DM_INT, "(NULL)", DEFAULT_NONE, NULL},
        {DM_INT, "", DEFAULT_EXPRESSION, ""},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct column column = {.type = {.family = COLUMN_SCALAR, .scalar = cases[i].scalar}};
        sqlserver_read_default(arena, cases[i].text, &column);
        assert_int_equal(column.value.kind, cases[i].kind);
        if (cases[i].kind == DEFAULT_VALUE)
            assert_string_equal(column.value.values[0].text, cases[i].expected);
        if (cases[i].kind == DEFAULT_EXPRESSION)
            assert_string_equal(column.value.expression, cases[i].expected);
    }
    arena_free(arena);
}

static void test_expressions(void **state)
{
    (void)state;
    static const struct {
        const char *kept, *given;
        bool are_same;
    } cases[] = {
        {"space((1))", "space(1)", true},
        {"space((1))", "SPACE( 1 )", true},
        {"dateadd(day,(-1),getdate())", "DATEADD(day, -1, GETDATE())", true},
        {"[dbo].[next_number]()", "dbo.next_number()", true},
        {"(1)+(2)", "1 + 2", true},
        {"'a b'+'[x]'", "'a b' + '[x]'", true},
        {"'a b'", "'ab'", false},
        {"space((1))", "space(2)", false},
        {"newid()", "newsequentialid()", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(sqlserver_same_expression(cases[i].kept, cases[i].given),
                         cases[i].are_same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_expressions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
