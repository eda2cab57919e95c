// The tables of databases and caches.
#include "appsettings/fields_tables.h"
#include "appsettings/settings.h"

static const char *const database_engines[] = {"Postgres", "Mssql", "Mysql", "Sqlite", NULL};
static const char *const database_modes[] = {"Container", "External", NULL};
static const char *const cache_engines[] = {"Redis", "Garnet", "DenoKv", NULL};
static const char *const cache_modes[] = {"Container",  "External", "Local",
                                          "Executable", "Auto",     NULL};
static const char *const seed_times[] = {"Off", "Once", "Always", NULL};

#define FIELD(name_, type_, member_, ...)                                                  \
    {                                                                                      \
        .name = (name_), .type = (type_), .offset = offsetof(RECORD, member_), __VA_ARGS__ \
    }
#define PORT .min = 1, .max = 65535

#define CONTAINER_FIELDS                                                                     \
    FIELD("Image", FIELD_TEXT, image,                                                        \
          .about = "The image's repository, a mirror for instance. Default: the engine's."), \
        FIELD("ImageTag", FIELD_TEXT, image_tag,                                             \
              .about = "The image's tag. Default: the engine's."),                           \
        FIELD("DataPath", FIELD_TEXT, data_path,                                             \
              .about = "A directory for the data, relative to the workspace. Default: a "    \
                       "volume."),                                                           \
        FIELD("Port", FIELD_INT, port, PORT,                                                 \
              .about = "The port on 127.0.0.1. Default: picked once and remembered."),       \
        FIELD("Persistent", FIELD_BOOL, persistent, .fallback = "false",                     \
              .about = "Whether the container outlives berth."),                             \
        FIELD("Description", FIELD_TEXT, description, .about = "A line for people."),        \
        FIELD("Env", FIELD_PAIRS, env, .about = "More variables for the container."),        \
        FIELD("Args", FIELD_TEXTS, args, .about = "More arguments for the server."),         \
        FIELD("MemoryLimitMb", FIELD_INT, memory_limit_mb, .min = 6, .max = 1 << 24,         \
              .about = "The container's memory, in MiB. Default: no limit.")

#define RECORD struct database_settings
static const struct field database_fields[] = {
    FIELD("Enabled", FIELD_BOOL, enabled, .fallback = "true", .about = "Whether it takes part."),
    FIELD("Engine", FIELD_CHOICE, engine, .choices = database_engines, .required = true,
          .about = "The database server, in any letter case."),
    FIELD("Mode", FIELD_CHOICE, mode, .choices = database_modes, .fallback = "Container",
          .about = "Run it in a container, or use one that runs elsewhere."),
    FIELD("DatabaseName", FIELD_TEXT, database_name, .fallback = "{name}-db",
          .about = "The database's name. Sqlite: the file's name."),
    CONTAINER_FIELDS,
    FIELD("AutoMigrate", FIELD_BOOL, auto_migrate, .fallback = "true",
          .about = "Whether `start` applies pending migrations."),
    FIELD("AutoSeed", FIELD_CHOICE, auto_seed, .choices = seed_times, .fallback = "Once",
          .about = "When `start` seeds: never, once per database, or every time."),
    FIELD("SeedMode", FIELD_TEXT, seed_mode, .fallback = "bootstrap",
          .about = "Which seeds: bootstrap, demo, test, or any name below seeds/."),
    FIELD("SchemaPath", FIELD_TEXT, schema_path,
          .about = "Schema file or directory. Default: database/<engine>/schema."),
    FIELD("MigrationsPath", FIELD_TEXT, migrations_path,
          .about = "Directory of migrations. Default: database/<engine>/migrations."),
    FIELD("SeedPath", FIELD_TEXT, seed_path,
          .about = "Directory of seeds, or a script. Default: database/<engine>/seeds."),
};
#undef RECORD
const struct field_table fields_database = FIELD_TABLE("Database", database_fields);

#define RECORD struct cache_settings
static const struct field cache_fields[] = {
    FIELD("Enabled", FIELD_BOOL, enabled, .fallback = "true", .about = "Whether it takes part."),
    FIELD("Engine", FIELD_CHOICE, engine, .choices = cache_engines, .fallback = "Redis",
          .about = "The cache server, in any letter case."),
    FIELD("Mode", FIELD_CHOICE, mode, .choices = cache_modes, .fallback = "Container",
          .about = "How it runs. Local is for DenoKv."),
    CONTAINER_FIELDS,
};
#undef RECORD
const struct field_table fields_cache = FIELD_TABLE("Cache", cache_fields);
