#pragma once
// What `berth down` removes, and how: each thing that is a workspace's own.

#include <stdbool.h>

#include "orchestrator/cli/cli.h"
#include "orchestrator/plan/plan.h"
#include "orchestrator/run/inventory.h"

// A thing to remove. The kinds are removed in this order.
enum removal_kind { REMOVAL_CONTAINER, REMOVAL_VOLUME, REMOVAL_DIRECTORY };

struct removal_item {
    enum removal_kind kind;
    char *name;        // of the container or volume; the directory's path
    const char *image; // of a directory: what can remove another user's files in it; in the plan
    bool runs;
};

struct removal {
    VEC_OF(struct removal_item) items;
    VEC_OF(char *) left; // data that it does not touch, and why
};

const char *removal_kind_name(enum removal_kind kind);

// Containers; with `data` also volumes, and directories that the settings name (DataPath) where
// they lie in the workspace. inquiry NULL: without an engine. Frees what *out had before.
int removal_plan(struct inquiry *inquiry, const struct plan *plan, bool data, struct removal *out,
                 struct err *err) MUST_CHECK;
void removal_release(struct removal *removal);
// What is gone already counts as removed. A directory with files of another user is emptied by a
// container that has nothing but this directory, as root.
int removal_carry_out(struct inquiry *inquiry, const struct workspace *workspace,
                      const struct removal_item *item, struct err *err) MUST_CHECK;
