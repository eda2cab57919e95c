// A database that is a file: there is nothing to start but a directory to hold it.
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/run/resource.h"

static void launch(struct resource *resource)
{
    const char *path = resource->plan->connection.database;
    AUTOFREE char *directory = mem_strndup(path, (size_t)(path_basename(path) - path));
    struct err err;
    if (directory[0] && file_make_directories(directory, 0755, &err)) {
        resource_fail(resource, &err);
        return;
    }
    resource_raise(resource, EVENT_LAUNCHED, NULL);
}

static void stop(struct resource *resource)
{
    resource_raise(resource, EVENT_STOPPED, NULL);
}

const struct resource_driver driver_file = {.launch = launch, .stop = stop};
