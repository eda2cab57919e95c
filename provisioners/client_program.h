#pragma once
// The engines' own interactive clients, as Debian has them.

#include "provisioners/engine.h"

struct client_program {
    const char *name, *package;
    const char *password_variable; // NULL: it needs none
};

// NULL: no client is known.
const struct client_program *client_program_of(const struct engine *engine);
