#pragma once
// Why a resource is not green, in one line: what it does or waits for, down to the cause.

#include "base/strbuf.h"
#include "orchestrator/run/resource.h"

bool reason_is_needed(const struct resource *resource); // it is not green
// Appends "waiting for api, which waits for postgres: image pull 62 %, 22 MB of 36 MB"; nothing
// when it is green.
void reason_of(const struct resource *resource, struct strbuf *out);
