#pragma once
// "did you mean": the nearest of a set of names.

#include <stddef.h>

// The candidate nearest to `name` by edit distance (two neighbouring letters exchanged are one
// edit), letter case ignored, when it is near enough to be meant (a third of the longer name's
// length, at most 3); else NULL. Borrowed from `candidates`.
const char *suggest_nearest(const char *name, const char *const *candidates, size_t count);
