#include "orchestrator/docker/progress.h"

#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"

// In the order in which a layer goes through them.
enum phase { PHASE_WAITING, PHASE_DOWNLOADING, PHASE_DOWNLOADED, PHASE_EXTRACTING, PHASE_DONE };

struct layer {
    enum phase phase;
    int64_t done_bytes, total_bytes; // downloaded
};

struct progress {
    struct map *layers; // id -> struct layer, owned
};

struct progress *progress_new(void)
{
    struct progress *progress = mem_alloc(sizeof *progress);
    progress->layers = map_new();
    return progress;
}

void progress_free(struct progress *progress)
{
    if (!progress)
        return;
    map_each (cursor, progress->layers)
        free(cursor.value);
    map_free(progress->layers);
    free(progress);
}

static const struct {
    const char *status;
    enum phase phase;
} statuses[] = {
    {"Pulling fs layer", PHASE_WAITING},     {"Waiting", PHASE_WAITING},
    {"Downloading", PHASE_DOWNLOADING},      {"Verifying Checksum", PHASE_DOWNLOADED},
    {"Download complete", PHASE_DOWNLOADED}, {"Extracting", PHASE_EXTRACTING},
    {"Pull complete", PHASE_DONE},           {"Already exists", PHASE_DONE},
};

// -1 for a line that is not about a layer: "Pulling from library/redis", "Digest: sha256:…".
static int phase_of(const char *status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (!strcmp(status, statuses[i].status))
            return (int)statuses[i].phase;
    return -1;
}

static struct layer *layer_get(struct progress *progress, const char *id)
{
    struct layer *layer = map_get(progress->layers, id);
    if (!layer) {
        layer = mem_alloc(sizeof *layer);
        map_put(progress->layers, id, layer);
    }
    return layer;
}

void progress_add(struct progress *progress, const cJSON *value)
{
    const char *id = json_string_or(value, "id", NULL);
    int phase = phase_of(json_string_or(value, "status", ""));
    if (!id || phase < 0)
        return;
    struct layer *layer = layer_get(progress, id);
    layer->phase = (enum phase)phase;
    const cJSON *detail = json_get(value, "progressDetail");
    int64_t current = json_int_or(detail, "current", 0), total = json_int_or(detail, "total", 0);
    if (phase == PHASE_DOWNLOADING) {
        // A download that is tried again starts from nothing; the sum does not go back.
        if (current > layer->done_bytes)
            layer->done_bytes = current;
        if (total > layer->total_bytes)
            layer->total_bytes = total;
    }
    if (layer->total_bytes < layer->done_bytes)
        layer->total_bytes = layer->done_bytes;
    if (phase >= PHASE_DOWNLOADED)
        layer->done_bytes = layer->total_bytes;
}

struct docker_progress progress_sum(const struct progress *progress)
{
    struct docker_progress sum = {0};
    size_t counts[PHASE_DONE + 1] = {0};
    map_each (cursor, progress->layers) {
        const struct layer *layer = cursor.value;
        sum.done_bytes += layer->done_bytes;
        sum.total_bytes += layer->total_bytes;
        counts[layer->phase]++;
    }
    size_t coming = counts[PHASE_WAITING] + counts[PHASE_DOWNLOADING];
    if (coming > 0)
        sum.text = counts[PHASE_DOWNLOADING] > 0 ? "Downloading" : "Waiting";
    else if (counts[PHASE_EXTRACTING] + counts[PHASE_DOWNLOADED] > 0)
        sum.text = "Extracting";
    else
        sum.text = counts[PHASE_DONE] > 0 ? "Complete" : "Waiting";
    return sum;
}

const char *progress_error(const cJSON *value)
{
    const char *error = json_string_or(value, "error", NULL);
    return json_string_or(json_get(value, "errorDetail"), "message", error);
}
