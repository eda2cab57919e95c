#pragma once
// A text file of the user's: read whole, and UTF-8, or the place where it is not.

#include "base/diag.h"
#include "base/err.h"

// `shown_path` is what messages call the file. Text and path are owned: text_file_release.
int text_file_read(const char *path, const char *shown_path, struct source *out,
                   struct err *err) MUST_CHECK;
void text_file_release(struct source *source);
