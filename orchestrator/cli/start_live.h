#pragma once
// `berth start` on a terminal: the live block with a row for each resource, the lines of processes
// below it, and keys.
//
// Nothing runs while nothing happens: frames are drawn after changes, at most every 50 ms, and the
// clock ticks only while something is on its way. A terminal that does not keep up gets fewer
// frames; lines that it was never shown are in the logs.

#include <stdbool.h>

#include "orchestrator/run/supervisor.h"

struct start_live;

struct start_live_actions {
    void *context;
    void (*quit)(void *context);
    const char *dashboard_url; // NULL: there is none; borrowed
};

// May the terminal be drawn on? Not with colours switched off, in the background, or without one.
bool start_live_is_possible(bool colour);
struct start_live *start_live_new(const struct supervisor *supervisor,
                                  const struct start_live_actions *actions);
// Draws the last state of things, and gives the terminal back. NULL is fine.
void start_live_free(struct start_live *live);

// Something in the block is different.
void start_live_change(struct start_live *live);
void start_live_line(struct start_live *live, const struct resource *resource,
                     const struct log_line *line);
// berth's own words, one line or several.
void start_live_say(struct start_live *live, const char *text);
