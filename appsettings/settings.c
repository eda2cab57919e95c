#include "appsettings/settings.h"

#include <string.h>

#include "appsettings/build.h"
#include "appsettings/check.h"
#include "appsettings/layers.h"
#include "appsettings/read.h"
#include "appsettings/tree.h"
#include "base/file.h"
#include "base/mem.h"

static bool is_file(const char *path)
{
    return file_exists(path) && !file_is_directory(path);
}

// The directory of appsettings.json: `start` or the nearest of its parents that has one, owned by
// the caller; NULL when none has.
static char *find_upwards(const char *start)
{
    AUTOFREE char *directory = mem_strdup(start);
    for (;;) {
        AUTOFREE char *file = path_join(directory, "appsettings.json");
        if (is_file(file))
            return TAKE(directory);
        char *slash = strrchr(directory, '/');
        if (!slash || directory[1] == '\0')
            return NULL;
        slash[slash == directory] = '\0'; // the last of the parents is "/"
    }
}

// Sets *root, owned by the caller, and whether it has the file.
static int find_root(const struct settings_options *options, char **root, bool *has_file,
                     struct err *err)
{
    const char *given = options->project_root;
    AUTOFREE char *start = path_normalize(given ? given : ".");
    if (given && !file_is_directory(start))
        return err_set(err, ERR_INVALID, "%s is not a directory", start);
    AUTOFREE char *file = path_join(start, "appsettings.json");
    AUTOFREE char *found = !given ? find_upwards(start) : is_file(file) ? mem_strdup(start) : NULL;
    if (!found && !options->file_optional) {
        err_set(err, ERR_INVALID, "no appsettings.json in %s%s", start,
                given ? "" : " or a directory above");
        return err_hint(err, "--project-root DIR says where one is");
    }
    *has_file = found != NULL;
    *root = found ? TAKE(found) : TAKE(start);
    return 0;
}

struct settings *settings_new(const char *root, const char *file, const char *environment)
{
    struct arena *arena = arena_new();
    struct settings *settings = ARENA_NEW(arena, struct settings);
    settings->arena = arena;
    settings->root = arena_strdup(arena, root);
    settings->file = file ? arena_strdup(arena, file) : NULL;
    settings->environment = arena_strdup(arena, environment);
    settings->name = path_basename(settings->root);
    return settings;
}

void settings_free(struct settings *settings)
{
    if (settings)
        arena_free(settings->arena);
}

// By layer and place; those without a place last.
static int compare_places(const void *left, const void *right)
{
    const struct diag *a = left, *b = right;
    if (a->span.source != b->span.source) {
        if (!a->span.source || !b->span.source)
            return a->span.source ? -1 : 1;
        return a->span.source < b->span.source ? -1 : 1; // of one array
    }
    if (a->span.source && a->span.start != b->span.start)
        return a->span.start < b->span.start ? -1 : 1;
    return strcmp(a->message, b->message);
}

// Without a file, the tree says what settings_new has made up.
static void add_stand_in(struct settings *settings, struct settings_node *tree)
{
    struct arena *arena = settings->arena;
    struct settings_node *netscript = node_find(tree, "NetScript");
    if (!netscript) {
        netscript = node_new(arena, NODE_OBJECT);
        netscript->key = "NetScript";
        node_append(arena, tree, netscript);
    }
    if (netscript->type != NODE_OBJECT || node_find(netscript, "Name"))
        return;
    struct settings_node *name = node_new(arena, NODE_STRING);
    name->key = "Name";
    name->text = settings->name;
    node_append(arena, netscript, name);
}

void settings_build(struct settings *settings, struct layers *layers, char *const *environ,
                    struct diag_list *diags)
{
    const size_t first = diags->items.len;
    struct diag_list unheard = {0};
    layers_merge(layers, environ, settings->arena, diags);
    struct diag_list *judged = layers->is_whole ? diags : &unheard;
    if (!settings->file)
        add_stand_in(settings, layers->tree);
    settings_read(settings, layers->tree, judged);
    settings_check_records(settings, judged);
    settings_check_graph(settings, layers->tree, judged);
    settings->dotenv = layers->dotenv;
    diag_list_release(&unheard);
    if (diags->items.len > first)
        qsort(diags->items.items + first, diags->items.len - first, sizeof(struct diag),
              compare_places);
}

int settings_load(const struct settings_options *options, struct settings **out,
                  struct diag_list *diags, struct err *err)
{
    AUTOFREE char *root = NULL;
    bool has_file = false;
    if (find_root(options, &root, &has_file, err))
        return -1;
    AUTOFREE char *file = path_join(root, "appsettings.json");
    struct settings *settings =
        settings_new(root, has_file ? file : NULL, layers_environment(options->environ));
    struct layers *layers = ARENA_NEW(settings->arena, struct layers);
    if (layers_read(layers, settings->root, settings->file, settings->environment, settings->arena,
                    err)) {
        settings_free(settings);
        return -1;
    }
    settings_build(settings, layers, options->environ, diags);
    *out = settings;
    return 0;
}

const struct database_settings *settings_database(const struct settings *settings, const char *key)
{
    for (size_t i = 0; i < settings->database_count; i++)
        if (strcmp(settings->databases[i].key, key) == 0)
            return &settings->databases[i];
    return NULL;
}

const struct cache_settings *settings_cache(const struct settings *settings, const char *key)
{
    for (size_t i = 0; i < settings->cache_count; i++)
        if (strcmp(settings->caches[i].key, key) == 0)
            return &settings->caches[i];
    return NULL;
}

const struct process_settings *settings_process(const struct settings *settings, const char *key)
{
    const struct process_settings *found = NULL;
    for (size_t i = 0; i < settings->process_count; i++) {
        const struct process_settings *process = &settings->processes[i];
        if (strcmp(process->key, key) == 0 && (!found || process->enabled > found->enabled))
            found = process;
    }
    return found;
}

struct span settings_span(const struct settings_node *node, const char *member)
{
    if (!node)
        return (struct span){0};
    const struct settings_node *value = node_find(node, member);
    if (value && value->span.source)
        return value->span;
    if (!node)
        return (struct span){0};
    return node->key ? node->key_span : node->span;
}
