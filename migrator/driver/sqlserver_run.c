#include <string.h>

#include "migrator/driver/sqlserver.h"

enum { SEVERITY_SYNTAX = 15 };

// A name that the message quotes, where the line has it: "Invalid object name 'dbo.x'.", "Incorrect
// syntax near 'y'."
static void place_in_line(const struct script *script, const char *message, struct failure *failure)
{
    const char *quoted = strchr(message, '\'');
    const char *end = quoted ? strchr(quoted + 1, '\'') : NULL;
    if (!end || end == quoted + 1)
        return;
    const char *name = quoted + 1;
    for (const char *dot = name; (dot = memchr(dot, '.', (size_t)(end - dot)));)
        name = ++dot;
    const char *line = script->source.text + failure->start;
    const size_t left = script->source.length - failure->start, length = (size_t)(end - name);
    const char *found = length ? memmem(line, strcspn(line, "\n"), name, length) : NULL;
    if (!found || length > left)
        return;
    failure->start = (size_t)(found - script->source.text);
    failure->end = failure->start + length;
}

// The server counts lines from where the batch begins; in a procedure that runs, from where that
// one does, which is of no use here.
static void place_failure(const struct script *script, size_t index,
                          const struct tds_message *error, struct failure *failure)
{
    const struct script_statement *batch = &script->statements.items[index];
    const bool is_elsewhere = error->procedure[0] && error->severity != SEVERITY_SYNTAX;
    failure->has_place = true;
    failure->statement = index + 1;
    failure->start = batch->start;
    failure->end = batch->end;
    if (is_elsewhere) {
        failure->context = mem_printf("procedure %s, line %d", error->procedure, error->line);
        return;
    }
    failure->start = script_line_offset(script, index, (size_t)(error->line > 0 ? error->line : 1));
    failure->end = failure->start + strcspn(script->source.text + failure->start, "\r\n");
    place_in_line(script, error->text, failure);
}

// The failure of batch `index`, or of the file as a whole where that is its count.
static int fail(struct sqlserver *sqlserver, const struct script *script, size_t index,
                struct failure *failure, struct err *err)
{
    const struct tds_message *error = tds_error(&sqlserver->tds);
    if (!error || tds_is_lost(&sqlserver->tds)) {
        sqlserver_fail(sqlserver, err);
        return err_wrap(err, "%s", script->source.path);
    }
    failure->happened = true;
    failure->count = script->statements.len;
    sqlserver_failure(sqlserver, failure);
    if (index < failure->count)
        place_failure(script, index, error, failure);
    return err_set(err, ERR_FAILED, "%s: %s", script->source.path, failure->message);
}

static int fail_file(const struct script *script, const char *message, struct failure *failure,
                     struct err *err)
{
    failure->happened = true;
    failure->message = mem_strdup(message);
    failure->count = script->statements.len;
    return err_set(err, ERR_FAILED, "%s: %s", script->source.path, message);
}

static int run_batch(struct sqlserver *sqlserver, const struct script *script, size_t index,
                     int64_t *rows)
{
    const struct script_statement *batch = &script->statements.items[index];
    AUTOFREE char *text =
        mem_strndup(script->source.text + batch->start, batch->end - batch->start);
    for (size_t i = 0; i < batch->repeat; i++)
        if (tds_batch(&sqlserver->tds, text, NULL, NULL, rows))
            return -1;
    return 0;
}

// The file's own transactions are balanced within their batches: they nest in the one around them.
static bool is_whole(const struct script *script)
{
    static const enum statement_kind against[] = {
        STATEMENT_BEGIN, STATEMENT_COMMIT, STATEMENT_ROLLBACK, STATEMENT_ALONE, STATEMENT_IDENTITY};
    for (size_t i = 0; i < sizeof against / sizeof *against; i++)
        if (script_has(script, against[i]))
            return false;
    return !script->unterminated;
}

// What the file did to its session would lead the record astray.
static int commit_whole(struct sqlserver *sqlserver, const struct script *script,
                        const struct driver_book *book, struct failure *failure, struct err *err)
{
    bool is_open;
    if ((script_has(script, STATEMENT_SESSION) && sqlserver_begin_session(sqlserver, err)) ||
        sqlserver_in_transaction(sqlserver, &is_open, err))
        return -1;
    if (!is_open)
        return fail_file(script, "the file rolls the transaction back that it runs in", failure,
                         err);
    return (book->within && sqlserver_execute(&sqlserver->driver, book->within, err)) ||
                   sqlserver_execute(&sqlserver->driver, "COMMIT TRANSACTION", err)
               ? -1
               : 0;
}

// What the server refuses in a transaction although nothing in its words told so.
static bool wants_no_transaction(const struct tds *tds)
{
    enum { NOT_ALLOWED_IN_TRANSACTION = 226, NOT_IN_USER_TRANSACTION = 574, PROCEDURE_NOT = 15002 };
    return tds_said(tds, NOT_ALLOWED_IN_TRANSACTION) || tds_said(tds, NOT_IN_USER_TRANSACTION) ||
           tds_said(tds, PROCEDURE_NOT);
}

// The file and its record are one transaction. *refused: the server will not have it so, and
// nothing took effect.
static int run_whole(struct sqlserver *sqlserver, const struct script *script,
                     const struct driver_book *book, int64_t *rows, bool *refused,
                     struct failure *failure, struct err *err)
{
    if (sqlserver_execute(&sqlserver->driver, "BEGIN TRANSACTION", err))
        return -1;
    for (size_t i = 0; i < script->statements.len; i++) {
        if (run_batch(sqlserver, script, i, rows) == 0)
            continue;
        *refused = wants_no_transaction(&sqlserver->tds);
        return *refused ? -1 : fail(sqlserver, script, i, failure, err);
    }
    return commit_whole(sqlserver, script, book, failure, err);
}

// Before each batch the row says so: after a crash it is known what took effect, but for one.
static int note_begun(struct sqlserver *sqlserver, const struct script *script, size_t index,
                      const struct driver_book *book, bool in_transaction, struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    if (!book->begun || in_transaction || script->statements.len == 1)
        return 0;
    book->begun(book->context, script, index, &sql);
    return sqlserver_execute(&sqlserver->driver, sql.data, err);
}

// Batch by batch, between the two records. What is done is done once no transaction of the file's
// own is open.
static int run_pieces(struct sqlserver *sqlserver, const struct script *script,
                      const struct driver_book *book, int64_t *rows, struct failure *failure,
                      struct err *err)
{
    bool in_transaction = false;
    if (book->before && sqlserver_execute(&sqlserver->driver, book->before, err))
        return -1;
    failure->recorded = book->before != NULL;
    for (size_t i = 0; i < script->statements.len; i++) {
        if (note_begun(sqlserver, script, i, book, in_transaction, err))
            return -1;
        if (run_batch(sqlserver, script, i, rows)) {
            failure->in_part = !in_transaction;
            return fail(sqlserver, script, i, failure, err);
        }
        if (sqlserver_in_transaction(sqlserver, &in_transaction, err))
            return -1;
        if (!in_transaction)
            failure->committed = i + 1;
    }
    return in_transaction ? fail_file(script, "the file begins a transaction that it does not end",
                                      failure, err)
                          : 0;
}

static int run(struct sqlserver *sqlserver, const struct script *script,
               const struct driver_book *book, int64_t *rows, bool *was_whole,
               struct failure *failure, struct err *err)
{
    bool refused = false;
    *was_whole = is_whole(script);
    if (*was_whole) {
        const int status = run_whole(sqlserver, script, book, rows, &refused, failure, err);
        if (!refused)
            return status;
        *was_whole = false;
        *rows = 0;
        sqlserver_roll_back(sqlserver);
        if (sqlserver_begin_session(sqlserver, err))
            return -1;
    }
    return run_pieces(sqlserver, script, book, rows, failure, err);
}

int sqlserver_run(struct driver *driver, const struct script *script,
                  const struct driver_book *book, int64_t *rows, struct failure *failure,
                  struct err *err)
{
    struct sqlserver *sqlserver = sqlserver_of(driver);
    struct err restored;
    bool was_whole;
    *rows = 0;
    failure->unit = failure_unit(SQL_SQLSERVER);
    bool failed = run(sqlserver, script, book, rows, &was_whole, failure, err);
    if (tds_is_lost(&sqlserver->tds))
        return -1;
    if (failed)
        sqlserver_roll_back(sqlserver);
    if (failed || !was_whole)
        failed = sqlserver_begin_session(sqlserver, failed ? &restored : err) || failed;
    if (!failed && !was_whole && book->after)
        failed = sqlserver_execute(driver, book->after, err);
    return failed ? -1 : 0;
}
