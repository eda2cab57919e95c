#pragma once
// The line of a resource's output that most likely says why it ended.

#include "base/strbuf.h"
#include "orchestrator/run/resource.h"

// Appends the last line since its launch that speaks of an error, else the last one with any word
// in it; nothing when it said nothing.
void last_words(const struct resource *resource, struct strbuf *out);
