#pragma once
// What `berth start` says: a line when a resource changes its state, and the output of processes,
// prefixed.

#include "orchestrator/run/supervisor.h"

struct start_output;

struct start_output *start_output_new(const struct supervisor *supervisor, bool colour);
void start_output_free(struct start_output *output); // NULL is fine
void start_output_change(struct start_output *output, const struct resource *resource);
void start_output_line(struct start_output *output, const struct resource *resource,
                       const struct log_line *line);
// An observer's on_notice that prints a line; context is not looked at.
void start_output_notice(void *context, const struct resource *resource, const char *text);
// Text made safe for a terminal: control characters go, but for colours (CSI … m).
void terminal_safe(const char *text, struct strbuf *out);
