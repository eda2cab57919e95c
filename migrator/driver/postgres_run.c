#include <string.h>

#include "migrator/driver/postgres.h"

// A piece of the script that is sent as one simple query.
struct piece {
    const struct script *script;
    size_t from, to;   // bytes of the source
    size_t first, end; // its statements
    bool has_book;     // our own statement follows
};

// Where the n-th character (from 1) of the text is. The server counts characters, not bytes.
static size_t character_offset(const char *text, size_t length, size_t n)
{
    size_t offset = 0;
    while (offset < length && n > 1) {
        offset++;
        while (offset < length && ((unsigned char)text[offset] & 0xC0) == 0x80)
            offset++;
        n--;
    }
    return offset;
}

static size_t token_end(const struct script *script, size_t offset)
{
    struct sql_lexer lexer = {.text = script->source.text,
                              .length = script->source.length,
                              .position = offset,
                              .dialect = SQL_POSTGRES,
                              .backslash_escapes = script->backslash_escapes};
    return sql_lexer_next(&lexer).end;
}

// Points the failure at a statement as a whole.
static void place_statement(const struct script *script, size_t index, struct failure *failure)
{
    const struct script_statement *statement = &script->statements.items[index];
    failure->has_place = true;
    failure->start = statement->start;
    failure->end = statement->end;
    failure->statement = index + 1;
}

// The server's position where it gave one, else the statement that the completed ones lead up to.
// An error at the commit (a deferred constraint) has neither.
static void place_failure(const struct piece *piece, const struct exchange *exchange,
                          struct failure *failure)
{
    const struct script *script = piece->script;
    const char *position = PQresultErrorField(exchange->error, PG_DIAG_STATEMENT_POSITION);
    const size_t failed = piece->first + exchange->completed;
    if (position && script->statements.len) {
        const size_t length = piece->to - piece->from;
        const size_t offset =
            piece->from + character_offset(script->source.text + piece->from, length,
                                           (size_t)strtoull(position, NULL, 10));
        place_statement(script, script_statement_at(script, offset), failure);
        failure->start = offset;
        failure->end = token_end(script, offset);
    } else if (failed < piece->end) {
        place_statement(script, failed, failure);
    }
}

// What failed was our own record of the migration, not the file.
static bool is_ledger_error(const struct piece *piece, const struct exchange *exchange)
{
    const char *message = PQresultErrorField(exchange->error, PG_DIAG_MESSAGE_PRIMARY);
    return piece->has_book && piece->first + exchange->completed >= piece->end && message &&
           strstr(message, "_prisma_migrations");
}

static int fail_piece(struct postgres *postgres, const struct piece *piece,
                      const struct exchange *exchange, struct failure *failure, struct err *err)
{
    const struct script *script = piece->script;
    struct err ignored;
    if (exchange->lost || is_ledger_error(piece, exchange)) {
        exchange_error(postgres, exchange, err);
        return err_wrap(err, "%s", script->source.path);
    }
    failure->happened = true;
    failure->count = script->statements.len;
    failure->committed =
        piece->has_book ? 0 : script_committed(script, piece->first, exchange->completed);
    postgres_failure(exchange->error, failure);
    place_failure(piece, exchange, failure);
    // A file with a transaction of its own leaves it open, and aborted.
    if (PQtransactionStatus(postgres->conn) != PQTRANS_IDLE)
        (void)!postgres_execute(&postgres->driver, "ROLLBACK", &ignored);
    return err_set(err, ERR_FAILED, "%s: %s", script->source.path, failure->message);
}

static void send_piece(struct postgres *postgres, const struct piece *piece, const char *book,
                       struct exchange *out)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_add(&sql, piece->script->source.text + piece->from, piece->to - piece->from);
    if (book) // the line end closes a comment on the file's last line
        strbuf_addf(&sql, "\n;%s", book);
    postgres_exchange(postgres, sql.data, out);
}

static bool changes_session(const struct script *script)
{
    return script_has(script, STATEMENT_SESSION) || script_has(script, STATEMENT_IDENTITY);
}

// A transaction that the file begins and never ends would swallow our record of it.
static int check_ended(struct postgres *postgres, const struct script *script,
                       struct failure *failure, struct err *err)
{
    struct err ignored;
    if (PQtransactionStatus(postgres->conn) == PQTRANS_IDLE)
        return 0;
    (void)!postgres_execute(&postgres->driver, "ROLLBACK", &ignored);
    failure->happened = true;
    failure->message = mem_strdup("the file begins a transaction that it does not end");
    failure->count = script->statements.len;
    failure->committed = script_committed(script, 0, failure->count);
    for (size_t i = failure->committed; i < failure->count; i++)
        if (script->statements.items[i].kind == STATEMENT_BEGIN)
            place_statement(script, i, failure);
    return err_set(err, ERR_FAILED, "%s: %s", script->source.path, failure->message);
}

// The file in pieces that commit one by one, between the two records.
static int run_pieces(struct postgres *postgres, const struct script *script, enum script_cut cut,
                      const struct driver_book *book, int64_t *rows, struct failure *failure,
                      struct err *err)
{
    script_groups groups = {0};
    int failed = book->before ? postgres_execute(&postgres->driver, book->before, err) : 0;
    failure->recorded = !failed && book->before;
    script_cut(script, cut, &groups);
    for (size_t i = 0; i < groups.len && !failed; i++) {
        const struct script_group *group = &groups.items[i];
        struct piece piece = {.script = script, .first = group->first, .end = group->end};
        // What Prisma sends: the file as it lies, comments and all.
        piece.from = i == 0 ? 0 : script->statements.items[group->first].start;
        piece.to = i + 1 == groups.len ? script->source.length
                                       : script->statements.items[group->end - 1].end;
        struct exchange exchange;
        send_piece(postgres, &piece, NULL, &exchange);
        *rows += exchange.rows;
        if (exchange.error || exchange.lost)
            failed = fail_piece(postgres, &piece, &exchange, failure, err);
        exchange_release(&exchange);
    }
    vec_release(&groups);
    failed = failed || check_ended(postgres, script, failure, err);
    if (changes_session(script) && PQstatus(postgres->conn) == CONNECTION_OK) {
        struct err restore;
        if (postgres_restore_session(postgres, failed ? &restore : err))
            failed = -1;
    }
    if (!failed && book->after)
        failed = postgres_execute(&postgres->driver, book->after, err);
    return failed ? -1 : 0;
}

// An error that running the file in pieces may cure: a statement that refuses a transaction block
// (25001), a new enum value used before a commit (55P04).
static bool wants_pieces(const struct exchange *exchange)
{
    return exchange_failed_with(exchange, "25001") || exchange_failed_with(exchange, "55P04");
}

int postgres_run(struct driver *driver, const struct script *script, const struct driver_book *book,
                 int64_t *rows, struct failure *failure, struct err *err)
{
    struct postgres *postgres = postgres_of(driver);
    *rows = 0;
    if (!script_is_transactional(script))
        return run_pieces(postgres, script, SCRIPT_CUT_ALONE, book, rows, failure, err);

    const struct piece piece = {.script = script,
                                .to = script->source.length,
                                .end = script->statements.len,
                                .has_book = true};
    struct exchange exchange;
    send_piece(postgres, &piece, book->within, &exchange);
    *rows = exchange.rows;
    int failed = 0;
    const bool again = exchange.error && wants_pieces(&exchange);
    const bool is_enum =
        exchange_failed_with(&exchange, "55P04") || script_has(script, STATEMENT_ENUM_VALUE);
    if (again)
        *rows = 0;
    else if (exchange.error || exchange.lost)
        failed = fail_piece(postgres, &piece, &exchange, failure, err);
    exchange_release(&exchange);
    if (again)
        return run_pieces(postgres, script, is_enum ? SCRIPT_CUT_ENUM_VALUES : SCRIPT_CUT_ALL, book,
                          rows, failure, err);
    if (!failed && changes_session(script))
        failed = postgres_restore_session(postgres, err);
    return failed;
}
