#include "migrator/script/splitter.h"

#include "migrator/script/mysql_blocks.h"
#include "migrator/script/sqlserver_batch.h"

// What the words read so far say about a body whose semicolons end nothing.
enum body {
    BODY_UNDECIDED, // the first words are still to come
    BODY_NONE,
    BODY_ROUTINE, // CREATE FUNCTION or PROCEDURE: a BEGIN ATOMIC may follow
    BODY_TRIGGER, // CREATE TRIGGER of SQLite
    BODY_PROGRAM  // a stored program of MySQL
};

struct scan {
    const char *text;
    enum sql_dialect dialect;
    enum body body;
    size_t words;       // read, up to the decision
    size_t parentheses; // open
    size_t blocks;      // open BEGIN ATOMIC and, within one, CASE
    struct mysql_blocks program;
    struct sql_token previous, before_previous;
};

// program = ( CREATE | ALTER ) [ OR REPLACE ] [ DEFINER "=" user ] ( PROCEDURE | FUNCTION | … ) …
// block = BEGIN NOT ATOMIC …, MariaDB's
static enum body decide_mysql_body(struct scan *scan, struct sql_token token)
{
    static const char *const prefix[] = {"CREATE",    "ALTER",        "OR",  "REPLACE",
                                         "DEFINER",   "CURRENT_USER", "SQL", "SECURITY",
                                         "AGGREGATE", "BEGIN",        NULL};
    static const char *const programs[] = {"PROCEDURE", "FUNCTION", "TRIGGER",
                                           "EVENT",     "PACKAGE",  NULL};
    const char before = scan->words > 0 && scan->previous.kind == SQL_SYMBOL
                            ? scan->text[scan->previous.start]
                            : ' ';
    if (scan->words > 0 && sql_token_is_any(scan->text, token, programs))
        return BODY_PROGRAM;
    if (sql_token_is(scan->text, scan->previous, "BEGIN")) {
        scan->program.open = sql_token_is(scan->text, token, "NOT");
        return scan->program.open ? BODY_PROGRAM : BODY_NONE;
    }
    const bool is_user =
        scan->words > 0 && (token.kind != SQL_WORD || before == '=' || before == '@');
    return is_user || sql_token_is_any(scan->text, token, prefix) ? BODY_UNDECIDED : BODY_NONE;
}

// routine = CREATE [ OR REPLACE ] ( FUNCTION | PROCEDURE ) …
// trigger = [ EXPLAIN [ QUERY PLAN ] ] CREATE [ TEMP | TEMPORARY ] TRIGGER …
static enum body decide_body(const struct scan *scan, struct sql_token token)
{
    static const char *const postgres_prefix[] = {"CREATE", "OR", "REPLACE", NULL};
    static const char *const postgres_routine[] = {"FUNCTION", "PROCEDURE", NULL};
    static const char *const sqlite_prefix[] = {"EXPLAIN", "QUERY",     "PLAN", "CREATE",
                                                "TEMP",    "TEMPORARY", NULL};
    const bool is_postgres = scan->dialect == SQL_POSTGRES;
    if (scan->words > 0 && is_postgres && sql_token_is_any(scan->text, token, postgres_routine))
        return BODY_ROUTINE;
    if (scan->words > 0 && !is_postgres && sql_token_is(scan->text, token, "TRIGGER"))
        return BODY_TRIGGER;
    return sql_token_is_any(scan->text, token, is_postgres ? postgres_prefix : sqlite_prefix)
               ? BODY_UNDECIDED
               : BODY_NONE;
}

static void scan_routine_word(struct scan *scan, struct sql_token token)
{
    if (sql_token_is(scan->text, token, "ATOMIC") &&
        sql_token_is(scan->text, scan->previous, "BEGIN"))
        scan->blocks++;
    else if (scan->blocks > 0 && sql_token_is(scan->text, token, "CASE"))
        scan->blocks++;
    else if (scan->blocks > 0 && sql_token_is(scan->text, token, "END"))
        scan->blocks--;
}

static void scan_token(struct scan *scan, struct sql_token token)
{
    if (scan->body == BODY_UNDECIDED) {
        scan->body =
            scan->dialect == SQL_MYSQL ? decide_mysql_body(scan, token) : decide_body(scan, token);
        scan->words++;
    } else if (scan->body == BODY_ROUTINE) {
        scan_routine_word(scan, token);
    } else if (scan->body == BODY_PROGRAM) {
        mysql_blocks_take(&scan->program, scan->text, scan->previous, token);
    }
    if (scan->dialect == SQL_POSTGRES && token.kind == SQL_SYMBOL) {
        const char c = scan->text[token.start];
        if (c == '(')
            scan->parentheses++;
        else if (c == ')' && scan->parentheses > 0)
            scan->parentheses--;
    }
    scan->before_previous = scan->previous;
    scan->previous = token;
}

// Does a semicolon at this place end the statement?
static bool is_complete(const struct scan *scan)
{
    // The grammar of a trigger's body lets END follow only a semicolon.
    if (scan->body == BODY_TRIGGER)
        return sql_token_is(scan->text, scan->previous, "END") &&
               scan->before_previous.kind == SQL_SEMICOLON;
    return scan->parentheses == 0 && scan->blocks == 0 && scan->program.open == 0;
}

bool sql_splitter_next(struct sql_splitter *splitter, struct sql_statement *out)
{
    struct sql_lexer *lexer = &splitter->lexer;
    struct scan scan = {.text = lexer->text, .dialect = lexer->dialect};
    struct sql_statement statement = {.repeat = 1};
    if (lexer->dialect == SQL_SQLSERVER)
        return sqlserver_batch_next(splitter, out);
    for (;;) {
        const struct sql_token token = sql_lexer_next(lexer);
        if (token.unterminated)
            splitter->unterminated = true;
        if (token.kind == SQL_END)
            break;
        const bool is_first = statement.end == 0;
        if (token.kind == SQL_SEMICOLON && (is_first || is_complete(&scan))) {
            if (is_first)
                continue;
            break;
        }
        if (is_first)
            statement.start = token.start;
        statement.end = token.end;
        scan_token(&scan, token);
    }
    if (statement.end == 0)
        return false;
    *out = statement;
    return true;
}
