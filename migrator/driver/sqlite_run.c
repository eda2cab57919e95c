#include <string.h>

#include "migrator/driver/sqlite.h"

// Where a script stands.
struct walk {
    const struct script *script;
    bool whole;       // within a transaction of ours
    size_t offset;    // of the text that comes next
    size_t statement; // that it begins with, from 0
    size_t committed; // leading statements that took effect
    int64_t rows;
    int error_offset; // of the last error, from `offset` on; -1: the statement as a whole
};

static void place_failure(const struct walk *walk, struct failure *failure)
{
    const struct script *script = walk->script;
    if (walk->statement >= script->statements.len)
        return;
    const struct script_statement *statement = &script->statements.items[walk->statement];
    failure->has_place = true;
    failure->start = statement->start;
    failure->end = statement->end;
    failure->statement = walk->statement + 1;
    if (walk->error_offset < 0)
        return;
    struct sql_lexer lexer = {.text = script->source.text,
                              .length = script->source.length,
                              .position = walk->offset + (size_t)walk->error_offset,
                              .dialect = SQL_SQLITE};
    failure->start = lexer.position;
    failure->end = sql_lexer_next(&lexer).end;
}

static int fail(const struct sqlite *sqlite, const struct walk *walk, struct failure *failure,
                struct err *err)
{
    failure->happened = true;
    failure->count = walk->script->statements.len;
    failure->committed = walk->committed;
    place_failure(walk, failure);
    sqlite_failure(sqlite, failure);
    return err_set(err, ERR_FAILED, "%s: %s", walk->script->source.path, failure->message);
}

static int fail_with(const struct walk *walk, const char *message, struct failure *failure,
                     struct err *err)
{
    failure->happened = true;
    failure->count = walk->script->statements.len;
    failure->committed = walk->committed;
    failure->message = mem_strdup(message);
    return err_set(err, ERR_FAILED, "%s: %s", walk->script->source.path, message);
}

static int step(struct sqlite *sqlite, sqlite3_stmt *statement, struct walk *walk)
{
    const sqlite3_int64 before = sqlite3_total_changes64(sqlite->db);
    int code;
    do {
        code = sqlite3_step(statement);
    } while (code == SQLITE_ROW);
    if (sqlite3_total_changes64(sqlite->db) != before)
        walk->rows += sqlite3_changes64(sqlite->db);
    return code == SQLITE_DONE ? 0 : -1;
}

// Runs the statement that comes next and moves behind it. SQLite itself says where it ends.
static int run_next(struct sqlite *sqlite, struct walk *walk)
{
    const struct script *script = walk->script;
    const enum statement_kind kind = script->statements.items[walk->statement].kind;
    const bool switches_keys =
        kind == STATEMENT_FOREIGN_KEYS_ON || kind == STATEMENT_FOREIGN_KEYS_OFF;
    const char *tail = NULL;
    sqlite3_stmt *statement = NULL;
    walk->error_offset = -1;
    // Without a length, or SQLite would copy the rest of the text for every statement in it.
    if (sqlite3_prepare_v2(sqlite->db, script->source.text + walk->offset, -1, &statement, &tail)) {
        walk->error_offset = sqlite3_error_offset(sqlite->db);
        return -1;
    }
    int failed = 0;
    // The pragma does nothing within a transaction, and the file does not know that it is in ours.
    if (switches_keys && walk->whole)
        sqlite_set_foreign_keys(sqlite, kind == STATEMENT_FOREIGN_KEYS_ON);
    else if (statement)
        failed = step(sqlite, statement, walk);
    sqlite3_finalize(statement); // keeps the connection's error
    if (failed)
        return -1;
    walk->offset = (size_t)(tail - script->source.text);
    while (walk->statement < script->statements.len &&
           script->statements.items[walk->statement].end <= walk->offset)
        walk->statement++;
    return 0;
}

static int run_all(struct sqlite *sqlite, struct walk *walk)
{
    while (walk->statement < walk->script->statements.len) {
        if (run_next(sqlite, walk))
            return -1;
        if (!sqlite_in_transaction(sqlite))
            walk->committed = walk->statement;
    }
    return 0;
}

// Rows whose references lead nowhere; 0 as well where the schema can't be checked.
static size_t count_violations(struct sqlite *sqlite)
{
    size_t count = 0;
    struct err ignored;
    return sqlite_query(&sqlite->driver, "PRAGMA foreign_key_check", driver_count_row, &count,
                        &ignored)
               ? 0
               : count;
}

static void describe_violation(void *context, const char *const *values)
{
    char **text = context;
    if (!*text)
        *text = mem_printf("a row of \"%s\" (rowid %s) refers to a row of \"%s\" that does not "
                           "exist",
                           values[0], values[1] ? values[1] : "none", values[2]);
}

// A file that switched the checks off may have left references that lead nowhere: more of them than
// there were before it is its failure.
static int check_references(struct sqlite *sqlite, const struct walk *walk, size_t before,
                            struct failure *failure, struct err *err)
{
    AUTOFREE char *text = NULL;
    struct err ignored;
    if (count_violations(sqlite) <= before ||
        sqlite_query(&sqlite->driver, "PRAGMA foreign_key_check", describe_violation, &text,
                     &ignored))
        return 0;
    return fail_with(walk, text, failure, err);
}

// Pragmas of the session, back to what a new connection has.
static void restore_session(struct sqlite *sqlite, const struct script *script)
{
    struct err ignored;
    sqlite_set_foreign_keys(sqlite, true);
    if (script_has(script, STATEMENT_SESSION))
        (void)!sqlite_execute(&sqlite->driver,
                              "PRAGMA legacy_alter_table = OFF; PRAGMA recursive_triggers = OFF; "
                              "PRAGMA ignore_check_constraints = OFF; "
                              "PRAGMA case_sensitive_like = OFF; PRAGMA writable_schema = RESET",
                              &ignored);
}

// The file as one transaction, with its record.
static int run_whole(struct sqlite *sqlite, struct walk *walk, const struct driver_book *book,
                     struct failure *failure, struct err *err)
{
    const bool unchecked = script_has(walk->script, STATEMENT_FOREIGN_KEYS_OFF);
    const size_t violations = unchecked ? count_violations(sqlite) : 0;
    if (sqlite_execute(&sqlite->driver, "BEGIN IMMEDIATE", err))
        return -1;
    if (run_all(sqlite, walk))
        return fail(sqlite, walk, failure, err);
    if (unchecked && check_references(sqlite, walk, violations, failure, err))
        return -1;
    if (book->within && sqlite_execute(&sqlite->driver, book->within, err))
        return err_wrap(err, "%s", walk->script->source.path);
    // Deferred references are checked here; the walk is at its end, so no statement is blamed.
    if (sqlite3_exec(sqlite->db, "COMMIT", NULL, NULL, NULL))
        return fail(sqlite, walk, failure, err);
    return 0;
}

// The file as it lies, statement by statement, between the two records.
static int run_bare(struct sqlite *sqlite, struct walk *walk, const struct driver_book *book,
                    struct failure *failure, struct err *err)
{
    if (book->before && sqlite_execute(&sqlite->driver, book->before, err))
        return -1;
    failure->recorded = book->before != NULL;
    if (run_all(sqlite, walk))
        return fail(sqlite, walk, failure, err);
    if (sqlite_in_transaction(sqlite))
        return fail_with(walk, "the file begins a transaction that it does not end", failure, err);
    return book->after ? sqlite_execute(&sqlite->driver, book->after, err) : 0;
}

int sqlite_run(struct driver *driver, const struct script *script, const struct driver_book *book,
               int64_t *rows, struct failure *failure, struct err *err)
{
    struct sqlite *sqlite = sqlite_of(driver);
    struct walk walk = {.script = script, .whole = script_is_transactional(script)};
    const int failed = walk.whole ? run_whole(sqlite, &walk, book, failure, err)
                                  : run_bare(sqlite, &walk, book, failure, err);
    if (sqlite_in_transaction(sqlite))
        sqlite_roll_back(sqlite);
    restore_session(sqlite, script);
    *rows = walk.rows;
    return failed;
}
