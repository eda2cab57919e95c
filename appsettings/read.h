#pragma once
// From the merged tree to typed settings, by the tables.

#include "appsettings/settings.h"
#include "appsettings/tree.h"
#include "base/diag.h"

// Fills *settings, whose root, name (a stand-in) and arena are set. Types and required members are
// checked here, the rest in check.h. Defaults are added to the tree.
void settings_read(struct settings *settings, struct settings_node *tree, struct diag_list *diags);
