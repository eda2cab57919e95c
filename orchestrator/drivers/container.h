#pragma once
// What the engine link tells the container driver.

#include <cjson/cJSON.h>
#include <stdbool.h>

struct resource;

// One event of the resource's container ("die", "oom", "destroy" …), as the engine sends it.
void driver_container_event(struct resource *resource, const cJSON *event);
// The engine does not answer any more (why), or does again: then what the resource's container did
// meanwhile is looked at.
void driver_container_engine(struct resource *resource, bool answers, const char *why);
