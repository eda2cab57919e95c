#include "migrator/target.h"

#include "base/file.h"

enum { LOCK_TIMEOUT_MS = 10 * 1000 };

const char *target_shown_path(const struct migrator_target *target, const char *path)
{
    return target->root ? path_below(target->root, path) : path;
}

int64_t target_lock_timeout_ms(const struct migrator_target *target)
{
    return target->lock_timeout_ms ? target->lock_timeout_ms : LOCK_TIMEOUT_MS;
}

int target_read_history(const struct migrator_target *target, struct history *out, struct err *err)
{
    struct history history = {0};
    if (history_read(target->migrations_path, &history, err))
        return -1;
    if (history_check_provider(&history, target->provider,
                               target_shown_path(target, target->migrations_path), err)) {
        history_release(&history);
        return -1;
    }
    *out = history;
    return 0;
}
