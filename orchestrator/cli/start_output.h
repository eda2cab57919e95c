#pragma once
// What `berth start` says. Plain: a line when a resource changes its state, and the output of
// processes, prefixed. On a terminal, once it is live: the block of all resources with the lines
// below it (orchestrator/cli/start_live.h).

#include "orchestrator/cli/start_live.h"
#include "orchestrator/run/supervisor.h"

struct start_output;

struct start_output *start_output_new(const struct supervisor *supervisor, bool colour);
// Gives a live terminal back. NULL is fine.
void start_output_free(struct start_output *output);
// From here on the terminal is drawn on and listened to. `actions` is copied.
void start_output_go_live(struct start_output *output, const struct start_live_actions *actions);

void start_output_change(struct start_output *output, const struct resource *resource);
void start_output_line(struct start_output *output, const struct resource *resource,
                       const struct log_line *line);
// A line to the user, or several; ends with '\n'.
void start_output_say(struct start_output *output, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// What the user has to know of a resource.
void start_output_note(struct start_output *output, const struct resource *resource,
                       const char *text);
// An observer's on_notice that prints a line; context is not looked at.
void start_output_notice(void *context, const struct resource *resource, const char *text);
