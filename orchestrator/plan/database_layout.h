#pragma once
// Where a database's files are: schema, migrations, seeds. Rules: the workspace contract,
// section 6.
//
// database/<key>/ where that exists, so that a second database of an engine has a place of its own;
// else database/<engine>/. SchemaPath, MigrationsPath and SeedPath of the settings win. Paths are
// absolute and live in the arena.

#include "appsettings/settings.h"

struct database_layout {
    const char *directory;
    const char *schema;      // schema/ with its many files, else schema.prisma
    const char *migrations;  // need not exist
    const char *seeds;       // need not exist
    const char *seed_script; // NULL: none
};

struct database_layout database_layout(const struct settings *settings,
                                       const struct database_settings *database,
                                       struct arena *arena);
