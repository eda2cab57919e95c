// The container engine: is there one that can be used, and what does it have of what is wanted?
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/url.h"
#include "orchestrator/docker/inquiry.h"
#include "orchestrator/doctor/examination.h"
#include "orchestrator/run/engine_link.h"
#include "provisioners/engine_needs.h"

static bool is_needed(const struct examination *examination)
{
    if (!examination->settings)
        return true; // nobody knows
    vec_each (wanted, &examination->wanted)
        if (wanted->engine)
            return true;
    return false;
}

static void fail(struct examination *examination, const struct err *err)
{
    const bool needed = is_needed(examination);
    examination->diagnosis->misses_engine = needed;
    findings_add(examination->findings, needed ? FINDING_PROBLEM : FINDING_NOTE, "engine", "%s%s",
                 err->message, needed ? "" : " (nothing here needs one)");
    findings_remedy(examination->findings, "%s", err->hint);
}

static void examine_version_of_engine(struct examination *examination, struct inquiry *inquiry)
{
    AUTO_JSON *version = NULL;
    struct err err;
    if (inquiry_ask(inquiry, "GET", "/version", NULL, &version, &err)) {
        fail(examination, &err);
        return;
    }
    findings_add(examination->findings, FINDING_OK, "engine", "version %s answers at %s",
                 json_string_or(version, "Version", "?"), inquiry_endpoint(inquiry));
    findings_add(examination->findings, FINDING_OK, "api", "%s is spoken on both sides",
                 json_string_or(version, "ApiVersion", "?"));
}

// What a server insists on, where one is wanted that does.
static void examine_machine_of_engine(struct examination *examination, const cJSON *info)
{
    const char *architecture = json_string_or(info, "Architecture", "");
    const double memory_mb = json_number_or(info, "MemTotal", 0) / (1024 * 1024);
    vec_each (wanted, &examination->wanted) {
        struct err err;
        if (!wanted->engine || !engine_is_particular(wanted->engine))
            continue;
        if (engine_check_machine(wanted->engine, architecture, memory_mb, &err)) {
            findings_add(examination->findings, FINDING_PROBLEM, "machine", "\"%s\": %s",
                         wanted->key, err.message);
            findings_remedy(examination->findings, "%s", err.hint);
        } else {
            findings_add(examination->findings, FINDING_OK, "machine",
                         "%s with %.0f MB of memory will do for \"%s\"", architecture, memory_mb,
                         wanted->key);
        }
    }
}

// Only where the engine is on this machine, and its directory to be seen.
static void examine_disk_of_engine(struct examination *examination, const struct inquiry *inquiry,
                                   const cJSON *info)
{
    const char *root = json_string_or(info, "DockerRootDir", "");
    const bool is_local = strncmp(inquiry_endpoint(inquiry), "unix:", 5) == 0;
    if (is_local && file_is_directory(root))
        examine_disk(examination, "engine", root);
}

static void examine_image(struct examination *examination, struct inquiry *inquiry,
                          const struct wanted *wanted)
{
    AUTO_STRBUF path = STRBUF_INIT;
    strbuf_adds(&path, "/images/");
    url_encode(wanted->image, &path);
    strbuf_adds(&path, "/json");
    struct err err;
    if (inquiry_ask(inquiry, "GET", path.data, NULL, NULL, &err) == 0) {
        findings_add(examination->findings, FINDING_OK, "image", "%s is here, for \"%s\"",
                     wanted->image, wanted->key);
    } else if (inquiry_status(inquiry) == 404) {
        findings_add(examination->findings, FINDING_NOTE, "image",
                     "%s is not here: the first start pulls it, for \"%s\"", wanted->image,
                     wanted->key);
        findings_remedy(examination->findings, "docker pull %s", wanted->image);
    } else {
        findings_add(examination->findings, FINDING_PROBLEM, "image", "%s: %s", wanted->image,
                     err.message);
        findings_remedy(examination->findings, "%s", err.hint);
    }
}

static void examine_volume(struct examination *examination, struct inquiry *inquiry,
                           const struct wanted *wanted)
{
    AUTOFREE char *path = mem_printf("/volumes/%s", wanted->volume);
    struct err ignored;
    AUTO_JSON *volume = NULL;
    (void)!inquiry_ask(inquiry, "GET", path, NULL, &volume, &ignored);
    const struct engine_version maker = engine_version_parse(
        wanted->engine, json_string_or(json_get(volume, "Labels"), LABEL_VERSION, ""));
    examine_version(examination, wanted, &maker);
}

void examine_engine(struct examination *examination)
{
    struct inquiry *inquiry = NULL;
    struct err err;
    if (inquiry_open(0, &inquiry, &err)) {
        fail(examination, &err);
        return;
    }
    examine_version_of_engine(examination, inquiry);
    AUTO_JSON *info = NULL;
    struct err ignored;
    (void)!inquiry_ask(inquiry, "GET", "/info", NULL, &info, &ignored);
    examine_disk_of_engine(examination, inquiry, info);
    examine_machine_of_engine(examination, info);
    (void)!inquiry_ask(inquiry, "GET", "/containers/json?all=1", NULL, &examination->containers,
                       &err);
    vec_each (wanted, &examination->wanted) {
        if (!wanted->engine)
            continue;
        examine_image(examination, inquiry, wanted);
        if (wanted->volume)
            examine_volume(examination, inquiry, wanted);
    }
    inquiry_close(inquiry);
}
