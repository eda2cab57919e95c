// What the settings ask for, read without planning it: a plan would pick ports and passwords.
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/doctor/examination.h"

static bool is_container(const struct engine *engine, const char *mode)
{
    return engine->image && (strcasecmp(mode, "Container") == 0 || strcasecmp(mode, "Auto") == 0);
}

struct server {
    const char *key, *engine, *mode, *image, *tag, *data_path;
    int port;
    bool enabled, persistent;
};

static void add_server(struct examination *examination, struct store *store,
                       const struct server *server)
{
    const struct engine *engine = engine_find(server->engine);
    if (!server->enabled || !engine || !is_container(engine, server->mode))
        return;
    struct arena *arena = examination->arena;
    const struct provision provision = {
        .engine = engine, .image = server->image, .tag = server->tag};
    struct wanted wanted = {.key = server->key,
                            .engine = engine,
                            .image = engine_image(&provision, arena),
                            .port_setting = "Port",
                            .port = server->port,
                            .persistent = server->persistent};
    if (!wanted.port && store)
        wanted.port = store_port(store, server->key);
    if (server->data_path) {
        AUTOFREE char *joined = path_join(examination->settings->root, server->data_path);
        AUTOFREE char *normal = path_normalize(joined);
        wanted.directory = arena_strdup(arena, normal);
    } else {
        wanted.volume = arena_printf(arena, "%s-%s-data", server->key, examination->workspace->id);
    }
    vec_push(&examination->wanted, wanted);
}

void examine_wanted(struct examination *examination)
{
    const struct settings *settings = examination->settings;
    if (!settings)
        return;
    struct store *store = NULL;
    struct err err;
    AUTOFREE char *path = workspace_path(examination->workspace, "state.db");
    if (file_exists(path) && store_open(examination->workspace, &store, &err)) {
        findings_add(examination->findings, FINDING_PROBLEM, "state", "%s", err.message);
        findings_remedy(examination->findings, "move .berth/state.db away: ports are picked anew");
    }
    for (size_t i = 0; i < settings->database_count; i++) {
        const struct database_settings *it = &settings->databases[i];
        add_server(examination, store,
                   &(struct server){it->key, it->engine, it->mode, it->image, it->image_tag,
                                    it->data_path, it->port, it->enabled, it->persistent});
    }
    for (size_t i = 0; i < settings->cache_count; i++) {
        const struct cache_settings *it = &settings->caches[i];
        add_server(examination, store,
                   &(struct server){it->key, it->engine, it->mode, it->image, it->image_tag,
                                    it->data_path, it->port, it->enabled, it->persistent});
    }
    for (size_t i = 0; i < settings->process_count; i++) {
        const struct process_settings *it = &settings->processes[i];
        const int port = it->host_port ? it->host_port : store ? store_port(store, it->key) : 0;
        if (it->enabled && port)
            vec_push(&examination->wanted,
                     (struct wanted){.key = it->key, .port_setting = "HostPort", .port = port});
    }
    store_close(store);
}
