#pragma once
// Whether the engine's machine can run what is to be made there: its processor and its memory,
// asked of the engine before anything is created.

#include "base/err.h"

struct container_needs;
struct resource;

// err: what is missing, or that the engine does not say. NULL: all is there.
typedef void container_needs_fn(struct resource *resource, const struct err *err);

// NULL: the resource's engine has no such needs, and fn will not come. Answers once, never from
// inside the call. Owned by the caller, to be freed from fn on, or before.
struct container_needs *container_needs_ask(struct resource *resource, container_needs_fn *fn);
void container_needs_free(struct container_needs *needs); // NULL is fine
