#pragma once
// A container spec under construction; private to this room. Texts are copied into the arena, env
// and args when it is finished.

#include "base/vec.h"
#include "provisioners/engine.h"

struct spec_draft {
    const struct provision *provision;
    struct arena *arena;
    struct container_spec spec;
    VEC_OF(const char *) env;
    VEC_OF(const char *) args;
};
void spec_draft_release(struct spec_draft *draft);

// Puts a variable at its sorted place; one of the same name is replaced.
void spec_draft_add_env(struct spec_draft *draft, const char *variable);
// What the user gave, but for the names that berth decides.
int spec_draft_add_user_env(struct spec_draft *draft, const char *const *reserved,
                            struct err *err) MUST_CHECK;
void spec_draft_add_arg(struct spec_draft *draft, const char *arg);
void spec_draft_add_mount(struct spec_draft *draft, bool is_bind, const char *source,
                          const char *target, bool read_only);

// A minute to get up. Each check is a process in the container, 50 ms of a processor, for as long
// as it runs.
enum { SPEC_HEALTH_INTERVAL_S = 5, SPEC_HEALTH_RETRIES = 12 };

#define SPEC_PASSWORD_TARGET "/run/secrets/berth-password"

int spec_draft_mssql(struct spec_draft *draft, struct err *err) MUST_CHECK;
