#pragma once
// SQL as tokens, exactly far enough to know where strings, comments and statements end, and which
// words a statement is made of. It never fails: what is not SQL comes out as symbols.
//
// Rules: PostgreSQL manual 4.1 "Lexical Structure"; SQLite's "SQL As Understood By SQLite"; MySQL
// manual 11 "Language Structure"; Transact-SQL reference "Constants", "Database identifiers",
// "Slash star (block comment)", with QUOTED_IDENTIFIER on. Linear in the text's length; no memory
// of its own.

#include <stdbool.h>
#include <stddef.h>

enum sql_dialect { SQL_POSTGRES, SQL_SQLITE, SQL_MYSQL, SQL_SQLSERVER };

enum sql_token_kind {
    SQL_END,        // of the text
    SQL_WORD,       // a keyword or a plain identifier; SQL Server: @variables, #tables, $action too
    SQL_IDENTIFIER, // a quoted one
    SQL_STRING,     // every kind of literal in quotes, dollar quotes too
    SQL_NUMBER,
    SQL_SEMICOLON,
    SQL_SYMBOL // one byte of anything else; MySQL: a comment that is executed, /*!80000 … */
};

// Bytes [start, end) of the text.
struct sql_token {
    enum sql_token_kind kind;
    size_t start, end;
    bool unterminated; // the text ends within the token; SQL_END: within a comment
};

struct sql_lexer {
    const char *text; // borrowed
    size_t length, position;
    enum sql_dialect dialect;
    // A backslash escapes in plain strings too: MySQL, unless its sql_mode has
    // NO_BACKSLASH_ESCAPES, and Postgres with standard_conforming_strings off.
    bool backslash_escapes;
};

// The next token after white space and comments.
struct sql_token sql_lexer_next(struct sql_lexer *lexer);

// Is the token this keyword? Letter case is ignored; a quoted identifier is none.
bool sql_token_is(const char *text, struct sql_token token, const char *keyword);
// The same for a list that ends with NULL.
bool sql_token_is_any(const char *text, struct sql_token token, const char *const *keywords);
