#pragma once
// The blocks of a stored program of MySQL or MariaDB, whose semicolons end no statement.
// Rules: MySQL manual 15.6 "Compound Statement Syntax".

#include <stdint.h>

#include "migrator/script/lexer.h"

struct mysql_blocks {
    size_t open;          // BEGIN, CASE, IF, LOOP, REPEAT and WHILE without their END
    uint64_t expressions; // a bit for each open one: CASE within an expression
};

// The next token of the program, and the one before it.
void mysql_blocks_take(struct mysql_blocks *blocks, const char *text, struct sql_token previous,
                       struct sql_token token);
