#include "provisioners/spec_draft.h"

#include <string.h>

void spec_draft_release(struct spec_draft *draft)
{
    vec_release(&draft->env);
    vec_release(&draft->args);
}

static size_t name_length(const char *variable)
{
    return strcspn(variable, "=");
}

static int compare_names(const char *left, const char *right)
{
    size_t left_length = name_length(left), right_length = name_length(right);
    size_t shorter = left_length < right_length ? left_length : right_length;
    int order = memcmp(left, right, shorter);
    return order ? order : (left_length > right_length) - (left_length < right_length);
}

// Puts a variable at its sorted place; one of the same name is replaced.
void spec_draft_add_env(struct spec_draft *draft, const char *variable)
{
    size_t at = 0;
    while (at < draft->env.len && compare_names(draft->env.items[at], variable) < 0)
        at++;
    const char *copy = arena_strdup(draft->arena, variable);
    if (at < draft->env.len && compare_names(draft->env.items[at], variable) == 0) {
        draft->env.items[at] = copy;
        return;
    }
    vec_push(&draft->env, copy);
    memmove(&draft->env.items[at + 1], &draft->env.items[at],
            (draft->env.len - 1 - at) * sizeof *draft->env.items);
    draft->env.items[at] = copy;
}

void spec_draft_add_arg(struct spec_draft *draft, const char *arg)
{
    vec_push(&draft->args, arena_strdup(draft->arena, arg));
}

void spec_draft_add_mount(struct spec_draft *draft, bool is_bind, const char *source,
                          const char *target, bool read_only)
{
    draft->spec.mounts[draft->spec.mount_count++] =
        (struct container_mount){.is_bind = is_bind,
                                 .source = arena_strdup(draft->arena, source),
                                 .target = arena_strdup(draft->arena, target),
                                 .read_only = read_only,
                                 .is_copied = is_bind && read_only && draft->provision->is_remote};
}

int spec_draft_add_user_env(struct spec_draft *draft, const char *const *reserved, struct err *err)
{
    const struct provision *provision = draft->provision;
    for (size_t i = 0; i < provision->env_count; i++) {
        const char *variable = provision->env[i];
        size_t length = name_length(variable);
        if (length == 0 || variable[length] == '\0')
            return err_set(err, ERR_INVALID, "%s: an entry of Env is not NAME=value",
                           provision->engine->name);
        for (const char *const *name = reserved; *name; name++) {
            if (strlen(*name) == length && !memcmp(*name, variable, length))
                return err_set(err, ERR_INVALID, "%s: Env may not set %s, berth decides it",
                               provision->engine->name, *name);
        }
        spec_draft_add_env(draft, variable);
    }
    return 0;
}
