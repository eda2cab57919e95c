#include "migrator/script/mysql_blocks.h"

enum { EXPRESSIONS_MAX = 64 };

static bool in_expression(const struct mysql_blocks *blocks)
{
    return blocks->open > 0 && blocks->open <= EXPRESSIONS_MAX &&
           (blocks->expressions >> (blocks->open - 1) & 1);
}

static void push(struct mysql_blocks *blocks, bool is_expression)
{
    if (blocks->open < EXPRESSIONS_MAX) {
        const uint64_t bit = UINT64_C(1) << blocks->open;
        blocks->expressions =
            is_expression ? blocks->expressions | bit : blocks->expressions & ~bit;
    }
    blocks->open++;
}

// May a statement begin behind this token? IF and REPEAT are functions elsewhere, CASE is an
// expression. The first statement of a program follows what is declared of it: FOR EACH ROW, a list
// of parameters, COMMENT 'text', DETERMINISTIC.
static bool precedes_statement(const struct mysql_blocks *blocks, const char *text,
                               struct sql_token previous)
{
    static const char *const within[] = {"THEN", "ELSE", "BEGIN", "DO", "LOOP", "REPEAT", NULL};
    static const char *const before[] = {"ROW",     "DETERMINISTIC", "SQL", "DATA",
                                         "INVOKER", "DEFINER",       "DO",  NULL};
    if (in_expression(blocks))
        return false;
    if (previous.kind == SQL_SEMICOLON ||
        (previous.kind == SQL_SYMBOL && text[previous.start] == ':'))
        return true;
    if (blocks->open > 0)
        return sql_token_is_any(text, previous, within);
    return previous.kind == SQL_STRING || sql_token_is_any(text, previous, before) ||
           (previous.kind == SQL_SYMBOL && text[previous.start] == ')');
}

void mysql_blocks_take(struct mysql_blocks *blocks, const char *text, struct sql_token previous,
                       struct sql_token token)
{
    static const char *const compound[] = {"IF", "LOOP", "REPEAT", "WHILE", NULL};
    if (token.kind != SQL_WORD || sql_token_is(text, previous, "END"))
        return; // END IF, END CASE
    if (sql_token_is(text, token, "END")) {
        blocks->open -= blocks->open > 0;
    } else if (sql_token_is(text, token, "BEGIN")) {
        push(blocks, false);
    } else if (sql_token_is(text, token, "CASE")) {
        push(blocks, !precedes_statement(blocks, text, previous));
    } else if (sql_token_is_any(text, token, compound) &&
               precedes_statement(blocks, text, previous)) {
        push(blocks, false);
    }
}
