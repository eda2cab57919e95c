#pragma once
// Lines of a block, laid out in columns: each column as wide as its widest cell (in bytes).

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"
#include "base/vec.h"

enum { FORMAT_COLUMNS = 3 };

struct format_row {
    size_t cells[FORMAT_COLUMNS]; // where each begins in the table's text
    size_t lengths[FORMAT_COLUMNS];
    size_t suffix, suffix_length; // a comment: of no column
    bool is_raw;                  // cells[0] as it is, outside of the columns
};

struct format_table {
    struct strbuf text;
    VEC_OF(struct format_row) rows;
};
#define FORMAT_TABLE_INIT    \
    {                        \
        .text = STRBUF_INIT, \
    }

void format_table_release(struct format_table *table);
// A new row, empty. Without cells it is a blank line.
void format_table_begin_row(struct format_table *table);
// What is added to the text between the two becomes a cell of the last row, or its suffix.
size_t format_table_mark(const struct format_table *table);
void format_table_set_cell(struct format_table *table, size_t column, size_t mark);
void format_table_add_suffix(struct format_table *table, const char *text, size_t length);
// A row of its own that is no part of the columns.
void format_table_add_raw(struct format_table *table, const char *text, size_t length);
// Appends the rows, each indented, and empties the table.
void format_table_render(struct format_table *table, size_t indent, struct strbuf *out);
