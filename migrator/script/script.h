#pragma once
// A file of SQL, cut into statements, and what the file asks of whoever runs it: can it be one
// transaction, which statements have to run alone, does it change the session.
//
// The words decide, not a server: they are the first ones of a statement, where the engines keep
// what matters here. Of SQL Server a "statement" is a batch, the text between two lines with GO,
// and all of its words count.

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/err.h"
#include "base/vec.h"
#include "migrator/script/splitter.h"

enum statement_kind {
    STATEMENT_PLAIN,
    STATEMENT_BEGIN,
    STATEMENT_COMMIT,
    STATEMENT_ROLLBACK,
    STATEMENT_TRANSACTION, // other control: SET TRANSACTION, SAVEPOINT …, a batch that has its own
    STATEMENT_ALONE,       // refuses a transaction block, or may end one itself (CALL, MySQL's DDL)
    STATEMENT_ENUM_VALUE,  // ALTER TYPE … ADD VALUE: its value can't be used before a commit
    STATEMENT_SESSION,     // changes the session's settings: SET, set_config(), PRAGMA, USE
    STATEMENT_IDENTITY,    // changes the session's user: SET ROLE, EXECUTE AS
    STATEMENT_FOREIGN_KEYS_ON,
    STATEMENT_FOREIGN_KEYS_OFF // PRAGMA foreign_keys, which SQLite ignores in a transaction
};

struct script_statement {
    size_t start, end; // bytes of the source
    enum statement_kind kind;
    size_t repeat; // how often it runs, one after the other: 1, but for GO with a count
};

struct script {
    struct source file;   // as it lies
    struct source source; // the same without a byte order mark; all places are in this one
    VEC_OF(struct script_statement) statements;
    bool unterminated; // the text ends within a string or comment
    bool owned;        // the file is the script's own
    enum sql_dialect dialect;
    bool backslash_escapes; // as the lexer's
};

struct script_options {
    enum sql_dialect dialect;
    bool backslash_escapes;
};

// Reads and cuts the file. `shown_path` is what messages call it. ERR_FAILED: unreadable, or not
// UTF-8 (with line and column).
int script_read(const char *path, const char *shown_path, const struct script_options *options,
                struct script *out, struct err *err) MUST_CHECK;
// Cuts a text that is borrowed as long as the script lives and ends with a NUL.
void script_parse(const struct source *source, const struct script_options *options,
                  struct script *out);
void script_release(struct script *script);

bool script_has(const struct script *script, enum statement_kind kind);
// May the whole file run as one transaction that the runner begins and ends?
bool script_is_transactional(const struct script *script);

// Statements [first, end) that run as one piece.
struct script_group {
    size_t first, end;
};
typedef VEC_OF(struct script_group) script_groups;

// How to cut a file into pieces: each piece is what a server can take at once. Of SQL Server that
// is one batch, whatever the cut.
enum script_cut {
    SCRIPT_CUT_ALONE, // statements that have to run alone, outside the file's own transactions
    SCRIPT_CUT_ENUM_VALUES, // and ALTER TYPE … ADD VALUE
    SCRIPT_CUT_ALL
};
void script_cut(const struct script *script, enum script_cut cut, script_groups *out);

// How many of the leading statements have taken effect for good when the first `completed` ones of
// a group that begins at `first` have run and the next one failed: those that the file itself
// committed. Of SQL Server, where no transaction is around the file, that is every batch that no
// transaction of the file's own was open behind, as far as words tell it: a server knows better.
size_t script_committed(const struct script *script, size_t first, size_t completed);

// The statement whose text holds this byte (or that ends last before it).
size_t script_statement_at(const struct script *script, size_t offset);

// The byte of the source where line `line` (from 1) of the statement's own text begins to say
// something: a server counts from the first byte that it was sent. A line of blanks is pointed at
// as it begins; a line behind the statement's end is its last one.
size_t script_line_offset(const struct script *script, size_t index, size_t line);
