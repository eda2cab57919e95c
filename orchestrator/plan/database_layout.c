#include "orchestrator/plan/database_layout.h"

#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/plan/database_url.h"

static const char *below(const char *root, const char *relative, struct arena *arena)
{
    AUTOFREE char *joined = path_join(root, relative);
    AUTOFREE char *normal = path_normalize(joined);
    return arena_strdup(arena, normal);
}

// A SQLite file may lie in database/<key>/ alone: that does not make it the place of the schema.
static bool holds_layout(const char *directory)
{
    static const char *const names[] = {"schema", "schema.prisma", "migrations", "seeds",
                                        "scripts"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        AUTOFREE char *path = path_join(directory, names[i]);
        if (file_exists(path))
            return true;
    }
    return false;
}

static const char *find_directory(const struct settings *settings,
                                  const struct database_settings *database, struct arena *arena)
{
    const char *own =
        below(settings->root, arena_printf(arena, "database/%s", database->key), arena);
    if (holds_layout(own))
        return own;
    const char *engine = database_key_of_engine(database->engine, arena);
    return below(settings->root, arena_printf(arena, "database/%s", engine), arena);
}

static const char *find_schema(const char *directory, struct arena *arena)
{
    const char *many = below(directory, "schema", arena);
    const char *single = below(directory, "schema.prisma", arena);
    return !file_exists(many) && file_exists(single) ? single : many;
}

// SeedPath may name the script itself.
static const char *find_seed_script(const char *seed_path, const char *directory,
                                    struct arena *arena)
{
    static const char *const names[] = {"scripts/seed.ts", "scripts/seed.js", "scripts/seed.mjs",
                                        "scripts/seed.sh"};
    if (seed_path && file_exists(seed_path) && !file_is_directory(seed_path))
        return seed_path;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *path = below(directory, names[i], arena);
        if (file_exists(path))
            return path;
    }
    return NULL;
}

struct database_layout database_layout(const struct settings *settings,
                                       const struct database_settings *database,
                                       struct arena *arena)
{
    const char *root = settings->root;
    const char *directory = find_directory(settings, database, arena);
    const char *seeds = below(database->seed_path ? root : directory,
                              database->seed_path ? database->seed_path : "seeds", arena);
    return (struct database_layout){
        .directory = directory,
        .schema = database->schema_path ? below(root, database->schema_path, arena)
                                        : find_schema(directory, arena),
        .migrations =
            below(database->migrations_path ? root : directory,
                  database->migrations_path ? database->migrations_path : "migrations", arena),
        .seeds = seeds,
        .seed_script = find_seed_script(seeds, directory, arena),
    };
}
