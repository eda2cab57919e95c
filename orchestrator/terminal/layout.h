#pragma once
// The live block as rows of text: a pure function of what there is to show and how much room there
// is.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

enum live_tone { LIVE_QUIET, LIVE_BUSY, LIVE_GOOD, LIVE_UNWELL, LIVE_BAD };

// One resource. Texts are borrowed, and safe (orchestrator/terminal/text.h).
struct live_row {
    const char *name, *state;
    const char *health; // NULL: none
    const char *detail; // its endpoint, or what it waits for; NULL: none
    enum live_tone tone;
    int64_t elapsed_ms;  // -1: nothing to tell
    int64_t done, total; // its progress; total 0: none
    const char *unit;    // "bytes", or what is counted
};

struct live_view {
    const struct live_row *rows;
    size_t count;
    size_t selected;    // index of the row that keys act on; count: none
    const char *footer; // below the rows; NULL: none
    size_t columns, lines_max;
};

// Appends lines, each ended by '\n' and none wider than `columns`. Returns how many: at most
// lines_max. Where there is not room for all, those that are up give way to the others.
size_t live_layout(const struct live_view *view, struct strbuf *out);
