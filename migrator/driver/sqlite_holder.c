#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "migrator/driver/sqlite.h"

// A lock as /proc/locks lists it: "1: POSIX  ADVISORY  WRITE 4711 fe:01:131090 0 EOF".
struct file_lock {
    char type[8], access[8];
    long pid;
    unsigned long inode;
};

static bool parse_lock(const char *line, struct file_lock *out)
{
    return sscanf(line, "%*d: %7s %*s %7s %ld %*x:%*x:%lu", out->type, out->access, &out->pid,
                  &out->inode) == 4;
}

// The pid of another process that has a lock of this type on the file, a writer if there is one; 0:
// nobody. The device is not compared: an overlay shows another one than its locks are on.
static long find_holder(const char *locks, const char *path, const char *type)
{
    struct stat st;
    long found = 0;
    if (stat(path, &st))
        return 0;
    for (const char *line = locks; *line;) {
        struct file_lock lock;
        if (parse_lock(line, &lock) && lock.inode == st.st_ino && lock.pid > 0 &&
            lock.pid != (long)getpid() && strcmp(lock.type, type) == 0 &&
            (!found || strcmp(lock.access, "WRITE") == 0))
            found = lock.pid;
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return found;
}

static char *describe_process(long pid)
{
    struct err ignored;
    AUTO_STRBUF name = STRBUF_INIT;
    AUTOFREE char *path = mem_printf("/proc/%ld/comm", pid);
    if (file_read(path, &name, &ignored))
        return mem_printf("pid %ld", pid);
    return mem_printf("pid %ld (%.*s)", pid, (int)strcspn(name.data, "\n"), name.data);
}

// Stat and /proc only: opening and closing the file would drop the locks that this process has on
// it (POSIX locks belong to the process).
char *sqlite_describe_holder(const char *path, enum sqlite_lock_type type)
{
    struct err ignored;
    AUTO_STRBUF locks = STRBUF_INIT;
    AUTOFREE char *shared = mem_printf("%s-shm", path); // the locks of a database in WAL mode
    const char *name = type == SQLITE_LOCK_OF_BERTH ? "FLOCK" : "POSIX";
    if (file_read("/proc/locks", &locks, &ignored))
        return mem_strdup("another process");
    long pid = find_holder(locks.data, path, name);
    if (!pid)
        pid = find_holder(locks.data, shared, name);
    return pid ? describe_process(pid) : mem_strdup("another process");
}
