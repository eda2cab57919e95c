#pragma once
// What kind a statement is, by its words.

#include "migrator/script/script.h"

// The kind of the statement that is the bytes [start, end) of the lexer's text.
enum statement_kind postgres_statement_kind(const struct sql_lexer *lexer, size_t start,
                                            size_t end);
enum statement_kind sqlite_statement_kind(const struct sql_lexer *lexer, size_t start, size_t end);
enum statement_kind mysql_statement_kind(const struct sql_lexer *lexer, size_t start, size_t end);
