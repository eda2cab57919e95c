#pragma once
// A statement of a user's file that failed: what the server said, where in the file, and what had
// taken effect by then.

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "migrator/migrator.h"
#include "migrator/script/lexer.h"

// Zero-initialised: nothing failed. The strings are owned, NULL where the server said nothing.
struct failure {
    bool happened;
    char *code; // SQLSTATE, or SQLite's result code by name
    char *message, *detail, *hint, *context;
    bool has_place;
    size_t start, end;       // bytes of the file
    const char *unit;        // what the file is cut into, static; NULL: "statement"
    size_t statement, count; // from 1, of how many; 0: not a statement's failure
    size_t committed;        // leading statements that took effect; 0: everything is undone
    bool in_part;            // the one that failed is several: its first ones may have, too
    bool recorded;           // book->before has run
};

void failure_release(struct failure *failure);
// What files of the dialect are cut into: "statement", "batch".
const char *failure_unit(enum sql_dialect dialect);

// "relation "nope" does not exist (42P01): <detail>; <the server's hint>", one line.
void failure_describe(const struct failure *failure, struct strbuf *out);
// Fills err with "file:line:col: <description>" (without a hint), hands the source line with its
// caret to the callbacks, and returns -1.
int failure_report(const struct failure *failure, const struct source *source,
                   const struct migrator_callbacks *callbacks, struct err *err);
// "nothing of it took effect", "statements 1-2 of 5 took effect", "batch 1 of 3 took effect, and
// batch 2 perhaps in part"
void failure_effect(const struct failure *failure, struct strbuf *out);
// The text for the ledger's logs: all of the above.
void failure_logs(const struct failure *failure, const struct source *source, const char *migration,
                  struct strbuf *out);
// The same while it runs: where it is, in case nobody is left to tell the end.
void failure_progress(const struct failure *failure, const struct source *source,
                      const char *migration, struct strbuf *out);
