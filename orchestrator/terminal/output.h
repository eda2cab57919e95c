#pragma once
// Writes to a standard stream from the loop without ever waiting for its reader: a pager that is
// not read, or a terminal held by Ctrl-S, must not hold up the supervisor.
//
// A terminal or pipe is opened once more, since not to block belongs to the open file, which is
// shared with the shell. Files and sockets are written as they are.

#include <stddef.h>

#include "orchestrator/loop/loop.h"

struct output;

// The descriptor stays the caller's. on_drained (may be NULL) is called when what had to wait is
// written.
struct output *output_new(struct loop *loop, int fd, loop_fn *on_drained, void *context);
// Waits up to a second for what is still to be written. NULL is fine.
void output_free(struct output *output);

// Written at the end of the turn, or by output_flush.
void output_write(struct output *output, const char *bytes, size_t length);
void output_flush(struct output *output);
// A whole line with its end; while more than OUTPUT_BACKLOG_BYTES wait it is skipped and counted,
// and "… N lines skipped" takes the place of those that were.
enum { OUTPUT_BACKLOG_BYTES = 1024 * 1024 };
void output_write_line(struct output *output, const char *line);
// Bytes that are still to be written.
size_t output_waiting(const struct output *output);
