#pragma once
// The processes that a killed owner left: those that carry its marker, and those that the journal
// knows.

#include "orchestrator/state/journal.h"

// owner: the marker of one owner, or NULL for all before this one; its processes' markers begin
// with `prefix`. TERM, and KILL after grace_ms; blocks. store NULL: there is no journal.
void orphans_end(struct store *store, const char *prefix, const char *owner, int grace_ms);
