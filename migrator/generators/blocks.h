#pragma once
// The generator blocks of a schema. Private to migrator/generators.

#include <cjson/cJSON.h>

#include "base/vec.h"
#include "migrator/generators/generators.h"

struct generator {
    char *name, *provider, *output; // output: absolute; NULL: the generator's own default
    char *output_as_written;        // NULL: none
    const char *source_path;
    cJSON *config;   // its other settings
    cJSON *features; // previewFeatures
};
typedef VEC_OF(struct generator) generator_list;

// env("NAME") is looked up in the job's environment. ERR_FAILED: it is not set.
int generators_read(const struct generators_job *job, generator_list *out,
                    struct err *err) MUST_CHECK;
void generators_release(generator_list *generators);
