#include "base/process.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"

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

void process_place(char out[PROCESS_PLACE_SIZE])
{
    AUTO_STRBUF place = STRBUF_INIT;
    struct err ignored;
    struct stat names;
    char hex[SHA256_HEX_SIZE];
    (void)!file_read("/proc/sys/kernel/random/boot_id", &place, &ignored);
    if (stat("/proc/self/ns/pid", &names) == 0)
        strbuf_addf(&place, "%llu", (unsigned long long)names.st_ino);
    sha256_hex(place.data, place.len, hex);
    snprintf(out, PROCESS_PLACE_SIZE, "%.8s", hex);
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
