// The tables of services, plugins, background processors, apps and tools.
#include "appsettings/fields_tables.h"
#include "appsettings/settings.h"

static const char *const app_types[] = {"app", "tauri", "task", "desktop", NULL};
static const char *const restarts[] = {"No", "OnFailure", "Always", NULL};
static const char *const saga_backends[] = {"kv", "prisma", NULL};

#define FIELD(name_, type_, member_, ...)                                                       \
    {                                                                                           \
        .name = (name_), .type = (type_), .offset = offsetof(struct process_settings, member_), \
        __VA_ARGS__                                                                             \
    }
#define NESTED(name_, ...)                                                          \
    {                                                                               \
        .name = (name_), .type = FIELD_OBJECT, .offset = FIELD_NOWHERE, __VA_ARGS__ \
    }

#define SHARED_FIELDS                                                                             \
    FIELD("Enabled", FIELD_BOOL, enabled, .fallback = "true", .about = "Whether it takes part."), \
        FIELD("Description", FIELD_TEXT, description, .about = "A line for people."),             \
        FIELD("Permissions", FIELD_TEXTS, permissions,                                            \
              .inherits = "NetScript.Defaults.Deno.Permissions",                                  \
              .about = "Flags for `deno run`. Default: those of Defaults.Deno."),                 \
        FIELD("ServiceReferences", FIELD_TEXTS, service_references,                               \
              .about = "Services it calls: it waits for them and is given their URLs."),          \
        FIELD("PluginReferences", FIELD_TEXTS, plugin_references,                                 \
              .about = "Plugins it calls: it waits for them and is given their URLs."),           \
        FIELD("HostPort", FIELD_INT, host_port, .old_name = "Port", .min = 1, .max = 65535,       \
              .about = "Its port, in the variable PORT. Default: picked once and remembered."),   \
        FIELD("Environment", FIELD_PAIRS, environment, .old_name = "Env",                         \
              .about = "More variables; those that berth generates come later."),                 \
        FIELD("Command", FIELD_TEXTS, command,                                                    \
              .about = "What to run, program and arguments, instead of what the runtime says."),  \
        FIELD("WaitFor", FIELD_TEXTS, wait_for,                                                   \
              .about = "Names of what must be healthy before it starts."),                        \
        FIELD("Restart", FIELD_CHOICE, restart, .choices = restarts, .fallback = "No",            \
              .about = "What happens after it ends."),                                            \
        FIELD("Telemetry", FIELD_BOOL, telemetry, .fallback = "true",                             \
              .about = "Whether it is given the OTEL_* variables.")

#define RUNTIME                                               \
    FIELD("Runtime", FIELD_TEXT, runtime, .fallback = "deno", \
          .about = "What runs the entrypoint: deno or node. Others take Command.")
#define ENTRYPOINT(path)                                            \
    FIELD("Entrypoint", FIELD_TEXT, entrypoint, .fallback = (path), \
          .about = "The file to run, relative to Workdir.")
#define WORKDIR(path)                                         \
    FIELD("Workdir", FIELD_TEXT, workdir, .fallback = (path), \
          .about = "Where it runs, relative to the workspace.")
#define HEALTH(...)                                                \
    FIELD("HealthCheckPath", FIELD_HEALTH_PATH, health_check_path, \
          .about = "An HTTP path that answers 2xx when it is well, or false.", __VA_ARGS__)
#define WATCH_MODE                                                                              \
    FIELD("WatchMode", FIELD_BOOL, watch_mode, .inherits = "NetScript.Defaults.Deno.WatchMode", \
          .about = "Whether it restarts when its sources change. Default: as Defaults.Deno.")
#define REQUIRES_DB                                                   \
    FIELD("RequiresDb", FIELD_BOOL, requires_db, .fallback = "false", \
          .about = "Whether it waits for the primary database and is given its URL.")
#define REQUIRES_KV                                                   \
    FIELD("RequiresKv", FIELD_BOOL, requires_kv, .fallback = "false", \
          .about = "Whether it waits for the primary cache and is given its URL.")

static const struct field service_fields[] = {
    SHARED_FIELDS,
    RUNTIME,
    ENTRYPOINT("src/main.ts"),
    WORKDIR("services/{key}"),
    WATCH_MODE,
    HEALTH(.fallback = "/health"),
};
const struct field_table fields_service = FIELD_TABLE("Service", service_fields);

static const struct field store_fields[] = {
    FIELD("Backend", FIELD_CHOICE, saga_store, .choices = saga_backends,
          .about = "Where sagas are kept, in the variable NETSCRIPT_SAGA_STORE."),
};
static const struct field_table store_table = FIELD_TABLE(NULL, store_fields);
static const struct field sagas_fields[] = {
    NESTED("Store", .fields = &store_table, .about = "The store of sagas."),
};
static const struct field_table sagas_table = FIELD_TABLE(NULL, sagas_fields);

static const struct field plugin_fields[] = {
    SHARED_FIELDS,
    RUNTIME,
    ENTRYPOINT("src/main.ts"),
    WORKDIR("plugins/{key}"),
    WATCH_MODE,
    HEALTH(.fallback = "/health"),
    REQUIRES_DB,
    REQUIRES_KV,
    NESTED("Sagas", .fields = &sagas_table, .about = "Settings of sagas."),
};
const struct field_table fields_plugin = FIELD_TABLE("Plugin", plugin_fields);

static const struct field background_fields[] = {
    SHARED_FIELDS,
    RUNTIME,
    ENTRYPOINT("bin/combined.ts"),
    WORKDIR("{key}"),
    WATCH_MODE,
    FIELD("WatchDirs", FIELD_TEXTS, watch_dirs, .about = "More directories to watch."),
    FIELD("Concurrency", FIELD_INT, concurrency, .min = 1, .max = 1 << 16,
          .about = "How many jobs at once."),
    FIELD("ConcurrencyEnvVar", FIELD_TEXT, concurrency_env_var, .fallback = "{KEY}_CONCURRENCY",
          .about = "The variable that says so."),
    REQUIRES_DB,
    REQUIRES_KV,
};
const struct field_table fields_background = FIELD_TABLE("BackgroundProcessor", background_fields);

static const struct field app_fields[] = {
    SHARED_FIELDS,
    FIELD("Type", FIELD_CHOICE, app_type, .choices = app_types, .fallback = "app",
          .about = "What kind of app it is."),
    WORKDIR("apps/{key}"),
    FIELD("TaskName", FIELD_TEXT, task_name,
          .about = "The task for `deno task`. Default: dev, but for Type task."),
    FIELD("Prebuild", FIELD_TEXT, prebuild, .about = "A task to run to its end before it starts."),
    HEALTH(.fallback = NULL),
    REQUIRES_KV,
};
const struct field_table fields_app = FIELD_TABLE("App", app_fields);

static const struct field tool_fields[] = {
    SHARED_FIELDS,
    WORKDIR("."),
    FIELD("TaskName", FIELD_TEXT, task_name, .about = "The task for `deno task`."),
    FIELD("Database", FIELD_TEXT, database, .about = "The database it is given."),
};
const struct field_table fields_tool = FIELD_TABLE("Tool", tool_fields);
