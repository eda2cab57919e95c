#include "orchestrator/git/checkout.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "orchestrator/git/libgit2.h"

static char *for_people(const char *text)
{
    struct strbuf safe = STRBUF_INIT;
    utf8_add_safe(&safe, text, strlen(text));
    return strbuf_detach(&safe);
}

// "refs/heads/main" -> "main". NULL: HEAD is a commit.
static char *read_branch(git_repository *repository)
{
    static const char prefix[] = "refs/heads/";
    git_reference *head = NULL;
    char *branch = NULL;
    if (git_reference_lookup(&head, repository, "HEAD"))
        return NULL;
    const char *target = git_reference_symbolic_target(head);
    if (target && strncmp(target, prefix, sizeof prefix - 1) == 0)
        branch = for_people(target + sizeof prefix - 1);
    git_reference_free(head);
    return branch;
}

// As many digits as it takes to be the only one, 7 at least.
static char *read_commit(git_repository *repository)
{
    git_oid id;
    git_object *commit = NULL;
    git_buf digits = GIT_BUF_INIT;
    char *text = NULL;
    if (git_reference_name_to_id(&id, repository, "HEAD") ||
        git_object_lookup(&commit, repository, &id, GIT_OBJECT_COMMIT))
        return NULL;
    if (git_object_short_id(&digits, commit) == 0)
        text = mem_strdup(digits.ptr);
    git_buf_dispose(&digits);
    git_object_free(commit);
    return text;
}

// libgit2 ends the names of directories with a slash.
static char *without_slash(const char *path)
{
    const size_t length = strlen(path);
    return mem_strndup(path, length > 1 && path[length - 1] == '/' ? length - 1 : length);
}

void checkout_read(const char *path, struct checkout *out)
{
    git_repository *repository = NULL;
    struct err ignored;
    *out = (struct checkout){0};
    if (libgit2_load(&ignored) || git_libgit2_init() < 0)
        return;
    // Another user's repository is refused for what its settings may run; nothing of them is run
    // here.
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    if (git_repository_open_ext(&repository, path, 0, NULL) == 0) {
        const char *worktree = git_repository_workdir(repository);
        out->branch = read_branch(repository);
        out->commit = read_commit(repository);
        AUTOFREE char *root = worktree ? without_slash(worktree) : NULL;
        out->worktree = root ? for_people(root) : NULL;
        out->directory = without_slash(git_repository_path(repository));
        out->is_linked = git_repository_is_worktree(repository);
        git_repository_free(repository);
    }
    git_libgit2_shutdown();
}

void checkout_release(struct checkout *checkout)
{
    free(checkout->branch);
    free(checkout->commit);
    free(checkout->worktree);
    free(checkout->directory);
    *checkout = (struct checkout){0};
}

cJSON *checkout_json(const struct checkout *checkout)
{
    if (!checkout->directory)
        return NULL;
    cJSON *json = cJSON_CreateObject();
    json_add_or_null(json, "branch", checkout->branch);
    json_add_or_null(json, "commit", checkout->commit);
    json_add_or_null(json, "worktree", checkout->worktree);
    cJSON_AddBoolToObject(json, "linked", checkout->is_linked);
    return json;
}
