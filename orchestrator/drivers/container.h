#pragma once
// What the engine link tells the container driver.

#include <cjson/cJSON.h>

struct resource;

// One event of the resource's container ("die", "oom", "destroy" …), as the engine sends it.
void driver_container_event(struct resource *resource, const cJSON *event);
