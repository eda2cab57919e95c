#pragma once
// Where a container's data lies: made where there is nothing yet, and otherwise asked which version
// of which server made it, before another one can touch it.
//
// A host directory is read from here. A volume has the version that it was made for in a label;
// where that is not the one wanted, and where a directory's files are another user's, a one-off
// container reads what is really there, as a volume may never have been filled, or been migrated.

#include "base/err.h"
#include "provisioners/engine_version.h"

struct container_data;
struct resource;

// maker: the server that made the data; its major is 0 where there is none, or every version reads
// it, or nobody can tell. err: there is no place for the data.
typedef void container_data_fn(struct resource *resource, const struct engine_version *maker,
                               const struct err *err);

// Answers once, never from inside the call. Owned by the caller, to be freed from fn on, or before.
struct container_data *container_data_prepare(struct resource *resource, container_data_fn *fn);
void container_data_free(struct container_data *data); // NULL is fine
