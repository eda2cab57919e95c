#pragma once
// Variables named A__B__C as a layer of settings: the .NET convention.
//
// NetScript__Databases__postgres__Port=5433 sets that member, whatever the letter case of the name;
// Command__0 is an element of an array. Only the sections berth knows take part: NetScript,
// Parameters, ConnectionStrings, Logging. Below an object with free names (Environment, Parameters)
// the rest of the name is one name, with its "__".

#include <stdbool.h>

#include "appsettings/tree.h"
#include "base/arena.h"
#include "base/diag.h"

struct setting_variable {
    const char *name, *value;
    struct span span; // of the value in .env; no source: the process's environment
};

// Whether the name is one of a section above.
bool variable_is_setting(const char *name);
// Lays the variables over the tree. Sorts them, so that elements come in order. Strings are
// borrowed and outlive the tree.
void variables_apply(struct settings_node *tree, struct setting_variable *variables, size_t count,
                     struct arena *arena, struct diag_list *diags);
