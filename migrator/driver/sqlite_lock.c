#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#include "base/clock.h"
#include "migrator/driver/sqlite.h"

enum { RETRY_MS = 25 };

struct wait {
    int64_t timeout_ms, deadline_ms;
    bool said;
};

// Says once who is in the way, and sleeps a moment; -1 when the time is over.
static int wait_a_moment(struct sqlite *sqlite, enum sqlite_lock_type type, struct wait *wait,
                         struct err *err)
{
    AUTOFREE char *holder = sqlite_describe_holder(sqlite->path, type);
    if (clock_monotonic_ms() >= wait->deadline_ms) {
        char waited[CLOCK_DURATION_SIZE];
        clock_format_duration(wait->timeout_ms, waited);
        err_set(err, ERR_TIMEOUT, "%s was not free within %s: in use by %s", sqlite->path, waited,
                holder);
        return err_hint(err, "stop what has the file open, or wait until it is done");
    }
    if (!wait->said)
        driver_say(&sqlite->driver, "%s is in use by %s; waiting", sqlite->path, holder);
    wait->said = true;
    nanosleep(&(struct timespec){.tv_nsec = RETRY_MS * 1000000L}, NULL);
    return 0;
}

// Among berth's own. 1: the file system has no such locks.
static int lock_file(struct sqlite *sqlite, struct wait *wait, struct err *err)
{
    sqlite->lock_fd = open(sqlite->path, O_RDONLY | O_CREAT | O_CLOEXEC, 0644);
    if (sqlite->lock_fd < 0)
        return err_set_errno(err, "cannot open %s", sqlite->path);
    while (flock(sqlite->lock_fd, LOCK_EX | LOCK_NB)) {
        if (errno != EWOULDBLOCK)
            return 1;
        if (wait_a_moment(sqlite, SQLITE_LOCK_OF_BERTH, wait, err))
            return -1;
    }
    return 0;
}

static int execute_patiently(struct sqlite *sqlite, const char *sql, struct wait *wait,
                             struct err *err)
{
    int code;
    while ((code = sqlite3_exec(sqlite->db, sql, NULL, NULL, NULL)) == SQLITE_BUSY) {
        if (sqlite_in_transaction(sqlite))
            sqlite_roll_back(sqlite);
        if (wait_a_moment(sqlite, SQLITE_LOCK_OF_SQLITE, wait, err))
            return -1;
    }
    return code == SQLITE_OK ? 0 : sqlite_error(sqlite, err);
}

// Two locks make one. Prisma's engine takes the file in locking_mode EXCLUSIVE for its session:
//
// - In a rollback journal so do we. The mode keeps the lock from the first transaction on.
// - In WAL mode that would need everybody else's connection gone, a running service's too. There
//   flock keeps other berths away, and Prisma's engine can't go exclusive while we are connected.
int sqlite_lock(struct driver *driver, int64_t timeout_ms, struct err *err)
{
    struct sqlite *sqlite = sqlite_of(driver);
    struct wait wait = {.timeout_ms = timeout_ms, .deadline_ms = clock_monotonic_ms() + timeout_ms};
    AUTOFREE char *journal = NULL;
    const int locked = lock_file(sqlite, &wait, err);
    if (locked < 0)
        return -1;
    sqlite3_busy_timeout(sqlite->db, 0);
    if (execute_patiently(sqlite, "BEGIN; SELECT 1 FROM sqlite_master; ROLLBACK", &wait, err) ||
        sqlite_query(driver, "PRAGMA main.journal_mode", driver_take_first, &journal, err))
        return -1;
    const bool shared = locked == 0 && journal && strcmp(journal, "wal") == 0;
    if (!shared && (sqlite_execute(driver, "PRAGMA main.locking_mode = EXCLUSIVE", err) ||
                    execute_patiently(sqlite, "BEGIN EXCLUSIVE; COMMIT", &wait, err)))
        return -1;
    sqlite3_busy_timeout(sqlite->db, SQLITE_BUSY_WAIT_MS);
    return 0;
}
