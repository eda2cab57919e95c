#include "orchestrator/plan/database_url.h"

#include <ctype.h>
#include <string.h>

#include "base/vec.h"
#include "provisioners/connection.h"

// NULL: not set. A variable that is set to nothing says so too.
static const char *find_variable(char *const *environ, const char *name)
{
    const size_t length = strlen(name);
    for (char *const *entry = environ; entry && *entry; entry++)
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
            return *entry + length + 1;
    return NULL;
}

static const char *find_pair(const struct setting_pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (strcmp(pairs->items[i].name, name) == 0)
            return pairs->items[i].value;
    return NULL;
}

const char *database_url_find(const struct settings *settings, const char *key, const char *engine,
                              bool is_primary, char *const *environ, struct arena *arena,
                              const char **origin)
{
    const char *const names[] = {
        arena_printf(arena, "%s_URI", variable_name(key, arena)),
        arena_printf(arena, "ConnectionStrings__%s", key),
        is_primary && engine ? arena_printf(arena, "%s_URI", variable_name(engine, arena)) : NULL,
        is_primary ? "DATABASE_URL" : NULL,
    };
    enum { NAME_COUNT = sizeof names / sizeof *names };
    for (size_t i = 0; i < NAME_COUNT; i++) {
        const char *value = names[i] ? find_variable(environ, names[i]) : NULL;
        if (value && *value) {
            *origin = names[i];
            return value;
        }
    }
    for (size_t i = 0; i < NAME_COUNT; i++) {
        const char *value = names[i] ? find_pair(&settings->dotenv, names[i]) : NULL;
        if (value && *value && !find_variable(environ, names[i])) {
            *origin = arena_printf(arena, "%s in .env", names[i]);
            return value;
        }
    }
    const struct database_settings *database = settings_database(settings, key);
    const char *entry = key;
    if (database && !find_pair(&settings->connection_strings, key))
        entry = database->database_name;
    *origin = arena_printf(arena, "ConnectionStrings.%s", entry);
    return find_pair(&settings->connection_strings, entry);
}

const char *database_key_of_engine(const char *engine, struct arena *arena)
{
    char *key = arena_strdup(arena, engine);
    for (char *c = key; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return key;
}

const char *database_provider(const struct engine *engine)
{
    switch (engine->id) {
    case ENGINE_POSTGRES: return "postgresql";
    case ENGINE_MYSQL: return "mysql";
    case ENGINE_MSSQL: return "sqlserver";
    case ENGINE_SQLITE: return "sqlite";
    default: return "";
    }
}
