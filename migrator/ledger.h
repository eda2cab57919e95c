#pragma once
// The table _prisma_migrations: its rows, what they say of a migration, and the SQL that writes
// them. Rules: the format contract, "In the database".
//
// A file that can be one transaction gets its row within that transaction, finished from birth: a
// crash leaves both or neither. Any other file gets the row before it, unfinished, and the finish
// after it: a crash in between leaves a row that says so.

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "migrator/script/lexer.h"

// Times are wall ms, 0: NULL in the table. The strings are owned by the ledger.
struct ledger_row {
    char *id, *checksum, *name, *logs; // logs may be NULL
    int64_t started_at_ms, finished_at_ms, rolled_back_at_ms;
};

// Rows in the order of their start. Zero-initialised is a missing table.
struct ledger {
    VEC_OF(struct ledger_row) rows;
    bool exists;
};
void ledger_release(struct ledger *ledger);
// A row of what ledger_sql_select asks, as a driver's query gives it. The context is the ledger.
void ledger_take_row(void *context, const char *const *values);

enum ledger_state {
    LEDGER_UNKNOWN, // no row
    LEDGER_APPLIED,
    LEDGER_FAILED,
    LEDGER_ROLLED_BACK // only rows that were rolled back: to be applied anew
};
// *row is the one that decides; NULL when there is none. row may be NULL.
enum ledger_state ledger_state_of(const struct ledger *ledger, const char *name,
                                  const struct ledger_row **row);
// The first failed row, NULL when there is none.
const struct ledger_row *ledger_first_failed(const struct ledger *ledger);

// Where a dialect keeps the table, and how it writes literals.
struct ledger_table {
    enum sql_dialect dialect;
    const char *name; // quoted, qualified: "public"."_prisma_migrations"
};

// The migration that a row is written for.
struct ledger_entry {
    char id[UUID_SIZE];
    char checksum[SHA256_HEX_SIZE];
    const char *name; // borrowed
    int64_t started_at_ms;
};

// Each appends statements that end without a semicolon.
void ledger_sql_create(const struct ledger_table *table, struct strbuf *out);
void ledger_sql_select(const struct ledger_table *table, struct strbuf *out);
// Within the migration's own transaction, after it: a finished row.
void ledger_sql_applied(const struct ledger_table *table, const struct ledger_entry *entry,
                        struct strbuf *out);
// Before and after a migration that is no transaction.
void ledger_sql_started(const struct ledger_table *table, const struct ledger_entry *entry,
                        struct strbuf *out);
void ledger_sql_finished(const struct ledger_table *table, const struct ledger_entry *entry,
                         struct strbuf *out);
// A failure: the row that ledger_sql_started wrote gets the logs, or a row of its own is written.
void ledger_sql_failed(const struct ledger_table *table, const struct ledger_entry *entry,
                       const char *logs, bool has_row, struct strbuf *out);
// While a migration that is no transaction runs: how far it is.
void ledger_sql_progress(const struct ledger_table *table, const struct ledger_entry *entry,
                         const char *logs, struct strbuf *out);
// The end of a failed migration that was gone on with; the file may have been corrected.
void ledger_sql_resumed(const struct ledger_table *table, const struct ledger_entry *entry,
                        struct strbuf *out);
// db resolve: the failed rows of the name are rolled back; and a row that was never run.
void ledger_sql_roll_back(const struct ledger_table *table, const char *name, struct strbuf *out);
void ledger_sql_resolved(const struct ledger_table *table, const struct ledger_entry *entry,
                         struct strbuf *out);
