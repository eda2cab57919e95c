#include "provisioners/engine.h"

#include <string.h>
#include <strings.h>

#include "provisioners/engine_version.h"

// Of an Engine "Mysql" whose Image is MariaDB.
#define MARIADB_TAG "11"

static const struct engine engines[] = {
    {ENGINE_POSTGRES, "Postgres", "postgres", "18", 5432, "postgres", false, true},
    {ENGINE_MYSQL, "Mysql", "mysql", "9", 3306, "root", false, true},
    {ENGINE_MSSQL, "Mssql", "mcr.microsoft.com/mssql/server", "2022-latest", 1433, "sa", false,
     true},
    {ENGINE_SQLITE, "Sqlite", NULL, NULL, 0, NULL, false, true},
    {ENGINE_REDIS, "Redis", "redis", "7", 6379, NULL, true, true},
    {ENGINE_GARNET, "Garnet", "ghcr.io/microsoft/garnet", "latest", 6379, NULL, true, false},
    {ENGINE_DENO_KV, "DenoKv", "ghcr.io/denoland/denokv", "latest", 4512, NULL, true, false},
};

const struct engine *engine_find(const char *name)
{
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
        if (!strcasecmp(engines[i].name, name))
            return &engines[i];
    }
    return NULL;
}

const struct engine *engine_of(enum engine_id id)
{
    return &engines[id];
}

const struct engine *engine_table(size_t *count)
{
    *count = sizeof engines / sizeof *engines;
    return engines;
}

// A colon before the last slash is a registry's port.
const char *engine_image_tag(const char *image)
{
    const char *slash = strrchr(image, '/');
    const char *colon = strchr(slash ? slash : image, ':');
    return colon ? colon + 1 : NULL;
}

static const char *default_tag(const struct engine *engine, const char *image)
{
    const struct engine_version version = engine_image_version(engine, image);
    const bool is_mariadb = version.server && !strcmp(version.server, "MariaDB");
    return is_mariadb ? MARIADB_TAG : engine->tag;
}

const char *engine_image(const struct provision *provision, struct arena *arena)
{
    const struct engine *engine = provision->engine;
    if (!engine->image)
        return NULL;
    const char *image = provision->image ? provision->image : engine->image;
    if (engine_image_tag(image) || strchr(image, '@'))
        return arena_strdup(arena, image);
    const char *tag = provision->tag ? provision->tag : default_tag(engine, image);
    return arena_printf(arena, "%s:%s", image, tag);
}
