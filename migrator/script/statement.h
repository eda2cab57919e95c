#pragma once
// What kind a statement is, by its words.

#include "migrator/script/script.h"

// The kind of the statement that is the bytes [start, end) of the lexer's text.
enum statement_kind postgres_statement_kind(const struct sql_lexer *lexer, size_t start,
                                            size_t end);
enum statement_kind sqlite_statement_kind(const struct sql_lexer *lexer, size_t start, size_t end);
enum statement_kind mysql_statement_kind(const struct sql_lexer *lexer, size_t start, size_t end);
// Of a batch as a whole, by its words wherever they are but in CREATE PROCEDURE, FUNCTION, TRIGGER
// or VIEW, whose text runs later: STATEMENT_PLAIN. Transaction control goes before all else. BEGIN,
// COMMIT and ROLLBACK are for a batch with nothing of it but that, savepoints aside; one that
// begins and ends its transactions itself, as those of Prisma do, is STATEMENT_TRANSACTION. What
// EXEC ('…') runs, and procedures that are not the server's own, nobody knows.
enum statement_kind sqlserver_statement_kind(const struct sql_lexer *lexer, size_t start,
                                             size_t end);
