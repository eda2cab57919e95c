#include "orchestrator/cli/removal.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/url.h"
#include "orchestrator/run/engine_link.h"

#define INSIDE "/berth-data"

const char *removal_kind_name(enum removal_kind kind)
{
    static const char *const names[] = {"container", "volume", "directory"};
    return names[kind];
}

static void add(struct removal *removal, enum removal_kind kind, const char *name, bool runs)
{
    vec_push(&removal->items,
             (struct removal_item){.kind = kind, .name = mem_strdup(name), .runs = runs});
}

// Where it really is, links followed: only what lies in the workspace is the workspace's own.
static void add_directory(struct removal *removal, const struct plan *plan,
                          const struct plan_resource *resource)
{
    const char *path = resource->provision.data_source;
    const char *root = plan->workspace->root;
    const size_t length = strlen(root);
    AUTOFREE char *real = realpath(path, NULL);
    if (!real)
        return; // there is none
    if (strncmp(real, root, length) == 0 && real[length] == '/') {
        add(removal, REMOVAL_DIRECTORY, real, false);
        removal->items.items[removal->items.len - 1].image = resource->spec.image;
    } else {
        vec_push(&removal->left, mem_printf("%s is outside of the workspace", real));
    }
}

static void add_data(struct removal *removal, const struct plan *plan, const cJSON *volumes)
{
    const cJSON *volume;
    json_each (volume, volumes)
        add(removal, REMOVAL_VOLUME, json_string_or(volume, "Name", ""), false);
    vec_each (resource, &plan->resources) {
        if (resource->backing == BACKING_CONTAINER && resource->provision.data_is_bind)
            add_directory(removal, plan, resource);
        else if (resource->backing == BACKING_FILE && file_exists(resource->connection.database))
            vec_push(&removal->left,
                     mem_printf("%s is a file of yours", resource->connection.database));
    }
}

int removal_plan(struct inquiry *inquiry, const struct plan *plan, bool data, struct removal *out,
                 struct err *err)
{
    struct inventory inventory = {0};
    const cJSON *container;
    if (inquiry && inventory_read(inquiry, plan->workspace, &inventory, err))
        return -1;
    removal_release(out);
    json_each (container, inventory.containers)
        add(out, REMOVAL_CONTAINER, inventory_name(container), inventory_runs(container));
    if (data)
        add_data(out, plan, inventory.volumes);
    inventory_release(&inventory);
    return 0;
}

void removal_release(struct removal *removal)
{
    vec_each (item, &removal->items)
        free(item->name);
    vec_each (text, &removal->left)
        free(*text);
    vec_release(&removal->items);
    vec_release(&removal->left);
}

static int request(struct inquiry *inquiry, const char *method, const char *before,
                   const char *name, const char *after, cJSON **answer, struct err *err)
{
    AUTO_STRBUF path = STRBUF_INIT;
    strbuf_adds(&path, before);
    url_encode(name, &path);
    strbuf_adds(&path, after);
    if (inquiry_ask(inquiry, method, path.data, NULL, answer, err) == 0)
        return 0;
    return inquiry_status(inquiry) == 404 ? 0 : -1;
}

// With the time that a server needs to close its files.
static int remove_container(struct inquiry *inquiry, const struct removal_item *item,
                            struct err *err)
{
    if (item->runs && request(inquiry, "POST", "/containers/", item->name, "/stop?t=30", NULL, err))
        return -1;
    return request(inquiry, "DELETE", "/containers/", item->name, "?v=1&force=1", NULL, err);
}

static cJSON *emptying_body(const struct workspace *workspace, const struct removal_item *item)
{
    static const char *const command[] = {"sh", "-c",
                                          "rm -rf " INSIDE "/* " INSIDE "/.[!.]* " INSIDE "/..?*"};
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "Image", item->image);
    cJSON_AddItemToObject(body, "Entrypoint", cJSON_CreateStringArray(command, 3));
    cJSON_AddStringToObject(body, "User", "0");
    cJSON *labels = cJSON_AddObjectToObject(body, "Labels");
    cJSON_AddStringToObject(labels, LABEL_WORKSPACE, workspace->id);
    cJSON_AddStringToObject(labels, LABEL_PATH, workspace->root);
    cJSON_AddStringToObject(labels, LABEL_ONE_OFF, "removal");
    cJSON *host = cJSON_AddObjectToObject(body, "HostConfig");
    cJSON_AddStringToObject(host, "NetworkMode", "none");
    cJSON *mount = cJSON_CreateObject();
    cJSON_AddStringToObject(mount, "Type", "bind");
    cJSON_AddStringToObject(mount, "Source", item->name);
    cJSON_AddStringToObject(mount, "Target", INSIDE);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(host, "Mounts"), mount);
    return body;
}

static int empty_by_container(struct inquiry *inquiry, const struct workspace *workspace,
                              const struct removal_item *item, struct err *err)
{
    AUTO_JSON *body = emptying_body(workspace, item);
    AUTO_JSON *created = NULL;
    if (inquiry_ask(inquiry, "POST", "/containers/create", body, &created, err))
        return -1;
    const char *id = json_string_or(created, "Id", "");
    AUTO_JSON *ended = NULL;
    int status = request(inquiry, "POST", "/containers/", id, "/start", NULL, err) ||
                         request(inquiry, "POST", "/containers/", id, "/wait", &ended, err)
                     ? -1
                     : 0;
    struct err ignored;
    (void)!request(inquiry, "DELETE", "/containers/", id, "?v=1&force=1", NULL, &ignored);
    if (status == 0 && json_int_or(ended, "StatusCode", -1) != 0)
        status = err_set(err, ERR_FAILED, "its files could not be removed as root either");
    return status;
}

static int remove_directory(struct inquiry *inquiry, const struct workspace *workspace,
                            const struct removal_item *item, struct err *err)
{
    if (file_remove_tree(item->name, err) == 0)
        return 0;
    if (!inquiry || empty_by_container(inquiry, workspace, item, err))
        return -1;
    return file_remove_tree(item->name, err);
}

int removal_carry_out(struct inquiry *inquiry, const struct workspace *workspace,
                      const struct removal_item *item, struct err *err)
{
    switch (item->kind) {
    case REMOVAL_CONTAINER: return remove_container(inquiry, item, err);
    case REMOVAL_VOLUME: return request(inquiry, "DELETE", "/volumes/", item->name, "", NULL, err);
    default: return remove_directory(inquiry, workspace, item, err);
    }
}
