#pragma once
// The engines' own interactive clients, as Debian has them; SQL Server's, as Microsoft does.

#include "provisioners/engine.h"

struct client_program {
    const char *name, *package;
    const char *password_variable; // NULL: it needs none
    const char *in_container;      // where the image has it; NULL: where its PATH says
};

// NULL: no client is known.
const struct client_program *client_program_of(const struct engine *engine);
