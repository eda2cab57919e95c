#include <string.h>
#include <strings.h>

#include "migrator/script/statement.h"
#include "migrator/script/words.h"

// Letter case ignored, strings and comments included: what is found need not be meant.
static bool mentions(const struct words *words, const char *text)
{
    const size_t length = strlen(text);
    const char *from = words->lexer.text + words->lexer.position;
    const char *end = words->lexer.text + words->lexer.length;
    for (; (size_t)(end - from) >= length; from++)
        if (strncasecmp(from, text, length) == 0)
            return true;
    return false;
}

// SET [ SESSION | LOCAL ] name …, SET TRANSACTION, SET CONSTRAINTS, RESET name
static enum statement_kind set_kind(const struct words *words)
{
    const bool is_local = words_is(words, 1, "LOCAL");
    const size_t name = is_local || words_is(words, 1, "SESSION") ? 2 : 1;
    if (words_is(words, 1, "TRANSACTION"))
        return STATEMENT_TRANSACTION;
    if (words_is(words, 1, "CONSTRAINTS"))
        return STATEMENT_PLAIN;
    if (words_is(words, name, "ROLE") || words_is(words, name, "AUTHORIZATION") ||
        words_is(words, name, "SESSION_AUTHORIZATION"))
        return STATEMENT_IDENTITY;
    return is_local ? STATEMENT_PLAIN : STATEMENT_SESSION;
}

// PreventInTransactionBlock() in the server's sources guards these. CLUSTER and REINDEX refuse only
// some of their targets; which ones needs the catalogue, so every REINDEX runs alone.
static bool refuses_transaction(const struct words *words)
{
    const bool is_alter = words_is(words, 0, "ALTER");
    if (words_is(words, 0, "VACUUM") || words_is(words, 0, "REINDEX"))
        return true;
    if (words_is(words, 0, "CLUSTER"))
        return words->count == 1;
    if (words_is(words, 0, "DISCARD"))
        return words_is(words, 1, "ALL");
    if (is_alter && words_is(words, 1, "DATABASE"))
        return words_have(words, "SET", "TABLESPACE");
    if (is_alter && words_is(words, 1, "TABLE"))
        return words_have(words, "DETACH", "PARTITION") && words_have(words, "CONCURRENTLY", NULL);
    if (is_alter)
        return words_is(words, 1, "SYSTEM") || words_is(words, 1, "SUBSCRIPTION");
    if (!words_is(words, 0, "CREATE") && !words_is(words, 0, "DROP"))
        return false;
    const size_t noun = words_is(words, 1, "UNIQUE") ? 2 : 1;
    if (words_is(words, noun, "INDEX"))
        return words_is(words, noun + 1, "CONCURRENTLY");
    return words_is(words, 1, "DATABASE") || words_is(words, 1, "TABLESPACE") ||
           words_is(words, 1, "SUBSCRIPTION");
}

// A procedure may commit; so may a DO block, or what it calls.
static bool may_end_transaction(const struct words *words)
{
    return words_is(words, 0, "CALL") ||
           (words_is(words, 0, "DO") &&
            (mentions(words, "commit") || mentions(words, "rollback") || mentions(words, "call ")));
}

static enum statement_kind end_kind(const struct words *words, enum statement_kind kind)
{
    if (words_is(words, 1, "PREPARED"))
        return STATEMENT_ALONE;
    const bool to_savepoint = words_is(words, 1, "TO") || words_is(words, 2, "TO");
    return to_savepoint ? STATEMENT_TRANSACTION : kind;
}

enum statement_kind postgres_statement_kind(const struct sql_lexer *lexer, size_t start, size_t end)
{
    const struct words words = words_read(lexer, start, end);
    if (words_is(&words, 0, "BEGIN") ||
        (words_is(&words, 0, "START") && words_is(&words, 1, "TRANSACTION")))
        return STATEMENT_BEGIN;
    if (words_is(&words, 0, "COMMIT") || words_is(&words, 0, "END"))
        return end_kind(&words, STATEMENT_COMMIT);
    if (words_is(&words, 0, "ROLLBACK") || words_is(&words, 0, "ABORT"))
        return end_kind(&words, STATEMENT_ROLLBACK);
    if (words_is(&words, 0, "SAVEPOINT") || words_is(&words, 0, "RELEASE") ||
        (words_is(&words, 0, "PREPARE") && words_is(&words, 1, "TRANSACTION")))
        return STATEMENT_TRANSACTION;
    if (words_is(&words, 0, "SET") || words_is(&words, 0, "RESET"))
        return set_kind(&words);
    if (refuses_transaction(&words) || may_end_transaction(&words))
        return STATEMENT_ALONE;
    if (words_is(&words, 0, "ALTER") && words_is(&words, 1, "TYPE") &&
        words_have(&words, "ADD", "VALUE"))
        return STATEMENT_ENUM_VALUE;
    if (words_is(&words, 0, "SELECT") && mentions(&words, "set_config"))
        return mentions(&words, "'role'") ? STATEMENT_IDENTITY : STATEMENT_SESSION;
    return STATEMENT_PLAIN;
}
