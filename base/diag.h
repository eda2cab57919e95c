#pragma once
// Diagnostics: mistakes in a user's file, all of them in one run, each with its place and the next
// step.
//
//     appsettings.json:12:17: error: unknown engine "Postgre"
//       12 |       "Engine": "Postgre",
//          |                 ^~~~~~~~~
//       hint: did you mean "Postgres"?

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "base/vec.h"

// A text with a name. Both are borrowed and outlive every span into it.
struct source {
    const char *path; // as shown to the user
    const char *text;
    size_t length;
};

// Bytes [start, end) of a source. source == NULL: no place is known (a variable, a default).
struct span {
    const struct source *source;
    size_t start, end;
};

// line and column from 1; the column counts code points
struct position {
    size_t line, column;
};
struct position source_position(const struct source *source, size_t offset);

// A place that is known, so that the search for one behind it goes on there: for many places in
// their order. Zero-initialised knows none.
struct source_line {
    const struct source *source;
    size_t number, at, column;
};
struct position source_line_position(struct source_line *line, const struct source *source,
                                     size_t offset);

enum diag_severity { DIAG_ERROR, DIAG_WARNING };

struct diag {
    enum diag_severity severity;
    struct span span;
    const char *message;
    const char *hint; // NULL: none
};

// The list owns the texts of its entries. Zero-initialised is empty.
struct diag_list {
    VEC_OF(struct diag) items;
    struct arena *arena;
    size_t error_count;
};

void diag_list_release(struct diag_list *list);
void diag_error(struct diag_list *list, struct span span, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_warning(struct diag_list *list, struct span span, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// Sets the hint of the entry added last.
void diag_hint(struct diag_list *list, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Appends one entry as shown above; colour adds ANSI sequences. What control characters the texts
// hold does not reach the terminal.
void diag_render(const struct diag *diag, bool colour, struct strbuf *out);
// The same for all entries. Of those in the order of their places, each source is read once.
void diag_render_all(const struct diag_list *list, bool colour, struct strbuf *out);
