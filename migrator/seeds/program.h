#pragma once
// A seed that is a program: seed.ts and the like, with the mode as its argument.

#include "base/err.h"
#include "migrator/migrator.h"

// Runs it to its end with the seed's environment and working directory; its output goes to the
// callbacks line by line. ERR_FAILED: nothing here can run it, or it ended with a failure.
int seed_program_run(const struct migrator_seed *seed, const struct migrator_callbacks *callbacks,
                     struct err *err) MUST_CHECK;
