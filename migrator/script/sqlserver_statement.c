#include "migrator/script/statement.h"
#include "migrator/script/words.h"

enum { AHEAD = 4 }; // tokens that a question looks at

// What is in a batch.
enum {
    HAS_BEGIN = 1,
    HAS_COMMIT = 2,
    HAS_ROLLBACK = 4,
    HAS_DISTRIBUTED = 8,
    HAS_SAVEPOINT = 16,
    HAS_REFUSAL = 32,
    HAS_IDENTITY = 64,
    HAS_SESSION = 128
};

// BEGIN alone, BEGIN TRY, BEGIN CATCH, BEGIN ATOMIC, BEGIN DIALOG begin no transaction.
static unsigned transaction_control(const char *text, const struct sql_token *tokens)
{
    static const char *const transaction[] = {"TRAN", "TRANSACTION", NULL};
    // ALTER DATABASE … WITH ROLLBACK IMMEDIATE
    static const char *const termination[] = {"IMMEDIATE", "AFTER", NULL};
    const bool is_transaction = sql_token_is_any(text, tokens[1], transaction);
    if (sql_token_is(text, tokens[0], "BEGIN"))
        return is_transaction                                 ? HAS_BEGIN
               : sql_token_is(text, tokens[1], "DISTRIBUTED") ? HAS_DISTRIBUTED
                                                              : 0;
    if (sql_token_is(text, tokens[0], "COMMIT"))
        return HAS_COMMIT;
    if (sql_token_is(text, tokens[0], "ROLLBACK"))
        return sql_token_is_any(text, tokens[1], termination) ? 0 : HAS_ROLLBACK;
    return is_transaction && sql_token_is(text, tokens[0], "SAVE") ? HAS_SAVEPOINT : 0;
}

// System procedures that refuse one. Of those that are not here the server says so itself (15002).
static bool is_procedure_against_transactions(const char *text, struct sql_token token)
{
    static const char *const procedures[] = {
        "sp_addlinkedserver",  "sp_addlinkedsrvlogin", "sp_addsrvrolemember",
        "sp_configure",        "sp_dboption",          "sp_droplinkedsrvlogin",
        "sp_dropserver",       "sp_renamedb",          "sp_serveroption",
        "sp_fulltext_catalog", "sp_fulltext_column",   "sp_fulltext_database",
        "sp_fulltext_service", "sp_fulltext_table",    NULL};
    return sql_token_is_any(text, token, procedures);
}

// What the server refuses within a transaction (errors 226, 574, 3021, 6115, 8920), by the
// Transact-SQL reference. UPDATE STATISTICS is none of it any more.
static bool refuses_transaction(const char *text, const struct sql_token *tokens)
{
    static const char *const statements[] = {"BACKUP", "RESTORE", "RECONFIGURE", "KILL", NULL};
    static const char *const definitions[] = {"CREATE", "ALTER", "DROP", NULL};
    static const char *const nouns[] = {"DATABASE", "FULLTEXT", "ENDPOINT", NULL};
    static const char *const shrinks[] = {"SHRINKDATABASE", "SHRINKFILE", NULL};
    if (sql_token_is_any(text, tokens[0], statements))
        return true;
    if (sql_token_is_any(text, tokens[0], definitions))
        return sql_token_is_any(text, tokens[1], nouns) ||
               (sql_token_is(text, tokens[1], "AVAILABILITY") &&
                sql_token_is(text, tokens[2], "GROUP")) ||
               (sql_token_is(text, tokens[1], "RESOURCE") &&
                sql_token_is(text, tokens[2], "GOVERNOR"));
    if (sql_token_is(text, tokens[0], "DBCC"))
        return sql_token_is_any(text, tokens[1], shrinks);
    if (sql_token_is(text, tokens[0], "RESUMABLE")) // of an index that is built
        return sql_token_is(text, tokens[2], "ON");
    return is_procedure_against_transactions(text, tokens[0]);
}

// EXECUTE AS of the session. That of a module has OWNER, SELF or a name in quotes, and that of a
// text comes behind it: EXECUTE ('…') AS USER = '…'.
static bool changes_identity(const char *text, const struct sql_token *tokens)
{
    static const char *const alone[] = {"REVERT", "SETUSER", "sp_setapprole", "sp_unsetapprole",
                                        NULL};
    static const char *const execute[] = {"EXECUTE", "EXEC", NULL};
    static const char *const whom[] = {"LOGIN", "USER", "CALLER", NULL};
    return sql_token_is_any(text, tokens[0], alone) ||
           (sql_token_is_any(text, tokens[0], execute) && sql_token_is(text, tokens[1], "AS") &&
            sql_token_is_any(text, tokens[2], whom));
}

// SET option [, option …] value. Behind the word in UPDATE … SET column = value, SET @variable =
// value and ON DELETE SET NULL stands something else, an operator mostly.
static bool sets_option(const char *text, const struct sql_token *tokens)
{
    static const char *const actions[] = {"NULL", "DEFAULT", NULL};
    const struct sql_token option = tokens[1], value = tokens[2];
    if (!sql_token_is(text, tokens[0], "SET") || option.kind != SQL_WORD ||
        sql_token_is_any(text, option, actions))
        return false;
    if (value.kind == SQL_SYMBOL) // SET LOCK_TIMEOUT -1
        return text[value.start] == ',' ||
               (text[value.start] == '-' && tokens[3].kind == SQL_NUMBER);
    return value.kind == SQL_WORD || value.kind == SQL_NUMBER || value.kind == SQL_STRING ||
           value.kind == SQL_IDENTIFIER;
}

static bool changes_session(const char *text, const struct sql_token *tokens)
{
    static const char *const hints[] = {"HINT", "PLAN", NULL}; // OPTION (USE HINT (…))
    if (sql_token_is(text, tokens[0], "USE"))
        return !sql_token_is_any(text, tokens[1], hints);
    return sql_token_is(text, tokens[0], "sp_set_session_context") || sets_option(text, tokens);
}

static unsigned ask(const char *text, const struct sql_token *tokens)
{
    return transaction_control(text, tokens) |
           (refuses_transaction(text, tokens) ? HAS_REFUSAL : 0u) |
           (changes_identity(text, tokens) ? HAS_IDENTITY : 0u) |
           (changes_session(text, tokens) ? HAS_SESSION : 0u);
}

// GRANT CREATE DATABASE TO …: a permission is named as what it permits. Between these words.
static bool names_permissions(const char *text, const struct sql_token *tokens, bool does_so)
{
    static const char *const first[] = {"GRANT", "DENY", "REVOKE", NULL};
    static const char *const behind[] = {"TO", "FROM", "ON", NULL};
    if (sql_token_is_any(text, tokens[0], first)) // but WITH GRANT OPTION, at the end
        return does_so || !sql_token_is(text, tokens[1], "OPTION");
    return does_so && tokens[0].kind != SQL_SEMICOLON && !sql_token_is_any(text, tokens[0], behind);
}

static unsigned scan(const struct words *words)
{
    const char *text = words->lexer.text;
    struct sql_lexer reader = words->lexer;
    struct sql_token tokens[AHEAD];
    unsigned found = 0;
    bool in_permissions = false;
    for (size_t i = 0; i < AHEAD; i++)
        tokens[i] = sql_lexer_next(&reader);
    while (tokens[0].kind != SQL_END) {
        in_permissions = names_permissions(text, tokens, in_permissions);
        if (tokens[0].kind == SQL_WORD && !in_permissions)
            found |= ask(text, tokens);
        for (size_t i = 1; i < AHEAD; i++)
            tokens[i - 1] = tokens[i];
        tokens[AHEAD - 1] = sql_lexer_next(&reader);
    }
    return found;
}

// module = ( CREATE [ OR ALTER ] | ALTER ) ( PROCEDURE | FUNCTION | TRIGGER | VIEW ) …
// It begins its batch, takes all the rest of it for its body, and runs later.
static bool is_module(const struct words *words)
{
    static const char *const modules[] = {"PROC", "PROCEDURE", "FUNCTION", "TRIGGER", "VIEW", NULL};
    const bool has_or = words_is(words, 1, "OR") && words_is(words, 2, "ALTER");
    return (words_is(words, 0, "CREATE") || words_is(words, 0, "ALTER")) &&
           sql_token_is_any(words->lexer.text, words->tokens[has_or ? 3 : 1], modules);
}

// STATEMENT_PLAIN where there is no transaction control.
static enum statement_kind control_kind(unsigned found)
{
    switch (found & (HAS_BEGIN | HAS_COMMIT | HAS_ROLLBACK | HAS_DISTRIBUTED)) {
    case 0: return found & HAS_SAVEPOINT ? STATEMENT_TRANSACTION : STATEMENT_PLAIN;
    case HAS_BEGIN: return STATEMENT_BEGIN;
    case HAS_COMMIT: return STATEMENT_COMMIT;
    case HAS_ROLLBACK: // to the savepoint, it may be
        return found & HAS_SAVEPOINT ? STATEMENT_TRANSACTION : STATEMENT_ROLLBACK;
    default: return STATEMENT_TRANSACTION;
    }
}

enum statement_kind sqlserver_statement_kind(const struct sql_lexer *lexer, size_t start,
                                             size_t end)
{
    const struct words words = words_read(lexer, start, end);
    if (is_module(&words))
        return STATEMENT_PLAIN;
    const unsigned found = scan(&words);
    const enum statement_kind control = control_kind(found);
    if (control != STATEMENT_PLAIN)
        return control;
    if (found & HAS_REFUSAL)
        return STATEMENT_ALONE;
    if (found & HAS_IDENTITY)
        return STATEMENT_IDENTITY;
    return found & HAS_SESSION ? STATEMENT_SESSION : STATEMENT_PLAIN;
}
