#pragma once
// The engine's `filters` parameter: a JSON object of lists, percent-encoded.

#include "base/strbuf.h"

struct filter {
    const char *key, *value;
};

// The list ends with a NULL key; keys are distinct.
void filters_add(const struct filter *filters, struct strbuf *out);
