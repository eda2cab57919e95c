#pragma once
// Text that others wrote, as it may be shown on a terminal; and how much of it fits into a row.
//
// Safe text is valid UTF-8 on one line. Of control sequences it holds colours only ("CSI … m",
// ECMA-48 8.3.117), and it ends without one in force.

#include <stddef.h>

#include "base/strbuf.h"

// Appends text made safe: a tab becomes a space, what is no UTF-8 U+FFFD. Other control characters
// go, and so do whole sequences that would move the cursor, clear, set a title, or fill a
// clipboard.
void terminal_safe(const char *text, struct strbuf *out);

// The columns that safe text takes.
size_t terminal_width(const char *safe);
// Appends what fits into `columns`; "…" stands for the rest. Returns the columns taken.
size_t terminal_fit(const char *safe, size_t columns, struct strbuf *out);
// Appends all of it, with `line_end` where a row is full. Returns the number of rows, at least 1.
size_t terminal_wrap(const char *safe, size_t columns, const char *line_end, struct strbuf *out);
// How many rows that takes.
size_t terminal_rows(const char *safe, size_t columns);
