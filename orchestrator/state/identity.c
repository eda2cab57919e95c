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

static int signal_marked(const char *prefix, int signal)
{
    DIR *proc = opendir("/proc");
    int count = 0;
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid <= 1 || pid == getpid() || !environment_has(pid, prefix))
            continue;
        count++;
        (void)kill(pid, signal);
    }
    if (proc)
        closedir(proc);
    return count;
}

int owned_processes_signal(const struct owned_processes *owned, int signal)
{
    int count = signal_marked(owned->prefix, signal);
    for (size_t i = 0; i < owned->leader_count; i++) {
        const pid_t leader = owned->leaders[i].pid;
        if (leader <= 1 || !process_identity_alive(owned->leaders[i]) ||
            !process_group_alive(leader))
            continue;
        count++;
        (void)kill(-leader, signal);
    }
    return count;
}

void owned_processes_end(const struct owned_processes *owned, int grace_ms)
{
    if (owned_processes_signal(owned, SIGTERM) == 0)
        return;
    enum { PAUSE_MS = 20 };
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    for (int waited = 0; waited < grace_ms; waited += PAUSE_MS) {
        nanosleep(&pause, NULL);
        if (owned_processes_signal(owned, 0) == 0)
            return;
    }
    // Until none is left: a process may fork between the look and the signal.
    for (int rounds = 0; rounds < 50 && owned_processes_signal(owned, SIGKILL); rounds++)
        nanosleep(&pause, NULL);
}
