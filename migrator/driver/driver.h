#pragma once
// One connection to one database, for migrating and seeding. What differs between the engines is
// behind the operations of a driver; everything else is written once, above it.

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "migrator/failure.h"
#include "migrator/ledger.h"
#include "migrator/migrator.h"
#include "migrator/script/script.h"
#include "migrator/seeds/csv.h"

enum driver_mode {
    DRIVER_READ,  // makes nothing: a database or file that is missing is an error
    DRIVER_WRITE, // makes the database or the file where it is missing
};

// How a script's work is recorded. Statements without a final semicolon; NULL: none.
struct driver_book {
    const char *within; // in the file's own transaction, behind its statements
    const char *before; // where the file can't be one transaction: committed before it …
    const char *after;  // … and after it
    // Where nothing can be undone: appends what records that statement `index` is about to run.
    // NULL: nothing does.
    void (*begun)(const void *context, const struct script *script, size_t index,
                  struct strbuf *sql);
    const void *context; // of begun
};

// A row of a result, as text; NULL for NULL. Borrowed for the call.
typedef void driver_row(void *context, const char *const *values);

struct driver;

struct driver_ops {
    void (*close)(struct driver *driver);
    // The lock of all migrators of this database, until close. Never goes on without it.
    int (*lock)(struct driver *driver, int64_t timeout_ms, struct err *err);
    // SQL of our own.
    int (*execute)(struct driver *driver, const char *sql, struct err *err);
    // One statement, its rows to the callback.
    int (*query)(struct driver *driver, const char *sql, driver_row *row, void *context,
                 struct err *err);
    // A file of the user's. On failure `failure` says where and what took effect, when the file is
    // at fault (failure->happened); err alone when something else is. `rows`: written.
    int (*run)(struct driver *driver, const struct script *script, const struct driver_book *book,
               int64_t *rows, struct failure *failure, struct err *err);
    // Records of a CSV file into the table it is named after, with book->within, one transaction.
    int (*load)(struct driver *driver, const char *table, struct csv_reader *csv,
                const struct driver_book *book, int64_t *rows, struct failure *failure,
                struct err *err);
    int (*ledger_read)(struct driver *driver, struct ledger *out, struct err *err);
    // Makes the target's schema where that is missing. NULL: no such thing in this engine.
    int (*schema_create)(struct driver *driver, struct err *err);
    // The name of some table other than our own, NULL when there is none. Owned by the caller.
    int (*find_table)(struct driver *driver, char **out, struct err *err);
    // The names, for DROP INDEX, of indexes in the target's schema that a CREATE INDEX CONCURRENTLY
    // did not finish (yet): they are there, and of no use. NULL: no such thing in this engine.
    int (*find_invalid_indexes)(struct driver *driver, driver_row *row, void *context,
                                struct err *err);
    // `schemas`: others that the history makes, to be dropped as well.
    int (*drop_all)(struct driver *driver, const char *const *schemas, size_t count,
                    struct err *err);
};

struct driver {
    const struct driver_ops *ops;
    struct script_options script; // how to read files for this database
    struct ledger_table ledger;   // name: owned
    char *schema;                 // Postgres, SQL Server: the target's; NULL elsewhere
    char *place;                  // the database in messages: without a password
    const struct migrator_callbacks *callbacks; // borrowed; may be NULL
};

// Connects. *missing (may be NULL) is set when the mode is DRIVER_READ and there is no such
// database; that is then the error. *out is owned by the caller.
int driver_open(const struct migrator_target *target, const struct migrator_callbacks *callbacks,
                enum driver_mode mode, struct driver **out, bool *missing,
                struct err *err) MUST_CHECK;
void driver_close(struct driver *driver); // NULL is fine
#define AUTO_DRIVER __attribute__((cleanup(driver_cleanup))) struct driver
void driver_cleanup(struct driver **driver);

// Makes the target's schema where there is none; and the ledger's table in it.
int driver_create_schema(struct driver *driver, struct err *err) MUST_CHECK;
int driver_create_ledger(struct driver *driver, struct err *err) MUST_CHECK;

// Statements (without a final semicolon) as one transaction.
int driver_execute_transaction(struct driver *driver, const char *statements,
                               struct err *err) MUST_CHECK;

// A line for the user, through the callbacks.
void driver_say(const struct driver *driver, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Rows for what a query mostly wants: its first value (context: char **, NULL before; owned by the
// caller), and the count of its rows (context: size_t *).
driver_row driver_take_first, driver_count_row;
