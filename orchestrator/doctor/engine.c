// The container engine: is there one that can be used, and what does it have of what is wanted?
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/url.h"
#include "orchestrator/docker/docker.h"
#include "orchestrator/doctor/examination.h"
#include "orchestrator/run/engine_link.h"

// One call at a time: the loop runs until it has answered.
struct inquiry {
    struct loop *loop;
    struct http_client *http;
    struct docker *docker;
    bool answered;
    int status;
    cJSON *json; // NULL: none
    bool failed;
    struct err err;
};

static void on_answer(void *context, const struct docker_result *result)
{
    struct inquiry *inquiry = context;
    inquiry->answered = true;
    inquiry->status = result->status;
    inquiry->json = result->json ? cJSON_Duplicate(result->json, true) : NULL;
    inquiry->failed = result->err != NULL;
    if (result->err)
        inquiry->err = *result->err;
    loop_stop(inquiry->loop);
}

static void await(struct inquiry *inquiry)
{
    inquiry->answered = false;
    while (!inquiry->answered)
        loop_run(inquiry->loop);
}

// The answer, owned by the caller; NULL: it failed, see inquiry->err and status.
static cJSON *ask(struct inquiry *inquiry, const char *path)
{
    docker_request(inquiry->docker, "GET", path, NULL, 0, on_answer, inquiry);
    await(inquiry);
    if (!inquiry->failed)
        return TAKE(inquiry->json);
    cJSON_Delete(TAKE(inquiry->json));
    return NULL;
}

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
    AUTO_JSON *version = ask(inquiry, "/version");
    if (!version) {
        fail(examination, &inquiry->err);
        return;
    }
    findings_add(examination->findings, FINDING_OK, "engine", "version %s answers at %s",
                 json_string_or(version, "Version", "?"), docker_endpoint(inquiry->docker));
    findings_add(examination->findings, FINDING_OK, "api", "%s is spoken on both sides",
                 json_string_or(version, "ApiVersion", "?"));
}

// Only where the engine is on this machine, and its directory to be seen.
static void examine_disk_of_engine(struct examination *examination, struct inquiry *inquiry)
{
    AUTO_JSON *info = ask(inquiry, "/info");
    const char *root = json_string_or(info, "DockerRootDir", "");
    const bool is_local = strncmp(docker_endpoint(inquiry->docker), "unix:", 5) == 0;
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
    AUTO_JSON *image = ask(inquiry, path.data);
    if (image) {
        findings_add(examination->findings, FINDING_OK, "image", "%s is here, for \"%s\"",
                     wanted->image, wanted->key);
    } else if (inquiry->status == 404) {
        findings_add(examination->findings, FINDING_NOTE, "image",
                     "%s is not here: the first start pulls it, for \"%s\"", wanted->image,
                     wanted->key);
        findings_remedy(examination->findings, "docker pull %s", wanted->image);
    } else {
        findings_add(examination->findings, FINDING_PROBLEM, "image", "%s: %s", wanted->image,
                     inquiry->err.message);
        findings_remedy(examination->findings, "%s", inquiry->err.hint);
    }
}

static void examine_volume(struct examination *examination, struct inquiry *inquiry,
                           const struct wanted *wanted)
{
    AUTOFREE char *path = mem_printf("/volumes/%s", wanted->volume);
    AUTO_JSON *volume = ask(inquiry, path);
    const char *major = json_string_or(json_get(volume, "Labels"), LABEL_MAJOR, "0");
    examine_version(examination, wanted, (int)strtol(major, NULL, 10));
}

static void examine_with(struct examination *examination, struct inquiry *inquiry)
{
    docker_ping(inquiry->docker, on_answer, inquiry);
    await(inquiry);
    if (inquiry->failed) {
        fail(examination, &inquiry->err);
        return;
    }
    examine_version_of_engine(examination, inquiry);
    examine_disk_of_engine(examination, inquiry);
    examination->containers = ask(inquiry, "/containers/json?all=1");
    vec_each (wanted, &examination->wanted) {
        if (!wanted->engine)
            continue;
        examine_image(examination, inquiry, wanted);
        if (wanted->volume)
            examine_volume(examination, inquiry, wanted);
    }
}

void examine_engine(struct examination *examination)
{
    struct inquiry inquiry = {.loop = loop_new()};
    struct err err;
    inquiry.http = http_client_new(inquiry.loop);
    if (docker_new(inquiry.loop, inquiry.http, &inquiry.docker, &err))
        fail(examination, &err);
    else
        examine_with(examination, &inquiry);
    docker_free(inquiry.docker);
    http_client_free(inquiry.http);
    loop_free(inquiry.loop);
}
