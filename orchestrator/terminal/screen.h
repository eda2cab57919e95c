#pragma once
// The part of the terminal that berth draws: the live block, and below it the latest lines. Older
// lines move above the block and on into the terminal's own history, where they stay as they are.
//
// It makes bytes and writes none, so what a terminal shows of them can be tested. It relies on
// little: cursor up, erase below, and autowrap off (DECAWM), so that a character whose width a
// terminal sees differently can't shift a row.

#include <stddef.h>

#include "base/strbuf.h"

struct screen;

struct screen *screen_new(void);
void screen_free(struct screen *screen); // NULL is fine

// A line to show below the block with the next frame: `prefix` and `text`, both safe
// (orchestrator/terminal/text.h). `key`, a small number, tells whose it is. Of each key's lines the
// latest SCREEN_BACKLOG between two frames count, the others are skipped, and the frame says so.
enum { SCREEN_BACKLOG = 200 };
void screen_add_line(struct screen *screen, size_t key, const char *prefix, const char *text);

// Appends what shows the block (lines that end with '\n', none wider than `columns`) and the lines.
void screen_frame(struct screen *screen, const char *block, size_t columns, size_t height,
                  struct strbuf *out);
// After a change of size, where a terminal may have wrapped or cut what was there: appends what
// clears it. The next frame draws all anew.
void screen_clear(struct screen *screen, struct strbuf *out);
// Appends what leaves the cursor below all that was drawn. The next frame begins there, with the
// block and no lines.
void screen_leave(struct screen *screen, struct strbuf *out);
