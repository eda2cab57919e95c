#include "orchestrator/state/identity.h"

#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

// What /proc/PID/stat says of a process (proc(5)).
struct process_stat {
    char state;           // field 3; 'Z': ended, not reaped
    pid_t group;          // field 5
    uint64_t start_ticks; // field 22
};

// False when there is no such process.
static bool read_stat(pid_t pid, struct process_stat *out)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    AUTO_STRBUF stat = STRBUF_INIT;
    struct err ignored;
    if (file_read(path, &stat, &ignored))
        return false;
    *out = (struct process_stat){0};
    // The command in field 2 may hold spaces and parentheses; the fields go on after the last one.
    const char *field = strrchr(stat.data, ')');
    for (int number = 3; field && (field = strchr(field, ' ')); number++) {
        field++;
        if (number == 3)
            out->state = *field;
        else if (number == 5)
            out->group = (pid_t)strtol(field, NULL, 10);
        else if (number == 22)
            out->start_ticks = strtoull(field, NULL, 10);
    }
    return true;
}

struct process_identity process_identity_of(pid_t pid)
{
    struct process_stat stat;
    return (struct process_identity){pid, read_stat(pid, &stat) ? stat.start_ticks : 0};
}

struct process_identity process_identity_self(void)
{
    return process_identity_of(getpid());
}

bool process_identity_alive(struct process_identity identity)
{
    return identity.pid > 0 && identity.start_ticks != 0 &&
           process_identity_of(identity.pid).start_ticks == identity.start_ticks;
}

bool process_group_alive(pid_t group)
{
    if (kill(-group, 0) != 0)
        return false;
    DIR *proc = opendir("/proc");
    bool alive = !proc; // who can't look believes kill
    for (struct dirent *entry; proc && !alive && (entry = readdir(proc));) {
        const pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        struct process_stat stat;
        alive = pid > 0 && read_stat(pid, &stat) && stat.group == group && stat.state != 'Z' &&
                stat.state != 'X';
    }
    if (proc)
        closedir(proc);
    return alive;
}

void owner_marker(const char *workspace_id, struct process_identity owner,
                  char out[OWNER_MARKER_SIZE])
{
    snprintf(out, OWNER_MARKER_SIZE, "BERTH_OWNER=%.16s:%d:%" PRIu64, workspace_id, (int)owner.pid,
             owner.start_ticks);
}

static bool environment_has(pid_t pid, const char *prefix)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    AUTO_STRBUF text = STRBUF_INIT;
    struct err ignored;
    if (file_read(path, &text, &ignored))
        return false;
    const size_t length = strlen(prefix);
    for (const char *entry = text.data, *end = text.data + text.len; entry < end;) {
        if ((size_t)(end - entry) >= length && memcmp(entry, prefix, length) == 0)
            return true;
        entry += strlen(entry) + 1;
    }
    return false;
}

int owned_processes_signal(const char *prefix, int signal, pid_t except)
{
    DIR *proc = opendir("/proc");
    int count = 0;
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid <= 1 || pid == except || pid == getpid() || !environment_has(pid, prefix))
            continue;
        count++;
        (void)kill(pid, signal);
    }
    if (proc)
        closedir(proc);
    return count;
}

void owned_processes_end(const char *prefix, int grace_ms, pid_t except)
{
    if (owned_processes_signal(prefix, SIGTERM, except) == 0)
        return;
    enum { PAUSE_MS = 20 };
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    for (int waited = 0; waited < grace_ms; waited += PAUSE_MS) {
        nanosleep(&pause, NULL);
        if (owned_processes_signal(prefix, 0, except) == 0)
            return;
    }
    // Until none is left: a process may fork between the look and the signal.
    for (int rounds = 0; rounds < 50 && owned_processes_signal(prefix, SIGKILL, except); rounds++)
        nanosleep(&pause, NULL);
}
