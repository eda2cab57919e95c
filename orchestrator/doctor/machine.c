// This machine: space on its disks, who has the ports, which programs there are.
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "orchestrator/doctor/examination.h"
#include "orchestrator/run/engine_link.h"
#include "orchestrator/state/ports.h"
#include "provisioners/client_program.h"

// A database image and its first data want about half a gigabyte.
static const int64_t least_bytes = 500000000, comfortable_bytes = 2000000000;

void examine_disk(struct examination *examination, const char *what, const char *path)
{
    struct statvfs disk;
    char free_size[SIZE_FORMAT_SIZE];
    if (statvfs(path, &disk))
        return;
    const int64_t free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    size_format(free_bytes, free_size);
    const enum finding_level level = free_bytes < least_bytes         ? FINDING_PROBLEM
                                     : free_bytes < comfortable_bytes ? FINDING_NOTE
                                                                      : FINDING_OK;
    findings_add(examination->findings, level, "disk", "%s free for the %s, at %s", free_size, what,
                 path);
    if (level == FINDING_OK)
        return;
    if (strcmp(what, "engine") == 0)
        findings_remedy(examination->findings, "`docker system df` shows what the engine keeps, "
                                               "`docker system prune` removes what is unused");
    else
        findings_remedy(examination->findings, "free some space there");
}

// The container that publishes a port; NULL: none is known to.
static const cJSON *publisher(const struct examination *examination, int port)
{
    const cJSON *container, *published;
    json_each (container, examination->containers)
        json_each (published, json_get(container, "Ports"))
            if (json_int_or(published, "PublicPort", 0) == port)
                return container;
    return NULL;
}

static void examine_port(struct examination *examination, const struct wanted *wanted)
{
    struct findings *findings = examination->findings;
    if (port_is_free(wanted->port)) {
        findings_add(findings, FINDING_OK, "port", "%d of \"%s\" is free", wanted->port,
                     wanted->key);
        return;
    }
    const cJSON *container = publisher(examination, wanted->port);
    const char *owner = json_string_or(json_get(container, "Labels"), LABEL_WORKSPACE, "");
    if (examination->supervisor || strcmp(owner, examination->workspace->id) == 0) {
        findings_add(findings, FINDING_OK, "port", "%d of \"%s\" is in use by this workspace",
                     wanted->port, wanted->key);
        return;
    }
    AUTO_STRBUF holder = STRBUF_INIT;
    const cJSON *name = cJSON_GetArrayItem(json_get(container, "Names"), 0);
    if (cJSON_IsString(name))
        strbuf_addf(&holder, "the container %s", name->valuestring + (name->valuestring[0] == '/'));
    else
        port_holder(wanted->port, &holder);
    findings_add(findings, FINDING_PROBLEM, "port", "%d of \"%s\" is taken by %s", wanted->port,
                 wanted->key, holder.data);
    findings_remedy(findings, "end that, or set another %s for \"%s\"", wanted->port_setting,
                    wanted->key);
}

void examine_ports(struct examination *examination)
{
    vec_each (wanted, &examination->wanted)
        if (wanted->port)
            examine_port(examination, wanted);
}

// As execvp(3) would find it, from the directory that it is run in.
static bool is_there(const char *program, const char *directory)
{
    if (strchr(program, '/')) {
        AUTOFREE char *path = path_join(directory, program);
        return access(path, X_OK) == 0;
    }
    const char *path = getenv("PATH");
    for (const char *at = path ? path : ""; *at;) {
        const size_t length = strcspn(at, ":");
        AUTOFREE char *place = mem_strndup(at, length);
        AUTOFREE char *file = path_join(place, program);
        if (access(file, X_OK) == 0 && !file_is_directory(file))
            return true;
        at += length + (at[length] == ':');
    }
    return false;
}

static const char *program_of(const struct process_settings *process)
{
    if (process->command.count)
        return process->command.items[0];
    return process->runtime && strcasecmp(process->runtime, "node") == 0 ? "node" : "deno";
}

static void examine_program(struct examination *examination, const struct process_settings *process)
{
    const char *program = program_of(process);
    AUTOFREE char *directory =
        path_join(examination->settings->root, process->workdir ? process->workdir : ".");
    if (is_there(program, directory)) {
        findings_add(examination->findings, FINDING_OK, "program", "%s is here, for \"%s\"",
                     program, process->key);
        return;
    }
    findings_add(examination->findings, FINDING_PROBLEM, "program",
                 "there is no program %s, which \"%s\" runs", program, process->key);
    findings_remedy(examination->findings, "install it, or set Command for \"%s\"", process->key);
}

static void examine_client(struct examination *examination, const char *name)
{
    const struct engine *engine = engine_find(name);
    const struct client_program *client = engine ? client_program_of(engine) : NULL;
    if (!client)
        return;
    if (is_there(client->name, "/")) {
        findings_add(examination->findings, FINDING_OK, "client", "%s is here, for %s",
                     client->name, engine->name);
        return;
    }
    findings_add(examination->findings, FINDING_NOTE, "client",
                 "there is no %s, which `berth connect` wants for %s", client->name, engine->name);
    findings_remedy(examination->findings, "sudo apt install %s", client->package);
}

void examine_programs(struct examination *examination)
{
    const struct settings *settings = examination->settings;
    if (!settings)
        return;
    for (size_t i = 0; i < settings->process_count; i++)
        if (settings->processes[i].enabled)
            examine_program(examination, &settings->processes[i]);
    for (size_t i = 0; i < settings->database_count; i++) {
        bool is_first = true;
        for (size_t j = 0; j < i; j++)
            is_first = is_first &&
                       strcmp(settings->databases[i].engine, settings->databases[j].engine) != 0;
        if (settings->databases[i].enabled && is_first)
            examine_client(examination, settings->databases[i].engine);
    }
    if (settings->cache_count)
        examine_client(examination, settings->caches[0].engine);
}
