#pragma once
// Opens the dashboard in the user's browser.

#include "base/err.h"
#include "orchestrator/loop/loop.h"
#include "orchestrator/state/workspace.h"

struct browser;

// By $BROWSER, else xdg-open, without waiting for it; it outlives berth. The URL's token is a
// secret, and arguments are everybody's to read: the program is given a page of the workspace
// (0600) that leads there. on_missing is called when there is no such program. *out is owned by the
// caller, and may be freed at any time.
int browser_open(struct loop *loop, const struct workspace *workspace, const char *url,
                 loop_fn *on_missing, void *context, struct browser **out,
                 struct err *err) MUST_CHECK;
void browser_free(struct browser *browser); // NULL is fine
