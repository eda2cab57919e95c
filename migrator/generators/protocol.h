#pragma once
// One generator, spoken to as the format's community has it: JSON-RPC 2.0, a line each, requests on
// the generator's standard input, answers on its standard error. Private to migrator/generators.
// Rule: the package @prisma/generator-helper of the format's own tool.

#include "migrator/generators/blocks.h"
#include "migrator/program.h"

// Runs the program, asks for its manifest, has it generate, and ends it. `others` are all of the
// schema's. What it prints otherwise goes to callbacks->line.
int protocol_run(const struct generators_job *job, const generator_list *others,
                 const struct generator *generator, const struct program *program,
                 const struct migrator_callbacks *callbacks, struct err *err) MUST_CHECK;
