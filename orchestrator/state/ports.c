#include "orchestrator/state/ports.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"

enum { FIRST_PORT = 20000, PORT_COUNT = 12000, TCP_LISTEN_STATE = 0x0A };

bool port_is_free(int port)
{
    AUTOCLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int on = 1; // a connection in TIME_WAIT does not hold the port
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
}

int port_of_resource(struct store *store, const char *workspace_id, const char *resource,
                     int wanted, int *out, struct err *err)
{
    if (wanted > 0) {
        *out = wanted;
        return 0;
    }
    int remembered = store_port(store, resource);
    if (remembered > 0) {
        *out = remembered;
        return 0;
    }
    // Begins where workspace and resource say, so that it is likely the same after .berth/ is
    // removed.
    AUTOFREE char *seed = mem_printf("%s/%s", workspace_id, resource);
    char hex[SHA256_HEX_SIZE];
    sha256_hex(seed, strlen(seed), hex);
    hex[7] = '\0';
    long first = strtol(hex, NULL, 16);
    for (long i = 0; i < PORT_COUNT; i++) {
        int port = FIRST_PORT + (int)((first + i) % PORT_COUNT);
        if (store_port_owner(store, port) || !port_is_free(port))
            continue;
        *out = port;
        return store_port_set(store, resource, port, err);
    }
    return err_set(err, ERR_RESOURCE, "no free port between %d and %d", FIRST_PORT,
                   FIRST_PORT + PORT_COUNT - 1);
}

// The inode of the socket that listens on the port: columns of /proc/net/tcp (proc(5)).
static unsigned long listener_inode(const char *table, int port)
{
    FILE *file = fopen(table, "re");
    char line[512];
    unsigned long inode = 0;
    while (file && !inode && fgets(line, sizeof line, file)) {
        unsigned local_port, state;
        unsigned long found;
        if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*u %*u %lu",
                   &local_port, &state, &found) == 3 &&
            state == TCP_LISTEN_STATE && local_port == (unsigned)port)
            inode = found;
    }
    if (file)
        fclose(file);
    return inode;
}

static bool process_holds(const char *pid, const char *link_text)
{
    AUTOFREE char *path = mem_printf("/proc/%s/fd", pid);
    DIR *directory = opendir(path);
    bool holds = false;
    for (struct dirent *entry; directory && !holds && (entry = readdir(directory));) {
        char target[64] = "";
        AUTOFREE char *link = path_join(path, entry->d_name);
        holds = readlink(link, target, sizeof target - 1) > 0 && strcmp(target, link_text) == 0;
    }
    if (directory)
        closedir(directory);
    return holds;
}

void port_holder(int port, struct strbuf *out)
{
    unsigned long inode = listener_inode("/proc/net/tcp", port);
    if (!inode)
        inode = listener_inode("/proc/net/tcp6", port);
    char link_text[48];
    snprintf(link_text, sizeof link_text, "socket:[%lu]", inode);
    DIR *proc = inode ? opendir("/proc") : NULL;
    bool found = false;
    for (struct dirent *entry; proc && !found && (entry = readdir(proc));) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
            !process_holds(entry->d_name, link_text))
            continue;
        AUTOFREE char *path = mem_printf("/proc/%s/comm", entry->d_name);
        AUTO_STRBUF name = STRBUF_INIT;
        struct err ignored;
        found = file_read(path, &name, &ignored) == 0;
        if (found)
            strbuf_addf(out, "%.*s (process %s)", (int)strcspn(name.data, "\n"), name.data,
                        entry->d_name);
    }
    if (proc)
        closedir(proc);
    if (!found)
        strbuf_adds(out, "another process");
}
