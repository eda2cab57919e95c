#pragma once
// The password file of a container whose engine is on another machine, and can't mount it: it is
// put into the container before each start.

#include "orchestrator/docker/docker.h"
#include "provisioners/container_spec.h"

struct container_file {
    struct docker_file file; // path NULL: nothing is to be put there
    struct strbuf content;
};

// Reads what is to be put into a container of the spec. *out is owned by the caller.
int container_file_read(const struct container_spec *spec, struct container_file *out,
                        struct err *err) MUST_CHECK;
void container_file_release(struct container_file *file);
#define CONTAINER_FILE_INIT    \
    {                          \
        .content = STRBUF_INIT \
    }
#define AUTO_CONTAINER_FILE __attribute__((cleanup(container_file_release))) struct container_file
