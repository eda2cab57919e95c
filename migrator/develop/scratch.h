#pragma once
// A database for a moment: what a history of migrations makes of nothing can be seen there without
// touching anybody's data.
//
//     AUTO_SCRATCH *scratch = NULL;
//     if (scratch_open(target, &history, &scratch, NULL, err) ||
//         scratch_replay(scratch, &history, callbacks, err) ||
//         introspect(scratch_driver(scratch), …))
//
// On a server it is a database of the target's own one, named
// berth_scratch_<8 hex digits of the history's hash>_<time, maker and chance>, on Postgres with a
// comment that says what it is. On SQLite it is a file in a directory of its own below $TMPDIR,
// locked. So what a run that was killed has left is known: its maker, on this machine, lives no
// more. Whoever opens one, or deploys, clears that away first; whoever opens one also what others
// made elsewhere, is not new, and is in nobody's use.

#include "base/digest.h"
#include "migrator/driver/driver.h"
#include "migrator/history.h"

struct scratch;

// `target` says which server; its database need not exist. *denied (may be NULL) is set when the
// role may not make databases, which is then the error, with the privilege's name. *out is owned by
// the caller and borrows from the target.
int scratch_open(const struct migrator_target *target, const struct history *history,
                 struct scratch **out, bool *denied, struct err *err) MUST_CHECK;
// Drops it. NULL is fine.
void scratch_close(struct scratch *scratch);
#define AUTO_SCRATCH __attribute__((cleanup(scratch_cleanup))) struct scratch
void scratch_cleanup(struct scratch **scratch);
// Without making one: what runs of this machine left that are over. `driver`: any connection to the
// target's server.
void scratch_clear_leftovers(const struct migrator_target *target, struct driver *driver);

// The database as a target, and the connection that is open to it. Borrowed.
const struct migrator_target *scratch_target(const struct scratch *scratch);
struct driver *scratch_driver(const struct scratch *scratch);

// Runs one migration's script, or those of all that have one, in order; there is no ledger. An
// error says file:line:col; callbacks->excerpt gets the line, the others are not called.
int scratch_run(struct scratch *scratch, const struct history_migration *migration,
                const struct migrator_callbacks *callbacks, struct err *err) MUST_CHECK;
int scratch_replay(struct scratch *scratch, const struct history *history,
                   const struct migrator_callbacks *callbacks, struct err *err) MUST_CHECK;

// SHA-256 of the names and the scripts of all migrations.
int scratch_history_hash(const struct history *history, char out[SHA256_HEX_SIZE],
                         struct err *err) MUST_CHECK;
