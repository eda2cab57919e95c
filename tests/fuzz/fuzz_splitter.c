// The SQL splitter. The input's first byte chooses: 'p' Postgres, 'o' Postgres with backslashes in
// plain strings, 'm' MySQL, 't' SQL Server, anything else SQLite; the rest is the text.
#include <stdint.h>
#include <stdlib.h>

#include "migrator/script/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check(bool holds)
{
    if (!holds)
        abort();
}

// Between statements there are only blanks, comments and semicolons; between batches lines with GO
// as well.
static bool may_be_between(const struct script *script, struct sql_token token)
{
    return token.kind == SQL_SEMICOLON ||
           (script->dialect == SQL_SQLSERVER &&
            (token.kind == SQL_NUMBER || sql_token_is(script->source.text, token, "GO")));
}

static void check_gap(const struct script *script, size_t from, size_t to)
{
    struct sql_lexer lexer = {.text = script->source.text,
                              .length = to,
                              .position = from,
                              .dialect = script->dialect,
                              .backslash_escapes = script->backslash_escapes};
    struct sql_token token;
    while ((token = sql_lexer_next(&lexer)).kind != SQL_END)
        check(may_be_between(script, token));
}

static void check_statements(const struct script *script)
{
    size_t end = 0;
    vec_each (statement, &script->statements) {
        check(statement->start >= end && statement->end > statement->start);
        check(statement->end <= script->source.length);
        check_gap(script, end, statement->start);
        check(script_statement_at(script, statement->start) ==
              (size_t)(statement - script->statements.items));
        end = statement->end;
    }
    check_gap(script, end, script->source.length);
}

// A batch by itself is that one batch.
static void check_batch(const struct script *script, const struct script_statement *batch)
{
    const size_t length = batch->end - batch->start;
    struct sql_splitter splitter = {.lexer = {.text = script->source.text + batch->start,
                                              .length = length,
                                              .dialect = SQL_SQLSERVER}};
    struct sql_statement alone;
    check(sql_splitter_next(&splitter, &alone));
    check(alone.start == 0 && alone.end == length && alone.repeat == 1);
    check(!sql_splitter_next(&splitter, &alone));
    check(!splitter.unterminated || script->unterminated);
}

// The places of a batch's lines lie within it, in their order.
static void check_lines(const struct script *script, size_t index)
{
    const struct script_statement *batch = &script->statements.items[index];
    size_t before = batch->start;
    for (size_t line = 0; line < 9; line++) {
        const size_t offset = script_line_offset(script, index, line);
        check(offset >= before && offset <= batch->end);
        before = offset;
    }
}

static void check_batches(const struct script *script)
{
    vec_each (statement, &script->statements) {
        const size_t index = (size_t)(statement - script->statements.items);
        check(statement->repeat == 1 ||
              (statement->repeat > 1 && script->dialect == SQL_SQLSERVER));
        check_lines(script, index);
        if (script->dialect == SQL_SQLSERVER)
            check_batch(script, statement);
    }
}

static void check_cut(const struct script *script, enum script_cut cut)
{
    script_groups groups = {0};
    size_t next = 0;
    script_cut(script, cut, &groups);
    vec_each (group, &groups) {
        check(group->first == next && group->end > group->first);
        next = group->end;
    }
    check(next == script->statements.len);
    check(script_committed(script, 0, next) <= next);
    vec_release(&groups);
}

static enum sql_dialect choose_dialect(char choice)
{
    switch (choice) {
    case 'p':
    case 'o': return SQL_POSTGRES;
    case 'm': return SQL_MYSQL;
    case 't': return SQL_SQLSERVER;
    default: return SQL_SQLITE;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length == 0)
        return 0;
    const struct source source = {"fuzz.sql", (const char *)bytes + 1, length - 1};
    const char choice = (char)bytes[0];
    const struct script_options options = {.dialect = choose_dialect(choice),
                                           .backslash_escapes = choice == 'o' || choice == 'm'};
    struct script script;
    script_parse(&source, &options, &script);
    check_statements(&script);
    check_batches(&script);
    check_cut(&script, SCRIPT_CUT_ALONE);
    check_cut(&script, SCRIPT_CUT_ENUM_VALUES);
    check_cut(&script, SCRIPT_CUT_ALL);
    (void)script_is_transactional(&script);
    script_release(&script);
    return 0;
}
