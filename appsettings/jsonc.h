#pragma once
// Parses JSON with comments, trailing commas and a byte order mark into a tree with spans. Goes on
// after a mistake, so that one run reports them all; takes time linear in the text.

#include <stdbool.h>

#include "appsettings/tree.h"
#include "base/arena.h"
#include "base/diag.h"

// As System.Text.Json, which reads the same files.
enum { JSONC_MAX_DEPTH = 64 };

// The tree, in the arena; never NULL. Where a value could not be read there is a broken null.
// *is_whole becomes false when brackets do not match: then members may hang in the wrong object,
// and judging them would report mistakes nobody made.
struct settings_node *jsonc_parse(const struct source *source, struct arena *arena,
                                  struct diag_list *diags, bool *is_whole);
