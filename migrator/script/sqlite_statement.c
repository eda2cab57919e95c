#include <string.h>
#include <strings.h>

#include "migrator/script/statement.h"
#include "migrator/script/words.h"

// A pragma's boolean, as sqlite3GetBoolean() in SQLite's sources reads it.
static bool is_true(const char *text, struct sql_token token)
{
    const char *word = text + token.start;
    size_t length = token.end - token.start;
    if (token.kind == SQL_NUMBER)
        return !(length == 1 && *word == '0');
    if (length >= 2 && (token.kind == SQL_STRING || token.kind == SQL_IDENTIFIER)) {
        word++;
        length -= 2;
    }
    static const char *const names[] = {"on", "yes", "true", "full", "extra"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == length && strncasecmp(word, names[i], length) == 0)
            return true;
    return false;
}

// pragma = PRAGMA [ schema "." ] name [ "=" value | "(" value ")" ]
static enum statement_kind pragma_kind(const struct words *words)
{
    // These mean within a transaction what they mean outside of one.
    static const char *const anywhere[] = {"defer_foreign_keys",
                                           "foreign_key_check",
                                           "foreign_key_list",
                                           "table_info",
                                           "table_xinfo",
                                           "table_list",
                                           "index_list",
                                           "index_info",
                                           "index_xinfo",
                                           "legacy_alter_table",
                                           "ignore_check_constraints",
                                           "writable_schema",
                                           "recursive_triggers",
                                           "case_sensitive_like",
                                           "user_version",
                                           "application_id",
                                           "integrity_check",
                                           "quick_check",
                                           "optimize"};
    const char *text = words->lexer.text;
    const bool is_qualified = words->count > 3 && text[words->tokens[2].start] == '.';
    const size_t name = is_qualified ? 3 : 1, value = name + 2;
    if (words_is(words, name, "foreign_keys")) {
        if (value >= words->count)
            return STATEMENT_PLAIN;
        return is_true(text, words->tokens[value]) ? STATEMENT_FOREIGN_KEYS_ON
                                                   : STATEMENT_FOREIGN_KEYS_OFF;
    }
    for (size_t i = 0; i < sizeof anywhere / sizeof *anywhere; i++)
        if (words_is(words, name, anywhere[i]))
            return STATEMENT_SESSION;
    return STATEMENT_ALONE;
}

enum statement_kind sqlite_statement_kind(const struct sql_lexer *lexer, size_t start, size_t end)
{
    const struct words words = words_read(lexer, start, end);
    if (words_is(&words, 0, "BEGIN"))
        return STATEMENT_BEGIN;
    if (words_is(&words, 0, "COMMIT") || words_is(&words, 0, "END"))
        return STATEMENT_COMMIT;
    if (words_is(&words, 0, "ROLLBACK"))
        return words_is(&words, 1, "TO") || words_is(&words, 2, "TO") ? STATEMENT_PLAIN
                                                                      : STATEMENT_ROLLBACK;
    if (words_is(&words, 0, "VACUUM") || words_is(&words, 0, "ATTACH") ||
        words_is(&words, 0, "DETACH"))
        return STATEMENT_ALONE;
    if (words_is(&words, 0, "PRAGMA"))
        return pragma_kind(&words);
    return STATEMENT_PLAIN;
}
