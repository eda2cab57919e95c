#pragma once
// What the tables cannot say.

#include "appsettings/settings.h"
#include "appsettings/tree.h"
#include "base/diag.h"

// Rules that a record keeps by itself.
void settings_check_records(const struct settings *settings, struct diag_list *diags);

// What records say of each other: names, ports, references. Resolves the primary database and cache
// (put into the tree, too) and the connection strings of what is External.
void settings_check_graph(struct settings *settings, struct settings_node *tree,
                          struct diag_list *diags);
