// Rules between records.
#include "appsettings/check.h"

#include <stdio.h>
#include <string.h>

#include "appsettings/names.h"
#include "base/map.h"
#include "base/suggest.h"
#include "base/vec.h"

enum resource_kind {
    RESOURCE_SERVICE = PROCESS_SERVICE, // processes as in their own enum
    RESOURCE_PLUGIN = PROCESS_PLUGIN,
    RESOURCE_TOOL = PROCESS_TOOL,
    RESOURCE_DATABASE,
    RESOURCE_CACHE,
    RESOURCE_ANY,
};

// What all records have in common.
struct resource {
    const char *key;
    enum resource_kind kind;
    const struct settings_node *node;
    bool enabled;
    int port; // on this machine; 0: none, or not known yet
    const char *port_member;
};

struct checker {
    struct settings *settings;
    struct settings_node *tree;
    struct diag_list *diags;
    VEC_OF(struct resource) resources;
    struct map *by_key; // struct resource; of two of the same name the enabled one
};

static const char *kind_name(enum resource_kind kind)
{
    static const char *const names[] = {"service", "plugin",  "background processor",
                                        "app",     "tool",    "database",
                                        "cache",   "resource"};
    return names[kind];
}

static void collect(struct checker *checker)
{
    const struct settings *settings = checker->settings;
    for (size_t i = 0; i < settings->database_count; i++) {
        const struct database_settings *database = &settings->databases[i];
        const bool has_port = database->mode && strcmp(database->mode, "Container") == 0;
        vec_push(&checker->resources,
                 (struct resource){database->key, RESOURCE_DATABASE, database->node,
                                   database->enabled, has_port ? database->port : 0, "Port"});
    }
    for (size_t i = 0; i < settings->cache_count; i++) {
        const struct cache_settings *cache = &settings->caches[i];
        const bool has_port = cache->mode && strcmp(cache->mode, "External") != 0;
        vec_push(&checker->resources,
                 (struct resource){cache->key, RESOURCE_CACHE, cache->node, cache->enabled,
                                   has_port ? cache->port : 0, "Port"});
    }
    for (size_t i = 0; i < settings->process_count; i++) {
        const struct process_settings *process = &settings->processes[i];
        const bool has_port = process->kind != PROCESS_TOOL;
        vec_push(&checker->resources,
                 (struct resource){process->key, (enum resource_kind)process->kind, process->node,
                                   process->enabled, has_port ? process->host_port : 0,
                                   "HostPort"});
    }
    vec_each (resource, &checker->resources) {
        const struct resource *former = map_get(checker->by_key, resource->key);
        if (!former || !former->enabled)
            map_put(checker->by_key, resource->key, resource);
    }
}

static void point_at(struct checker *checker, const struct resource *other)
{
    const struct span span = other->node->key_span;
    if (!span.source)
        return;
    struct position position = source_position(span.source, span.start);
    diag_hint(checker->diags, "the other is the %s at %s:%zu:%zu", kind_name(other->kind),
              span.source->path, position.line, position.column);
}

// Names are unique over all records as they are written in variables: "my-api" and "My_Api" would
// both be MY_API.
static void check_names(struct checker *checker)
{
    struct map *taken = map_new();
    vec_each (resource, &checker->resources) {
        const struct span span = resource->node->key_span;
        if (!name_is_resource(resource->key)) {
            diag_error(checker->diags, span, "\"%s\" cannot be the name of a %s", resource->key,
                       kind_name(resource->kind));
            diag_hint(checker->diags, "up to 63 letters, digits, \"-\", \"_\" and \".\", the first "
                                      "a letter or a digit");
        }
        if (!resource->enabled)
            continue;
        const char *name = name_of_variable(resource->key, checker->settings->arena);
        const struct resource *other = map_get(taken, name);
        if (!other) {
            map_put(taken, name, resource);
            continue;
        }
        if (strcmp(other->key, resource->key) == 0)
            diag_error(checker->diags, span, "two resources have the name \"%s\"", resource->key);
        else
            diag_error(checker->diags, span, "the names \"%s\" and \"%s\" are both %s in variables",
                       other->key, resource->key, name);
        point_at(checker, other);
    }
    map_free(taken);
}

static void check_ports(struct checker *checker)
{
    struct map *taken = map_new();
    vec_each (resource, &checker->resources) {
        if (!resource->enabled || resource->port == 0)
            continue;
        char port[16];
        snprintf(port, sizeof port, "%d", resource->port);
        const struct resource *other = map_get(taken, port);
        if (!other) {
            map_put(taken, port, resource);
            continue;
        }
        diag_warning(checker->diags, settings_span(resource->node, resource->port_member),
                     "\"%s\" and \"%s\" have the same port %s", other->key, resource->key, port);
        point_at(checker, other);
    }
    map_free(taken);
}

static void suggest_resource(struct checker *checker, const char *name, enum resource_kind kind)
{
    VEC_OF(const char *) names = {0};
    vec_each (resource, &checker->resources)
        if (kind == RESOURCE_ANY || resource->kind == kind)
            vec_push(&names, resource->key);
    const char *meant = suggest_nearest(name, names.items, names.len);
    if (meant)
        diag_hint(checker->diags, "did you mean \"%s\"?", meant);
    else if (names.len == 0 && kind != RESOURCE_ANY)
        diag_hint(checker->diags, "no %s is configured", kind_name(kind));
    vec_release(&names);
}

// A name in a record that should be one of `kind`. NULL after an error.
static const struct resource *check_reference(struct checker *checker,
                                              const struct settings_node *node,
                                              enum resource_kind kind)
{
    const struct resource *resource = map_get(checker->by_key, node->text);
    if (!resource ||
        ((kind == RESOURCE_DATABASE || kind == RESOURCE_CACHE) && resource->kind != kind)) {
        node_error(checker->diags, node, "unknown %s \"%s\"", kind_name(kind), node->text);
        suggest_resource(checker, node->text, kind);
        return NULL;
    }
    return resource;
}

static void check_references(struct checker *checker, const struct process_settings *process,
                             const char *member, enum resource_kind kind)
{
    const struct settings_node *list = node_find(process->node, member);
    if (!list || list->type != NODE_ARRAY)
        return;
    for (struct settings_node *node = list->first; node; node = node->next) {
        if (node->type != NODE_STRING || node->is_broken)
            continue;
        const struct resource *resource = check_reference(checker, node, kind);
        if (!resource)
            continue;
        if (resource->kind == RESOURCE_TOOL) {
            node_error(checker->diags, node, "\"%s\" is a tool, and tools start on demand only",
                       node->text);
        } else if (kind != RESOURCE_ANY && resource->kind != kind) {
            node_warning(checker->diags, node, "\"%s\" is a %s, not a %s", node->text,
                         kind_name(resource->kind), kind_name(kind));
            if (resource->kind == RESOURCE_SERVICE || resource->kind == RESOURCE_PLUGIN)
                diag_hint(checker->diags, "name it in \"%s\"",
                          resource->kind == RESOURCE_SERVICE ? "ServiceReferences"
                                                             : "PluginReferences");
        } else if (!resource->enabled && process->enabled) {
            node_warning(checker->diags, node, "\"%s\" is not enabled; \"%s\" gets on without it",
                         node->text, process->key);
        }
    }
}

static void check_process(struct checker *checker, const struct process_settings *process)
{
    check_references(checker, process, "ServiceReferences", RESOURCE_SERVICE);
    check_references(checker, process, "PluginReferences", RESOURCE_PLUGIN);
    check_references(checker, process, "WaitFor", RESOURCE_ANY);
    if (process->database)
        check_reference(checker, node_find(process->node, "Database"), RESOURCE_DATABASE);
}

static const char *connection_string(const struct settings_node *strings, const char *mode,
                                     const char *key, const char *database_name)
{
    if (!mode || strcmp(mode, "External") != 0)
        return NULL;
    const struct settings_node *node = node_find_any_case(strings, key);
    if (!node && database_name)
        node = node_find_any_case(strings, database_name);
    return node ? node->text : NULL;
}

static void resolve_connection_strings(struct checker *checker)
{
    struct settings *settings = checker->settings;
    const struct settings_node *strings = node_find(checker->tree, "ConnectionStrings");
    for (size_t i = 0; i < settings->database_count; i++) {
        struct database_settings *database = &settings->databases[i];
        database->connection_string =
            connection_string(strings, database->mode, database->key, database->database_name);
    }
    for (size_t i = 0; i < settings->cache_count; i++) {
        struct cache_settings *cache = &settings->caches[i];
        cache->connection_string = connection_string(strings, cache->mode, cache->key, NULL);
    }
}

// The one that is named; else the only one that is enabled; of several the first, and a warning.
static const char *resolve_primary(struct checker *checker, enum resource_kind kind,
                                   const char *member, const char *section)
{
    struct settings_node *netscript = node_find(checker->tree, "NetScript");
    struct settings_node *named = node_find(netscript, member);
    if (named && named->type == NODE_STRING && named->text[0]) {
        const struct resource *resource = check_reference(checker, named, kind);
        if (resource && !resource->enabled)
            node_error(checker->diags, named, "the primary %s \"%s\" is not enabled",
                       kind_name(kind), named->text);
        return resource ? resource->key : NULL;
    }
    const struct resource *first = NULL;
    size_t count = 0;
    vec_each (resource, &checker->resources) {
        if (resource->kind != kind || !resource->enabled)
            continue;
        first = first ? first : resource;
        count++;
    }
    if (!first)
        return NULL;
    if (count > 1) {
        diag_warning(checker->diags, node_find(netscript, section)->key_span,
                     "of %zu %ss \"%s\" is taken for the primary one, as it is the first", count,
                     kind_name(kind), first->key);
        diag_hint(checker->diags, "say so by \"%s\": \"%s\"", member, first->key);
    }
    struct settings_node *node = node_new(checker->settings->arena, NODE_STRING);
    node->text = first->key;
    node->key = member;
    if (named)
        node_assign(named, node);
    else
        node_append(checker->settings->arena, netscript, node);
    return first->key;
}

void settings_check_graph(struct settings *settings, struct settings_node *tree,
                          struct diag_list *diags)
{
    struct checker checker = {
        .settings = settings, .tree = tree, .diags = diags, .by_key = map_new()};
    collect(&checker);
    check_names(&checker);
    check_ports(&checker);
    for (size_t i = 0; i < settings->process_count; i++)
        check_process(&checker, &settings->processes[i]);
    resolve_connection_strings(&checker);
    settings->primary_database =
        resolve_primary(&checker, RESOURCE_DATABASE, "PrimaryDatabase", "Databases");
    settings->primary_cache = resolve_primary(&checker, RESOURCE_CACHE, "PrimaryCache", "Cache");
    vec_release(&checker.resources);
    map_free(checker.by_key);
}
