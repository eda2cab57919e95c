#pragma once
// A place in a container's log, kept while it is followed. Engines up to 20.10 may end a followed
// log before its last lines when the container ends in the midst of much output; they keep those
// lines all the same. So the log is asked for with timestamps, which are taken off here, and after
// the end it is read on from a known place with what has been seen left out.
//
// An entry of the log is one frame of the stream: "2026-01-31T12:00:00.123456789Z the text\n", in
// the order of the log. Its two streams may be out of order in time by a little, so entries are
// counted from a place that all before it are older than.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

enum { LOG_STAMP_SIZE = 40 };

struct log_place {
    char stamp[LOG_STAMP_SIZE]; // "": none
    uint64_t count;             // entries from the stamp on that have been seen
};

// Zero-initialised is the start of a log.
struct log_cursor {
    char stamp[LOG_STAMP_SIZE]; // of the current entry
    size_t stamp_length;
    bool is_in_stamp, is_skipped;
    char newest[LOG_STAMP_SIZE];
    // Reading on starts at the older one, so that it overlaps by some entries.
    struct log_place older, newer;
    bool reads_on;
    uint64_t left_to_skip;
};

// A piece of an entry; begins: its first. Returns how many bytes at the front are not the entry's
// text: its timestamp, or all of what has been seen before.
size_t log_cursor_take(struct log_cursor *cursor, bool begins, const char *bytes, size_t length);
// Turns to reading on. Appends the engine's `since` for it, unix seconds with fraction; appends
// nothing when no entry has been seen. False when the engine's timestamps can't be made use of.
bool log_cursor_read_on(struct log_cursor *cursor, struct strbuf *since);
