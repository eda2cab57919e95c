#include "migrator/driver/lock.h"

#include "base/clock.h"

int lock_wait(const struct lock *lock, struct driver *driver, int64_t timeout_ms, struct err *err)
{
    char waited[CLOCK_DURATION_SIZE];
    bool taken;
    if (lock->take(driver, 0, &taken, err))
        return -1;
    if (taken)
        return 0;
    AUTOFREE char *holder = lock->describe_holder(driver);
    clock_format_duration(timeout_ms, waited);
    driver_say(driver, "another migrator is at work: %s; waiting up to %s", holder, waited);
    if (lock->take(driver, timeout_ms, &taken, err))
        return -1;
    if (taken)
        return 0;
    free(holder);
    holder = lock->describe_holder(driver);
    err_set(err, ERR_TIMEOUT, "the lock of %s was not free within %s: held by %s", driver->place,
            waited, holder);
    return err_hint(err, "wait until that one is done, or end it with KILL and its number");
}
