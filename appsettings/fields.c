#include "appsettings/fields.h"

#include <string.h>
#include <strings.h>

#include "appsettings/fields_tables.h"
#include "appsettings/settings.h"
#include "base/suggest.h"
#include "base/vec.h"

#define FIELD(name_, type_, member_, ...)                                               \
    {                                                                                   \
        .name = (name_), .type = (type_), .offset = offsetof(struct settings, member_), \
        __VA_ARGS__                                                                     \
    }
#define KEPT(name_, type_, ...)                                                \
    {                                                                          \
        .name = (name_), .type = (type_), .offset = FIELD_NOWHERE, __VA_ARGS__ \
    }

static const struct field otel_fields[] = {
    FIELD("HttpEndpoint", FIELD_TEXT, otel_endpoint,
          .about = "Where telemetry is sent instead of to the dashboard, as OTLP over HTTP."),
    FIELD("Protocol", FIELD_TEXT, otel_protocol, .fallback = "http/protobuf",
          .about = "OTEL_EXPORTER_OTLP_PROTOCOL of the processes."),
};
static const struct field_table otel_table = FIELD_TABLE(NULL, otel_fields);

static const struct field deno_fields[] = {
    FIELD("Permissions", FIELD_TEXTS, deno_permissions,
          .about = "Flags for `deno run` of processes that name none."),
    FIELD("WatchMode", FIELD_BOOL, deno_watch_mode, .fallback = "false",
          .about = "Whether processes that don't say restart when their sources change."),
};
static const struct field_table deno_table = FIELD_TABLE(NULL, deno_fields);

static const struct field defaults_fields[] = {
    KEPT("Deno", FIELD_OBJECT, .fields = &deno_table, .about = "What processes run by Deno share."),
};
static const struct field_table defaults_table = FIELD_TABLE(NULL, defaults_fields);

static const struct field netscript_fields[] = {
    FIELD("Name", FIELD_TEXT, name, .required = true, .about = "The workspace's name."),
    FIELD("Version", FIELD_TEXT, version, .about = "The workspace's version."),
    FIELD("PrimaryDatabase", FIELD_TEXT, primary_database,
          .about = "The database that DATABASE_URL means. Default: the only one that is enabled."),
    FIELD("PrimaryCache", FIELD_TEXT, primary_cache,
          .about = "The cache that processes are given. Default: the only one that is enabled."),
    KEPT("Otel", FIELD_OBJECT, .fields = &otel_table, .about = "Where telemetry goes."),
    KEPT("Defaults", FIELD_OBJECT, .fields = &defaults_table, .about = "What processes share."),
    KEPT("Databases", FIELD_RECORDS, .fields = &fields_database, .about = "Databases by name."),
    KEPT("Cache", FIELD_RECORDS, .fields = &fields_cache, .about = "Caches by name."),
    KEPT("Services", FIELD_RECORDS, .fields = &fields_service, .about = "Services by name."),
    KEPT("Plugins", FIELD_RECORDS, .fields = &fields_plugin, .about = "Plugins by name."),
    KEPT("BackgroundProcessors", FIELD_RECORDS, .fields = &fields_background,
         .about = "Background processors by name."),
    KEPT("Apps", FIELD_RECORDS, .fields = &fields_app, .about = "Apps by name."),
    KEPT("Tools", FIELD_RECORDS, .fields = &fields_tool,
         .about = "Tools by name; they are started on demand only."),
};
static const struct field_table netscript_table = FIELD_TABLE(NULL, netscript_fields);

static const struct field logging_fields[] = {
    KEPT("LogLevel", FIELD_ANY, .about = "Levels by category, for .NET processes."),
};
static const struct field_table logging_table = FIELD_TABLE(NULL, logging_fields);

static const struct field root_fields[] = {
    KEPT("$schema", FIELD_TEXT, .about = "The JSON Schema of this file, for editors."),
    KEPT("Logging", FIELD_OBJECT, .fields = &logging_table, .about = "Logging of .NET processes."),
    FIELD("Parameters", FIELD_PAIRS, parameters, .about = "Values by name; secrets among them."),
    FIELD("ConnectionStrings", FIELD_PAIRS, connection_strings,
          .about = "Connection strings of databases and caches whose Mode is External."),
    KEPT("NetScript", FIELD_OBJECT, .fields = &netscript_table, .required = true,
         .about = "The workspace."),
};
static const struct field_table root_table = FIELD_TABLE(NULL, root_fields);

const struct field *fields_root(void)
{
    static const struct field root = {.name = "appsettings.json",
                                      .type = FIELD_OBJECT,
                                      .offset = FIELD_NOWHERE,
                                      .fields = &root_table,
                                      .about = "Settings of a workspace."};
    return &root;
}

const struct field *field_find(const struct field_table *table, const char *name)
{
    for (const struct field *field = table->items; field < table->items + table->count; field++)
        if (strcmp(field->name, name) == 0)
            return field;
    return NULL;
}

const struct field *field_find_any_case(const struct field_table *table, const char *name)
{
    for (const struct field *field = table->items; field < table->items + table->count; field++)
        if (strcasecmp(field->name, name) == 0)
            return field;
    for (const struct field *field = table->items; field < table->items + table->count; field++)
        if (field->old_name && strcasecmp(field->old_name, name) == 0)
            return field;
    return NULL;
}

const char *field_suggest(const struct field_table *table, const char *name)
{
    VEC_OF(const char *) names = {0};
    for (const struct field *field = table->items; field < table->items + table->count; field++)
        vec_push(&names, field->name);
    const char *nearest = suggest_nearest(name, names.items, names.len);
    vec_release(&names);
    return nearest;
}
