#pragma once
// Waiting for the lock of all migrators where asking for it has a time-out. Private to the drivers.

#include "migrator/driver/driver.h"

struct lock {
    // Whether it was got within the time; 0 ms: at once or not.
    int (*take)(struct driver *driver, int64_t timeout_ms, bool *taken, struct err *err);
    // "connection 12 (user app …)". Owned by the caller.
    char *(*describe_holder)(struct driver *driver);
};

// ERR_TIMEOUT, with the holder's name, when it was not free in time.
int lock_wait(const struct lock *lock, struct driver *driver, int64_t timeout_ms,
              struct err *err) MUST_CHECK;
