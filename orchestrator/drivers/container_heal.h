#pragma once
// Data that was made with another password is given the present one, and keeps everything else: the
// server is stopped, a one-off container of the same image sets the password where the data holds
// it, and the server can be started again. Killed in between, it has changed nothing, or the
// password is set.

#include <stdbool.h>

#include "base/err.h"

struct container_heal;
struct resource;

// Whether the engine has a way to do that.
bool container_heal_exists(const struct resource *resource);

// err: the password was not set; why.
typedef void container_heal_fn(struct resource *resource, const struct err *err);

// Answers once, never from inside the call, when nothing has the data open any more. Owned by the
// caller, to be freed from fn on, or before.
struct container_heal *container_heal_start(struct resource *resource, container_heal_fn *fn);
void container_heal_free(struct container_heal *heal); // NULL is fine
