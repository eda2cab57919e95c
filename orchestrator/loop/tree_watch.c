#include "orchestrator/loop/tree_watch.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/vec.h"

// What is written is told when it is closed: half a file is no change yet.
#define FILE_EVENTS (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)
#define WATCH_FLAGS (FILE_EVENTS | IN_ONLYDIR | IN_EXCL_UNLINK)

enum { READ_BYTES = 64 * 1024 };

struct directory {
    int id; // inotify's; grows with every directory
    char *path;
};

struct tree_watch {
    struct loop *loop;
    struct tree_watch_spec spec;
    int fd;
    struct loop_watch *watch;
    struct loop_timer *quiet_timer;
    VEC_OF(struct directory) directories; // by id
    char *changed;                        // the first path since the last word; NULL: nothing
    int64_t changed_ms;
    bool told_trouble;
};

static bool ends_with(const char *name, const char *end)
{
    const size_t length = strlen(name), end_length = strlen(end);
    return length > end_length && strcmp(name + length - end_length, end) == 0;
}

bool tree_watch_ignores(const char *name, bool is_directory)
{
    static const char *const directories[] = {"node_modules", "dist",     "build",      "out",
                                              "target",       "coverage", "__pycache__"};
    static const char *const endings[] = {"~",    ".swp", ".swx",    ".tmp",    ".bak",
                                          ".log", ".db",  ".pid",    ".sqlite", ".pyc",
                                          "-wal", "-shm", "-journal"};
    if (name[0] == '.')
        return is_directory || strncmp(name, ".env", 4) != 0;
    if (is_directory) {
        for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
            if (strcmp(name, directories[i]) == 0)
                return true;
        return false;
    }
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ends_with(name, endings[i]))
            return true;
    return name[0] == '#' || strcmp(name, "4913") == 0; // vim tries whether it may write
}

static void tell_trouble(struct tree_watch *watch, const char *path, int number)
{
    if (watch->told_trouble || !watch->spec.on_trouble)
        return;
    watch->told_trouble = true;
    struct err err;
    errno = number;
    err_set_errno(&err, "not all changes are seen: cannot watch %s", path);
    if (number == ENOSPC) {
        err_set(&err, ERR_FAILED,
                "not all changes are seen: this user may not watch more directories (%s is one too "
                "many)",
                path);
        err_hint(&err, "sudo sysctl fs.inotify.max_user_watches=524288");
    }
    watch->spec.on_trouble(watch->spec.context, &err);
}

static void on_quiet(void *context)
{
    struct tree_watch *watch = context;
    AUTOFREE char *path = TAKE(watch->changed);
    watch->spec.on_change(watch->spec.context, path);
}

static void note_change(struct tree_watch *watch, const char *path)
{
    const int64_t now = clock_monotonic_ms();
    if (!watch->changed) {
        watch->changed = mem_strdup(path);
        watch->changed_ms = now;
    }
    const int64_t latest = watch->changed_ms + TREE_WATCH_LATEST_MS - now;
    loop_timer_set(watch->quiet_timer, latest < TREE_WATCH_QUIET_MS ? latest : TREE_WATCH_QUIET_MS);
}

static struct directory *find_directory(struct tree_watch *watch, int id)
{
    size_t low = 0, high = watch->directories.len;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (watch->directories.items[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    const bool found = low < watch->directories.len && watch->directories.items[low].id == id;
    return found ? &watch->directories.items[low] : NULL;
}

// False where it can't be watched, or is already: then its entries are known, too.
static bool add_directory(struct tree_watch *watch, const char *path, bool is_root)
{
    const int id = inotify_add_watch(watch->fd, path, WATCH_FLAGS | (is_root ? 0 : IN_DONT_FOLLOW));
    if (id < 0) {
        if (errno != ENOENT && errno != ENOTDIR) // gone again
            tell_trouble(watch, path, errno);
        return false;
    }
    struct directory *known = find_directory(watch, id);
    if (known) { // it has moved
        const bool same = strcmp(known->path, path) == 0;
        free(known->path);
        known->path = mem_strdup(path);
        return !same;
    }
    vec_push(&watch->directories, (struct directory){id, mem_strdup(path)});
    return true;
}

static bool is_directory(const struct dirent *entry, const char *path)
{
    struct stat st;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

// `is_new`: what lies in it was not there before, and counts as a change.
static void add_tree(struct tree_watch *watch, const char *path, bool is_root, bool is_new)
{
    if (!add_directory(watch, path, is_root))
        return;
    DIR *entries = opendir(path);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        AUTOFREE char *below = path_join(path, entry->d_name);
        const bool nested = is_directory(entry, below);
        if (tree_watch_ignores(entry->d_name, nested))
            continue;
        if (nested)
            add_tree(watch, below, false, is_new);
        else if (is_new)
            note_change(watch, below);
    }
    if (entries)
        closedir(entries);
}

static void add_roots(struct tree_watch *watch)
{
    for (const char *const *root = watch->spec.directories; *root; root++)
        add_tree(watch, *root, true, false);
}

static void forget(struct tree_watch *watch, struct directory *directory)
{
    struct directory *end = watch->directories.items + watch->directories.len;
    free(directory->path);
    memmove(directory, directory + 1, (size_t)(end - directory - 1) * sizeof *directory);
    watch->directories.len--;
}

// A directory that has moved away is no longer part of the tree; IN_IGNORED follows for each.
static void remove_tree(struct tree_watch *watch, const char *path)
{
    const size_t length = strlen(path);
    vec_each (directory, &watch->directories)
        if (strncmp(directory->path, path, length) == 0 &&
            (directory->path[length] == '/' || directory->path[length] == '\0'))
            (void)inotify_rm_watch(watch->fd, directory->id);
}

static void on_event(struct tree_watch *watch, const struct inotify_event *event)
{
    if (event->mask & IN_Q_OVERFLOW) { // whatever it was, there is more than one
        add_roots(watch);
        note_change(watch, watch->spec.directories[0]);
        return;
    }
    struct directory *directory = find_directory(watch, event->wd);
    if (!directory)
        return;
    if (event->mask & IN_IGNORED) {
        forget(watch, directory);
        return;
    }
    const bool is_tree = event->mask & IN_ISDIR;
    if (!event->len || tree_watch_ignores(event->name, is_tree))
        return;
    AUTOFREE char *path = path_join(directory->path, event->name);
    if (!is_tree)
        note_change(watch, path);
    else if (event->mask & (IN_CREATE | IN_MOVED_TO))
        add_tree(watch, path, false, true);
    else if (event->mask & IN_MOVED_FROM) {
        remove_tree(watch, path);
        note_change(watch, path);
    }
}

// One read a turn: a flood of events leaves time for everybody else.
static void on_readable(void *context, bool readable, bool writable)
{
    (void)readable;
    (void)writable;
    struct tree_watch *watch = context;
    _Alignas(struct inotify_event) char bytes[READ_BYTES];
    const ssize_t got = read(watch->fd, bytes, sizeof bytes);
    for (ssize_t at = 0; at < got;) {
        const struct inotify_event *event = (const struct inotify_event *)(bytes + at);
        on_event(watch, event);
        at += (ssize_t)(sizeof *event + event->len);
    }
}

int tree_watch_new(struct loop *loop, const struct tree_watch_spec *spec, struct tree_watch **out,
                   struct err *err)
{
    const int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (fd < 0) {
        const bool is_limit = errno == EMFILE;
        err_set_errno(err, "cannot watch %s for changes", spec->directories[0]);
        if (is_limit)
            err_hint(err, "sudo sysctl fs.inotify.max_user_instances=1024");
        return -1;
    }
    struct tree_watch *watch = mem_alloc(sizeof *watch);
    *watch = (struct tree_watch){.loop = loop, .spec = *spec, .fd = fd};
    watch->watch = loop_watch_new(loop, fd, true, false, on_readable, watch);
    watch->quiet_timer = loop_timer_new(loop, on_quiet, watch);
    add_roots(watch);
    *out = watch;
    return 0;
}

void tree_watch_free(struct tree_watch *watch)
{
    if (!watch)
        return;
    loop_watch_free(watch->watch);
    loop_timer_free(watch->quiet_timer);
    close(watch->fd);
    vec_each (directory, &watch->directories)
        free(directory->path);
    vec_release(&watch->directories);
    free(watch->changed);
    free(watch);
}
