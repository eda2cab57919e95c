#pragma once
// SQL text as statements with their places. Knows what makes a semicolon no end: strings, comments,
// dollar quotes, parentheses and SQL-standard function bodies of Postgres (CREATE RULE … DO (a; b),
// BEGIN ATOMIC … END), trigger bodies of SQLite (BEGIN a; b; END), stored programs of MySQL.
//
// SQL Server's unit is the batch, which semicolons do not end: see sqlserver_batch.h.

#include <stdbool.h>
#include <stddef.h>

#include "migrator/script/lexer.h"

// Bytes [start, end): from the first token to behind the last, without comments around it and
// without its semicolon, which a batch of SQL Server keeps. Never empty.
struct sql_statement {
    size_t start, end;
    size_t repeat; // how often it runs: 1, or the count behind a batch's GO
};

struct sql_splitter {
    struct sql_lexer lexer;
    bool unterminated; // set once the text is found to end within a string or a comment
};

// Fills *out with the next statement; false at the end of the text.
bool sql_splitter_next(struct sql_splitter *splitter, struct sql_statement *out);
