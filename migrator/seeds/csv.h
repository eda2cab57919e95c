#pragma once
// CSV as RFC 4180 has it: a header line, records of fields, quotes around what holds commas, quotes
// or line ends. LF and CRLF end a line. An empty field without quotes is NULL, "" is empty text.

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "base/vec.h"

struct csv_field {
    size_t start, end; // bytes of the source, quotes included
    size_t text;       // offset of its value in the record's values
    bool is_null;
};

// One record. The values are NUL-terminated, one after the other.
struct csv_record {
    VEC_OF(struct csv_field) fields;
    struct strbuf values;
    size_t start; // byte of the source
};

struct csv_reader {
    const struct source *source; // borrowed
    size_t position;
    struct csv_record header, record; // the record: the one read last
};

// Reads the header. ERR_FAILED with file:line:col: no header, an empty or a doubled name.
int csv_open(const struct source *source, struct csv_reader *out, struct err *err) MUST_CHECK;
void csv_close(struct csv_reader *reader);
// Reads the next record: 1, 0 at the end, -1 with file:line:col in err. A record has as many fields
// as the header.
int csv_next(struct csv_reader *reader, struct err *err) MUST_CHECK;
// A field's value, NULL for NULL; borrowed until the next record.
const char *csv_value(const struct csv_record *record, size_t index);
// The column of the header that a server's message names, as "x" or named x.
bool csv_named_column(const struct csv_reader *reader, const char *message, struct csv_field *out);
