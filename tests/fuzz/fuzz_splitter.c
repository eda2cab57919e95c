// The SQL splitter. The input's first byte chooses: 'p' Postgres, 'o' Postgres with backslashes in
// plain strings, anything else SQLite; the rest is the text.
#include <stdint.h>
#include <stdlib.h>

#include "migrator/script/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check(bool holds)
{
    if (!holds)
        abort();
}

// Between statements there are only blanks, comments and semicolons.
static void check_gap(const struct script *script, size_t from, size_t to)
{
    struct sql_lexer lexer = {.text = script->source.text,
                              .length = to,
                              .position = from,
                              .dialect = script->dialect,
                              .backslash_escapes = script->backslash_escapes};
    struct sql_token token;
    while ((token = sql_lexer_next(&lexer)).kind != SQL_END)
        check(token.kind == SQL_SEMICOLON);
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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length == 0)
        return 0;
    const struct source source = {"fuzz.sql", (const char *)bytes + 1, length - 1};
    const struct script_options options = {
        .dialect = bytes[0] == 'p' || bytes[0] == 'o' ? SQL_POSTGRES : SQL_SQLITE,
        .backslash_escapes = bytes[0] == 'o'};
    struct script script;
    script_parse(&source, &options, &script);
    check_statements(&script);
    check_cut(&script, SCRIPT_CUT_ALONE);
    check_cut(&script, SCRIPT_CUT_ENUM_VALUES);
    check_cut(&script, SCRIPT_CUT_ALL);
    (void)script_is_transactional(&script);
    script_release(&script);
    return 0;
}
