#pragma once
// Where the address of a database that berth does not run itself is looked for.

#include "appsettings/settings.h"
#include "base/arena.h"
#include "provisioners/engine.h"

// In this order (the workspace contract, section 4): <KEY>_URI, ConnectionStrings__<key>, for the
// primary database <ENGINE>_URI and DATABASE_URL; each in the process's environment first, then in
// .env; last the ConnectionStrings of appsettings.json. NULL: nowhere. *origin names the place,
// both borrowed.
const char *database_url_find(const struct settings *settings, const char *key, const char *engine,
                              bool is_primary, char *const *environ, struct arena *arena,
                              const char **origin);
// The key of a database that only a variable names: its engine's name in lower case. In the arena.
const char *database_key_of_engine(const char *engine, struct arena *arena);
// The value of a variable, from the environment or else .env; NULL: not set, or empty.
const char *environment_lookup(const struct settings *settings, char *const *environ,
                               const char *name);
// The engine's name in a schema's datasource and in migration_lock.toml: "postgresql", "sqlite" …
const char *database_provider(const struct engine *engine);
