// What is there from before: data of some version, and what a killed supervisor left.
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/doctor/examination.h"
#include "orchestrator/run/engine_link.h"
#include "orchestrator/state/identity.h"
#include "provisioners/engine_data.h"

void examine_version(struct examination *examination, const struct wanted *wanted,
                     const struct engine_version *maker)
{
    const struct engine_version asked = engine_image_version(wanted->engine, wanted->image);
    AUTO_STRBUF made_by = STRBUF_INIT;
    AUTO_STRBUF number = STRBUF_INIT;
    engine_version_print(maker, &made_by);
    engine_version_print_number(maker, &number);
    const bool is_same_server = engine_version_is_same_server(maker, &asked);
    if (maker->major <= 0 || (asked.major == 0 && is_same_server))
        return;
    if (engine_version_agrees(maker, &asked)) {
        findings_add(examination->findings, FINDING_OK, "data", "%s made the data of \"%s\"",
                     made_by.data, wanted->key);
        return;
    }
    findings_add(examination->findings, FINDING_PROBLEM, "data",
                 "%s made the data of \"%s\", and the settings ask for %s: %s", made_by.data,
                 wanted->key, wanted->image,
                 is_same_server ? "the version of the data is what runs"
                                : "neither reads the other's, and nothing runs");
    // What a start would run.
    const char *fitting =
        is_same_server ? engine_image_of_version(wanted->image, maker, examination->arena) : NULL;
    findings_remedy(examination->findings,
                    "set %s\"ImageTag\": \"%s\" for \"%s\"; or dump the data, move it away, "
                    "start, and load the dump",
                    is_same_server ? "" : "Image and ",
                    fitting ? engine_image_tag(fitting) : number.data, wanted->key);
}

static const char *name_of(const cJSON *container)
{
    const cJSON *name = cJSON_GetArrayItem(json_get(container, "Names"), 0);
    if (!cJSON_IsString(name))
        return "?";
    return name->valuestring + (name->valuestring[0] == '/');
}

static bool is_own(const struct examination *examination, const cJSON *container)
{
    return strcmp(json_string_or(json_get(container, "Labels"), LABEL_WORKSPACE, ""),
                  examination->workspace->id) == 0;
}

static bool runs(const cJSON *container)
{
    return strcmp(json_string_or(container, "State", ""), "running") == 0;
}

static void examine_users_of(struct examination *examination, const struct wanted *wanted)
{
    const cJSON *container, *mount;
    json_each (container, examination->containers) {
        if (is_own(examination, container) || !runs(container))
            continue;
        json_each (mount, json_get(container, "Mounts")) {
            if (strcmp(json_string_or(mount, "Source", ""), wanted->directory) != 0)
                continue;
            findings_add(examination->findings, FINDING_PROBLEM, "data",
                         "the container %s has the data of \"%s\" open", name_of(container),
                         wanted->key);
            findings_remedy(examination->findings,
                            "stop that one, or set another DataPath for \"%s\"", wanted->key);
        }
    }
}

void examine_directories(struct examination *examination)
{
    vec_each (wanted, &examination->wanted) {
        if (!wanted->directory)
            continue;
        const struct engine_version maker = engine_data_version(wanted->engine, wanted->directory);
        examine_version(examination, wanted, &maker);
        examine_users_of(examination, wanted);
    }
}

static const struct wanted *find_wanted(const struct examination *examination, const char *key)
{
    vec_each (wanted, &examination->wanted)
        if (strcmp(wanted->key, key) == 0)
            return wanted;
    return NULL;
}

// Without a supervisor only what is Persistent has a reason to be there.
static void examine_container(struct examination *examination, const cJSON *container)
{
    const cJSON *labels = json_get(container, "Labels");
    const char *resource = json_string_or(labels, LABEL_RESOURCE, "");
    const struct wanted *wanted = find_wanted(examination, resource);
    if (json_get(labels, LABEL_ONE_OFF) || !wanted || !wanted->persistent) {
        findings_add(examination->findings, FINDING_PROBLEM, "state",
                     "the container %s of \"%s\" is left over, and is %s", name_of(container),
                     resource, json_string_or(container, "State", "there"));
        if (wanted)
            findings_remedy(examination->findings, "`berth start` takes it over");
        else
            findings_remedy(examination->findings, "docker rm -f %s", name_of(container));
        return;
    }
    findings_add(examination->findings, FINDING_OK, "state",
                 "the container of \"%s\" is %s, as "
                 "it is Persistent",
                 resource, json_string_or(container, "State", "there"));
}

static void examine_processes(struct examination *examination)
{
    char prefix[OWNER_MARKER_SIZE];
    snprintf(prefix, sizeof prefix, "BERTH_OWNER=%s:", examination->workspace->id);
    const int count = owned_processes_signal(&(struct owned_processes){.prefix = prefix}, 0);
    if (count == 0)
        return;
    findings_add(examination->findings, FINDING_PROBLEM, "state",
                 "%d process%s of a berth that is gone still run%s", count, count == 1 ? "" : "es",
                 count == 1 ? "s" : "");
    findings_remedy(examination->findings, "`berth start` ends them first");
}

static void examine_secrets(struct examination *examination)
{
    struct stat status;
    if (stat(examination->workspace->directory, &status) || !(status.st_mode & 077))
        return;
    findings_add(examination->findings, FINDING_PROBLEM, "state",
                 "%s, which holds passwords, is open to others (mode %04o)",
                 examination->workspace->directory, status.st_mode & 07777);
    findings_remedy(examination->findings, "chmod 700 %s", examination->workspace->directory);
}

void examine_state(struct examination *examination)
{
    const struct workspace *workspace = examination->workspace;
    const cJSON *container;
    examine_secrets(examination);
    if (examination->supervisor) {
        findings_add(examination->findings, FINDING_OK, "state", "berth runs here, as process %d",
                     (int)examination->supervisor);
        return;
    }
    const pid_t dead = workspace_dead_holder(workspace);
    if (dead) {
        findings_add(examination->findings, FINDING_PROBLEM, "state",
                     "berth (process %d) was killed here, and its end is not cleaned up",
                     (int)dead);
        findings_remedy(examination->findings, "`berth start` takes over what it left");
    } else {
        findings_add(examination->findings, FINDING_OK, "state", "no berth runs here");
    }
    examine_processes(examination);
    json_each (container, examination->containers)
        if (is_own(examination, container))
            examine_container(examination, container);
}
