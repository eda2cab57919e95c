#pragma once
// How one database engine writes SQL. Private to migrator/sql: each engine fills a table of
// functions, render.c calls them step by step.

#include <stdbool.h>

#include "base/strbuf.h"
#include "migrator/diff/steps.h"

struct sql_writer {
    struct strbuf *out;
    const struct steps *steps;
    const struct sql_dialect *dialect;
};

struct sql_dialect {
    char quote_open, quote_close; // of identifiers; the closing one is doubled inside
    // Each appends whole statements with their semicolons and newlines; NULL: no such step.
    void (*create_schema)(struct sql_writer *writer, const struct step *step);
    void (*drop_extension)(struct sql_writer *writer, const struct step *step);
    void (*create_extension)(struct sql_writer *writer, const struct step *step);
    void (*create_enum)(struct sql_writer *writer, const struct step *step);
    void (*alter_enum)(struct sql_writer *writer, const struct step *step);
    void (*drop_enum)(struct sql_writer *writer, const struct step *step);
    void (*drop_foreign_key)(struct sql_writer *writer, const struct step *step);
    void (*add_foreign_key)(struct sql_writer *writer, const struct step *step);
    void (*rename_foreign_key)(struct sql_writer *writer, const struct step *step);
    void (*drop_index)(struct sql_writer *writer, const struct step *step);
    void (*create_index)(struct sql_writer *writer, const struct step *step);
    void (*rename_index)(struct sql_writer *writer, const struct step *step);
    void (*redefine_index)(struct sql_writer *writer, const struct step *step);
    void (*alter_table)(struct sql_writer *writer, const struct step *step);
    void (*drop_table)(struct sql_writer *writer, const struct step *step);
    void (*create_table)(struct sql_writer *writer, const struct step *step);
    void (*redefine_tables)(struct sql_writer *writer, const struct step *step);
    const char *prologue, *epilogue; // around a script that is not empty; NULL: none
};

extern const struct sql_dialect sql_postgres;
extern const struct sql_dialect sql_sqlite;
extern const struct sql_dialect sql_mysql;
extern const struct sql_dialect sql_sqlserver;

// Pieces that engines share.

static inline void sql_put(struct sql_writer *writer, const char *text)
{
    strbuf_adds(writer->out, text);
}
// An identifier, quoted.
void sql_name(struct sql_writer *writer, const char *name);
// A schema and a name, or the name alone.
void sql_qualified(struct sql_writer *writer, const char *schema, const char *name);
void sql_table(struct sql_writer *writer, const struct table *table);
// A string literal: only the quote is doubled, everything else stays as it is.
void sql_string(struct sql_writer *writer, const char *text, size_t length);
void sql_column_names(struct sql_writer *writer, const struct column *const *columns, size_t count,
                      const char *separator);
// The columns of an index with their order.
void sql_index_parts(struct sql_writer *writer, const struct index *index, const char *separator);
// " ON DELETE … ON UPDATE …"
void sql_actions(struct sql_writer *writer, const struct foreign_key *key);
// ALTER TABLE … ADD CONSTRAINT … FOREIGN KEY, a whole statement.
void sql_add_foreign_key(struct sql_writer *writer, const struct step *step);
// A scalar's type with its arguments; not of enums or unsupported types.
void sql_native_type(struct sql_writer *writer, const struct column_type *type);
// 2031-12-24 18:30:15.123 +02:00, or as RFC 3339 has it, with T and without spaces
void sql_datetime(struct sql_writer *writer, const struct value *value, bool is_rfc3339);
// base64 as hexadecimal digits
void sql_hexadecimal(struct sql_writer *writer, const struct value *value);
// A default's literal. `bytes_open` begins one of bytes: "X'", "'\\x"; its quote is closed here.
void sql_value(struct sql_writer *writer, const struct value *value, const char *bytes_open,
               bool is_rfc3339);
