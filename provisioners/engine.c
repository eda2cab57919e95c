#include "provisioners/engine.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

static const struct engine engines[] = {
    {ENGINE_POSTGRES, "Postgres", "postgres", "18", 5432, "postgres", false, true},
    {ENGINE_MYSQL, "Mysql", "mysql", "9", 3306, "root", false, false},
    {ENGINE_MSSQL, "Mssql", "mcr.microsoft.com/mssql/server", "2022-latest", 1433, "sa", false,
     false},
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

// Where the tag of an image reference starts, or NULL: a colon before the last slash is a
// registry's port.
static const char *image_tag(const char *image)
{
    const char *slash = strrchr(image, '/');
    const char *colon = strchr(slash ? slash : image, ':');
    return colon ? colon + 1 : NULL;
}

const char *engine_image(const struct provision *provision, struct arena *arena)
{
    const struct engine *engine = provision->engine;
    if (!engine->image)
        return NULL;
    const char *image = provision->image ? provision->image : engine->image;
    if (image_tag(image) || strchr(image, '@'))
        return arena_strdup(arena, image);
    return arena_printf(arena, "%s:%s", image, provision->tag ? provision->tag : engine->tag);
}

static int leading_number(const char *text)
{
    int number = 0;
    for (; isdigit((unsigned char)*text) && number < 10000; text++)
        number = number * 10 + (*text - '0');
    return number;
}

// Where a tag tells the version, or NULL. An extension's image leads with its own, and names the
// server's behind it: "2.14.2-pg16".
static const char *version_in_tag(const char *tag)
{
    for (const char *pg = tag; pg && (pg = strstr(pg, "pg")); pg += 2)
        if (isdigit((unsigned char)pg[2]))
            return pg + 2;
    return tag && leading_number(tag) > 0 ? tag : NULL;
}

int engine_image_major(const char *image)
{
    AUTOFREE char *name = mem_strndup(image, strcspn(image, "@")); // no digest
    const char *version = version_in_tag(image_tag(name));
    return version ? leading_number(version) : 0;
}

const char *engine_image_of_major(const char *image, int major, struct arena *arena)
{
    AUTOFREE char *name = mem_strndup(image, strcspn(image, "@"));
    const char *version = version_in_tag(image_tag(name));
    if (!version)
        return NULL;
    return arena_printf(arena, "%.*s%d%s", (int)(version - name), name, major,
                        version + strcspn(version, "-"));
}
