#pragma once
// Containers that a killed owner was to end, as the journal says, and that nothing in this run
// wants: they are stopped, and removed where they were to go. What the run wants is adopted by its
// resource instead.

#include <stdbool.h>

struct leftovers;
struct supervisor;

// NULL: there are none. Begins once the engine can be used; where it can't, the journal keeps them
// for the next owner. Owned by the caller.
struct leftovers *leftovers_end(struct supervisor *supervisor);
bool leftovers_are_ending(const struct leftovers *leftovers); // false for NULL
void leftovers_free(struct leftovers *leftovers);             // NULL is fine
