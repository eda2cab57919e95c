#pragma once
// What migrations are said to come from: the checkout that a directory lies in.

#include "migrator/migrator.h"

// All NULL where there is no repository. Owned by the caller. Blocks as checkout_read does.
void origin_read(const char *path, struct migrator_origin *out);
