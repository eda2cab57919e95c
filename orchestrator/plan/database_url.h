#pragma once
// Where the address of a database that berth does not run itself is looked for.

#include "appsettings/settings.h"
#include "base/arena.h"
#include "provisioners/engine.h"

// In this order (the workspace contract, section 4): the process's variables <KEY>_URI,
// ConnectionStrings__<key> and, for the primary database, <ENGINE>_URI and DATABASE_URL; the same
// in .env, but for what a variable sets to nothing; the ConnectionStrings of appsettings.json, by
// key or by DatabaseName. NULL: nowhere. *origin names the place; both borrowed.
const char *database_url_find(const struct settings *settings, const char *key, const char *engine,
                              bool is_primary, char *const *environ, struct arena *arena,
                              const char **origin);
// The key of a database that only a variable names: its engine's name in lower case. In the arena.
const char *database_key_of_engine(const char *engine, struct arena *arena);
// The engine's name in a schema's datasource and in migration_lock.toml: "postgresql", "sqlite" …
const char *database_provider(const struct engine *engine);
