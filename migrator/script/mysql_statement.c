#include "migrator/script/statement.h"
#include "migrator/script/words.h"

// Whatever is not known to leave a transaction alone ends it: MySQL manual 15.3.3 "Statements That
// Cause an Implicit Commit". That is all of the data definition, a procedure that is called, and
// what a comment hides that is executed.
enum statement_kind mysql_statement_kind(const struct sql_lexer *lexer, size_t start, size_t end)
{
    static const char *const plain[] = {"INSERT", "UPDATE",  "DELETE",   "REPLACE", "SELECT",
                                        "WITH",   "VALUES",  "DO",       "SHOW",    "DESC",
                                        "TABLE",  "EXPLAIN", "DESCRIBE", NULL};
    const struct words words = words_read(lexer, start, end);
    if (words_is(&words, 0, "BEGIN") && !words_is(&words, 1, "NOT"))
        return STATEMENT_BEGIN;
    if (words_is(&words, 0, "START") && words_is(&words, 1, "TRANSACTION"))
        return STATEMENT_BEGIN;
    if (words_is(&words, 0, "COMMIT"))
        return STATEMENT_COMMIT;
    if (words_is(&words, 0, "ROLLBACK"))
        return words_is(&words, 1, "TO") || words_is(&words, 2, "TO") ? STATEMENT_TRANSACTION
                                                                      : STATEMENT_ROLLBACK;
    if (words_is(&words, 0, "SAVEPOINT") || words_is(&words, 0, "RELEASE"))
        return STATEMENT_TRANSACTION;
    if (words_is(&words, 0, "SET"))
        return words_have(&words, "TRANSACTION", NULL)  ? STATEMENT_TRANSACTION
               : words_have(&words, "autocommit", NULL) ? STATEMENT_ALONE
                                                        : STATEMENT_SESSION;
    if (words_is(&words, 0, "USE"))
        return STATEMENT_SESSION;
    return sql_token_is_any(lexer->text, words.tokens[0], plain) ? STATEMENT_PLAIN
                                                                 : STATEMENT_ALONE;
}
