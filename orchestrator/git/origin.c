#include "orchestrator/git/origin.h"

#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/git/checkout.h"

void origin_read(const char *path, struct migrator_origin *out)
{
    struct checkout checkout;
    checkout_read(path, &checkout);
    *out = (struct migrator_origin){
        .branch = TAKE(checkout.branch),
        .commit = TAKE(checkout.commit),
        .worktree = checkout.worktree ? mem_strdup(path_basename(checkout.worktree)) : NULL};
    checkout_release(&checkout);
}
