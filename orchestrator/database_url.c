#include "orchestrator/database_url.h"

#include <ctype.h>
#include <string.h>

#include "base/vec.h"
#include "provisioners/connection.h"

const char *environment_lookup(const struct settings *settings, char *const *environ,
                               const char *name)
{
    const size_t length = strlen(name);
    for (char *const *entry = environ; entry && *entry; entry++)
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
            return (*entry)[length + 1] ? *entry + length + 1 : NULL;
    for (size_t i = 0; i < settings->dotenv.count; i++)
        if (strcmp(settings->dotenv.items[i].name, name) == 0)
            return settings->dotenv.items[i].value[0] ? settings->dotenv.items[i].value : NULL;
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
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = names[i] ? environment_lookup(settings, environ, names[i]) : NULL;
        if (value) {
            *origin = names[i];
            return value;
        }
    }
    for (size_t i = 0; i < settings->connection_strings.count; i++)
        if (strcmp(settings->connection_strings.items[i].name, key) == 0) {
            *origin = arena_printf(arena, "ConnectionStrings.%s", key);
            return settings->connection_strings.items[i].value;
        }
    return NULL;
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
