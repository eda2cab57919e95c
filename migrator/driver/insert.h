#pragma once
// A CSV file into a table by INSERTs of many rows, for servers that have no better way. What the
// server refuses of a batch is found record by record. Private to the drivers.

#include "migrator/driver/driver.h"

struct insert {
    struct driver *driver;
    const char *table; // quoted, qualified
    struct csv_reader *csv;
    size_t batch_rows; // at most
    void *context;     // of add_value
    // Appends the value of a column of the header as SQL; `value` is never NULL.
    void (*add_value)(const void *context, size_t column, const char *value, struct strbuf *sql);
    // Runs one statement. -1: is_lost tells whether the server is, and describe what it said.
    int (*send)(struct driver *driver, const char *sql);
    bool (*is_lost)(const struct driver *driver);
    void (*describe)(const struct driver *driver, struct failure *failure);
};

// All records, and book->within, as one transaction between the statements `begin` and "COMMIT".
int insert_all(const struct insert *insert, const char *begin, const struct driver_book *book,
               int64_t *rows, struct failure *failure, struct err *err) MUST_CHECK;
