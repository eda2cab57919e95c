#pragma once
// The Postgres driver's own parts: its connection, and how results become errors and failures.

#include "base/libpq.h"
#include "base/redact.h"
#include "migrator/driver/driver.h"

struct postgres {
    struct driver driver;
    PGconn *conn;
    bool quiet; // notices are our own doing
};

static inline struct postgres *postgres_of(struct driver *driver)
{
    return (struct postgres *)driver; // its first member
}

// Connects as the URL says; makes the database in DRIVER_WRITE. Rules for the parameters: Prisma's
// own ones are left out or translated, libpq's are passed on.
int postgres_connect(const char *url, enum driver_mode mode, struct postgres *postgres,
                     bool *missing, struct err *err) MUST_CHECK;
// Settings of the session that a file may have changed: user, search_path, time limits.
int postgres_restore_session(struct postgres *postgres, struct err *err) MUST_CHECK;

// What came back for a text of SQL.
struct exchange {
    size_t completed; // statements that ran
    int64_t rows;     // written by them
    PGresult *error;  // of the first that failed; owned; NULL: none
    bool lost;        // the connection is gone
};
// Sends the text as one simple query and reads all that comes back.
void postgres_exchange(struct postgres *postgres, const char *sql, struct exchange *out);
void exchange_release(struct exchange *exchange);
// The SQLSTATE of the error; "" when there is none.
const char *exchange_code(const struct exchange *exchange);
// Is this its SQLSTATE?
bool exchange_failed_with(const struct exchange *exchange, const char *code);
// Fills err with the exchange's error; -1.
int exchange_error(const struct postgres *postgres, const struct exchange *exchange,
                   struct err *err);
// The server's words into the failure.
void postgres_failure(const PGresult *result, struct failure *failure);

int postgres_execute(struct driver *driver, const char *sql, struct err *err);
int postgres_query(struct driver *driver, const char *sql, driver_row *row, void *context,
                   struct err *err);
int postgres_run(struct driver *driver, const struct script *script, const struct driver_book *book,
                 int64_t *rows, struct failure *failure, struct err *err);
int postgres_load(struct driver *driver, const char *table, struct csv_reader *csv,
                  const struct driver_book *book, int64_t *rows, struct failure *failure,
                  struct err *err);
int postgres_drop_all(struct driver *driver, const char *const *schemas, size_t count,
                      struct err *err);
