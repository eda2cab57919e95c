#pragma once
// What a name may be, by what it is a name of.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

// A record's name: up to 63 letters, digits, "_", "." and "-", the first a letter or digit. That is
// what containers, their host names, directories and paths of URLs take.
bool name_is_resource(const char *name);
// A database's name is an identifier, part of URLs and of "key=value;" strings, and with Sqlite the
// name of a file: letters (those beyond ASCII, too), digits, "_", "-", "." and "$", not beginning
// with a mark but "_".
bool name_is_database(const char *name, size_t longest_bytes);
// Letters, digits and "_", the first no digit.
bool name_is_variable(const char *name);

// "my-app" -> "MY_APP": capitals, what is neither letter nor digit becomes '_'. In the arena.
const char *name_of_variable(const char *text, struct arena *arena);
