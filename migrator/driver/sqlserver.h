#pragma once
// The driver of SQL Server, its own parts. A script's unit is the batch: the server is sent it as
// it lies, and counts lines from its beginning.
//
// DDL is transactional here, and transactions nest by counting: a file's own BEGIN TRAN … COMMIT is
// part of the one around it, which has the ledger's row as well. Only what a transaction cannot
// hold (ALTER DATABASE and its like) is run batch by batch.

#include "base/tds.h"
#include "migrator/driver/driver.h"

#define SQLSERVER_DEFAULT_SCHEMA "dbo"

struct sqlserver {
    struct driver driver;
    struct tds tds;
    struct tds_address address;
};

static inline struct sqlserver *sqlserver_of(struct driver *driver)
{
    return (struct sqlserver *)driver; // its first member
}

// Connects as the URL says; makes the database in DRIVER_WRITE.
int sqlserver_connect_url(const char *url, enum driver_mode mode, struct sqlserver *sqlserver,
                          bool *missing, struct err *err) MUST_CHECK;
// The settings of the session that statements of ours and of files begin with, and the database in
// use: a file may have changed both.
int sqlserver_begin_session(struct sqlserver *sqlserver, struct err *err) MUST_CHECK;

// Fills err with the last call's error; -1.
int sqlserver_fail(const struct sqlserver *sqlserver, struct err *err);
// The server's words into the failure.
void sqlserver_failure(const struct sqlserver *sqlserver, struct failure *failure);
// Is a transaction open that only a commit would make good?
int sqlserver_in_transaction(struct sqlserver *sqlserver, bool *out, struct err *err) MUST_CHECK;
// Ends whatever transaction is open. What fails at it changes nothing any more.
void sqlserver_roll_back(struct sqlserver *sqlserver);

int sqlserver_execute(struct driver *driver, const char *sql, struct err *err);
int sqlserver_query_rows(struct driver *driver, const char *sql, driver_row *row, void *context,
                         struct err *err);
int sqlserver_run(struct driver *driver, const struct script *script,
                  const struct driver_book *book, int64_t *rows, struct failure *failure,
                  struct err *err);
int sqlserver_load(struct driver *driver, const char *table, struct csv_reader *csv,
                   const struct driver_book *book, int64_t *rows, struct failure *failure,
                   struct err *err);
int sqlserver_drop_all(struct driver *driver, const char *const *schemas, size_t count,
                       struct err *err);
