#pragma once
// What is a secret among settings, and keeping it out of what is shown: listings mask it, and the
// texts that diagnostics quote have it blotted out.

#include <stdbool.h>

#include "base/diag.h"
#include "base/strbuf.h"

// A top-level section all of whose values are secret: Parameters, ConnectionStrings.
bool secret_section(const char *name);
// Whether a variable or setting of this name is for a secret: *PASSWORD*, *TOKEN*, *_KEY …
bool secret_name(const char *name);
// Appends the value with passwords in URLs and connection strings as "****". Returns whether there
// were any.
bool secret_mask(const char *value, struct strbuf *out);

// Overwrites the bytes of a span, whose source's text must be writable. Lines and columns stay.
void secret_blot(struct span span);
// Blots every secret value of a text in JSON, well-formed or not.
void secret_blot_json(const struct source *source);
