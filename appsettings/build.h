#pragma once
// Settings from texts that have been read: what settings_load does behind the files.

#include "appsettings/layers.h"
#include "appsettings/settings.h"
#include "base/diag.h"

// Settings of nothing yet. `file` is NULL when there is none; strings are copied.
struct settings *settings_new(const char *root, const char *file, const char *environment);

// Fills them. `layers` lives in settings->arena, as spans point into it.
void settings_build(struct settings *settings, struct layers *layers, char *const *environ,
                    struct diag_list *diags);
