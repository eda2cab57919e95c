#include <mysqld_error.h>
#include <string.h>

#include "migrator/driver/mysql.h"
#include "migrator/script/words.h"

// "… near 'the rest of the statement' at line 3": where in the statement the parser stopped.
static void place_syntax_error(const struct script *script, struct failure *failure)
{
    static const char before[] = " near '", behind[] = "' at line ";
    const char *text = strstr(failure->message, before);
    const char *end = text ? strstr(text, behind) : NULL;
    if (!end)
        return;
    text += sizeof before - 1;
    // Another line of the message may hold the mark as well: the last one is the server's.
    for (const char *next = end; (next = strstr(next + 1, behind));)
        end = next;
    const char *from = script->source.text + failure->start;
    const size_t length = failure->end - failure->start, near = (size_t)(end - text);
    const char *last = NULL;
    if (near == 0) { // the statement ended too early
        failure->start = failure->end - 1;
        return;
    }
    // It quotes up to 80 characters up to the statement's end: the last place that has them.
    for (const char *at = from; (at = memmem(at, length - (size_t)(at - from), text, near)); at++)
        last = at;
    if (!last)
        return;
    failure->start = (size_t)(last - script->source.text);
    struct sql_lexer lexer = {.text = script->source.text,
                              .length = failure->end,
                              .position = failure->start,
                              .dialect = SQL_MYSQL,
                              .backslash_escapes = script->backslash_escapes};
    failure->end = sql_lexer_next(&lexer).end;
}

static bool is_delimiter(const struct script *script, const struct script_statement *statement)
{
    const struct sql_lexer lexer = {
        .text = script->source.text, .length = script->source.length, .dialect = SQL_MYSQL};
    const struct words words = words_read(&lexer, statement->start, statement->end);
    return words_is(&words, 0, "DELIMITER");
}

static void place_failure(const struct script *script, size_t index, struct failure *failure)
{
    const struct script_statement *statement = &script->statements.items[index];
    failure->has_place = true;
    failure->start = statement->start;
    failure->end = statement->end;
    failure->statement = index + 1;
    place_syntax_error(script, failure);
    if (is_delimiter(script, statement))
        failure->hint = mem_strdup("DELIMITER is a command of the mysql program, not SQL: leave it "
                                   "out, a program's semicolons are understood without it");
}

// The failure of statement `index`, or of the file as a whole where that is its count.
static int fail(struct mysql *mysql, const struct script *script, size_t index, size_t committed,
                struct failure *failure, struct err *err)
{
    struct err ignored;
    if (mysql_is_lost(mysql)) {
        mysql_fail(mysql, err);
        return err_wrap(err, "%s", script->source.path);
    }
    failure->happened = true;
    failure->count = script->statements.len;
    failure->committed = committed;
    mysql_failure(mysql, failure);
    if (index < failure->count)
        place_failure(script, index, failure);
    (void)!mysql_execute(&mysql->driver, "ROLLBACK", &ignored);
    return err_set(err, ERR_FAILED, "%s: %s", script->source.path, failure->message);
}

static int run_statement(struct mysql *mysql, const struct script *script, size_t index,
                         int64_t *rows)
{
    const struct script_statement *statement = &script->statements.items[index];
    return mysql_exchange(mysql, script->source.text + statement->start,
                          statement->end - statement->start, rows);
}

// Only rows are read and written: the file and its record are one transaction.
static int run_whole(struct mysql *mysql, const struct script *script,
                     const struct driver_book *book, int64_t *rows, struct failure *failure,
                     struct err *err)
{
    if (mysql_execute(&mysql->driver, "START TRANSACTION", err))
        return -1;
    for (size_t i = 0; i < script->statements.len; i++)
        if (run_statement(mysql, script, i, rows))
            return fail(mysql, script, i, 0, failure, err);
    return (book->within && mysql_execute(&mysql->driver, book->within, err)) ||
                   mysql_execute(&mysql->driver, "COMMIT", err)
               ? -1
               : 0;
}

// A table that the file has locked leaves the session no other one.
static bool locks_tables(const struct script *script)
{
    const struct sql_lexer lexer = {.text = script->source.text,
                                    .length = script->source.length,
                                    .dialect = SQL_MYSQL,
                                    .backslash_escapes = script->backslash_escapes};
    vec_each (statement, &script->statements) {
        const struct words words = words_read(&lexer, statement->start, statement->end);
        if (words_is(&words, 0, "LOCK") || words_is(&words, 0, "FLUSH"))
            return true;
    }
    return false;
}

// Before each statement the row says so: after a crash it is known what took effect, but for one.
static int note_begun(struct mysql *mysql, const struct script *script, size_t index,
                      const struct driver_book *book, struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    if (!book->begun || mysql_in_transaction(mysql))
        return 0;
    book->begun(book->context, script, index, &sql);
    return mysql_execute(&mysql->driver, sql.data, err);
}

// Statement by statement, between the two records. What is done is done once no transaction of the
// file's own is open, which the server tells.
static int run_pieces(struct mysql *mysql, const struct script *script,
                      const struct driver_book *book, int64_t *rows, struct failure *failure,
                      struct err *err)
{
    const bool is_noted = script->statements.len > 1 && !locks_tables(script);
    size_t committed = 0;
    if (book->before && mysql_execute(&mysql->driver, book->before, err))
        return -1;
    failure->recorded = book->before != NULL;
    for (size_t i = 0; i < script->statements.len; i++) {
        if (is_noted && note_begun(mysql, script, i, book, err))
            return -1;
        if (run_statement(mysql, script, i, rows))
            return fail(mysql, script, i, committed, failure, err);
        if (!mysql_in_transaction(mysql))
            committed = i + 1;
    }
    if (!mysql_in_transaction(mysql))
        return 0;
    failure->happened = true;
    failure->message = mem_strdup("the file begins a transaction that it does not end");
    failure->count = script->statements.len;
    failure->committed = committed;
    return err_set(err, ERR_FAILED, "%s: %s", script->source.path, failure->message);
}

int mysql_run(struct driver *driver, const struct script *script, const struct driver_book *book,
              int64_t *rows, struct failure *failure, struct err *err)
{
    struct mysql *mysql = mysql_of(driver);
    struct err restored;
    const bool is_whole = script_is_transactional(script);
    *rows = 0;
    int failed = is_whole ? run_whole(mysql, script, book, rows, failure, err)
                          : run_pieces(mysql, script, book, rows, failure, err);
    if (mysql_is_lost(mysql))
        return -1;
    if (failed && mysql_in_transaction(mysql))
        (void)!mysql_execute(driver, "ROLLBACK", &restored);
    if (script_has(script, STATEMENT_SESSION) || !is_whole)
        failed = mysql_restore_session(mysql, failed ? &restored : err) || failed;
    if (!failed && !is_whole && book->after)
        failed = mysql_execute(driver, book->after, err);
    return failed ? -1 : 0;
}
