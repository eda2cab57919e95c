#pragma once
// The layers of settings, the later wins: appsettings.json, appsettings.<Environment>.json, .env,
// and the process's variables.
//
// Objects are merged member by member; arrays are replaced whole by files, and element by element
// by variables; null takes a member away.

#include <stdbool.h>

#include "appsettings/settings.h"
#include "appsettings/tree.h"
#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"

enum layer { LAYER_FILE, LAYER_ENVIRONMENT_FILE, LAYER_DOTENV, LAYER_COUNT };

struct layers {
    struct source sources[LAYER_COUNT]; // text == NULL: absent; else writable, in the arena
    struct settings_node *tree;         // an object
    struct setting_pairs dotenv;        // the entries of .env that are no settings
    // false: brackets don't match in a file, so what the tree says of structure is a guess
    bool is_whole;
};

// "Development", or what NETSCRIPT_ENVIRONMENT, DOTNET_ENVIRONMENT or ASPNETCORE_ENVIRONMENT say,
// the first that is set. A developer's machine is meant, so the default is not .NET's Production.
const char *layers_environment(char *const *environ);

// Reads the files of `root` into layers->sources; `file` is appsettings.json, NULL when there is
// none. Fails when one is there and cannot be read.
int layers_read(struct layers *layers, const char *root, const char *file, const char *environment,
                struct arena *arena, struct err *err) MUST_CHECK;

// Parses what layers->sources hold, and merges it with the variables. Secrets are blotted out of
// the texts.
void layers_merge(struct layers *layers, char *const *environ, struct arena *arena,
                  struct diag_list *diags);
