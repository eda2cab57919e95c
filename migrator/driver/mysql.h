#pragma once
// The driver of MySQL and MariaDB, its own parts: its connection, and how errors become failures.
//
// No DDL can be undone here: each such statement takes effect by itself (MySQL manual 15.3.3). So a
// file that has one is run statement by statement, and what took effect is known exactly.

#include "base/libmariadb.h"
#include "migrator/driver/driver.h"

struct mysql {
    struct driver driver;
    MYSQL *conn;
    char *database;
};

static inline struct mysql *mysql_of(struct driver *driver)
{
    return (struct mysql *)driver; // its first member
}

// Connects as the URL says; makes the database in DRIVER_WRITE. Of the URL's parameters those of
// Prisma count: sslaccept, sslcert, socket, connect_timeout.
int mysql_connect_url(const char *url, enum driver_mode mode, struct mysql *mysql, bool *missing,
                      struct err *err) MUST_CHECK;
// Settings of the session that a file may have changed, and the database in use.
int mysql_restore_session(struct mysql *mysql, struct err *err) MUST_CHECK;

bool mysql_is_lost(const struct mysql *mysql);
// Is a transaction open that only a commit would make good?
bool mysql_in_transaction(const struct mysql *mysql);
// Sends one text, and reads all that comes back; -1: the connection has the error. `rows`: written,
// may be NULL.
int mysql_exchange(struct mysql *mysql, const char *sql, size_t length, int64_t *rows);
// Fills err with the connection's error; -1.
int mysql_fail(const struct mysql *mysql, struct err *err);
// The server's words into the failure.
void mysql_failure(const struct mysql *mysql, struct failure *failure);

int mysql_execute(struct driver *driver, const char *sql, struct err *err);
int mysql_query_rows(struct driver *driver, const char *sql, driver_row *row, void *context,
                     struct err *err);
int mysql_run(struct driver *driver, const struct script *script, const struct driver_book *book,
              int64_t *rows, struct failure *failure, struct err *err);
int mysql_load(struct driver *driver, const char *table, struct csv_reader *csv,
               const struct driver_book *book, int64_t *rows, struct failure *failure,
               struct err *err);
int mysql_drop_all(struct driver *driver, const char *const *schemas, size_t count,
                   struct err *err);
