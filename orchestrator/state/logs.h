#pragma once
// What resources print, kept on disk across runs: .berth/logs/NAME.<position>.log, two segments of
// 4 MiB. Lines that come in one piece of output are written in one piece.
//
// A line is stored as "<RFC 3339 time> <out|err|sys> <text>". Its id is the position of its end in
// all that the resource ever printed, so "what came after id" stays true when an old segment goes.
// Secrets are replaced before anything is written, and so is what is no UTF-8.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/redact.h"

enum log_stream {
    LOG_SYSTEM,
    LOG_STDOUT,
    LOG_STDERR
}; // LOG_SYSTEM: berth's own words on the resource

struct log_line {
    int64_t id;
    const char *time; // RFC 3339, NUL-terminated
    enum log_stream stream;
    const char *text; // without its line end, NUL-terminated
};
// Borrowed for the call; return false to end reading.
typedef bool log_line_fn(void *context, const struct log_line *line);

struct log;

// `on_line` hears of every line as it is written; may be NULL. `redactor` is borrowed.
int log_open(const char *directory, const char *resource, const struct redactor *redactor,
             log_line_fn *on_line, void *context, struct log **out, struct err *err) MUST_CHECK;
void log_close(struct log *log); // NULL is fine; an unfinished line is written
// Any piece of output; lines are cut at 16 KiB.
void log_append(struct log *log, enum log_stream stream, const char *bytes, size_t length);
// Writes what is left of unfinished lines.
void log_flush(struct log *log);

// At most `limit` lines after id `after`, the oldest first; after 0: the last `limit` lines. *next
// is the id to go on from; where it is less than `after`, the log was removed and numbered anew.
// Where what came after `after` has gone, the first line is one of berth's own that says how much.
// Returns the number of lines; 0 where there is no such log.
size_t log_read(const char *directory, const char *resource, int64_t after, size_t limit,
                log_line_fn *fn, void *context, int64_t *next);
