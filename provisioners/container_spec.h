#pragma once
// What a container is to be, engine by engine the same shape. A value: its strings live in an
// arena.
//
// Its canonical JSON is what the spec hash is taken of and what a label of the container keeps, so
// that a later run can say which key changed. It never holds a secret: passwords travel by file,
// and what the user gave (environment values, arguments) is there as digests only.

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

struct container_mount {
    bool is_bind;
    const char *source; // volume name or absolute host path
    const char *target;
    bool read_only;
    bool is_copied; // a file that the engine can't see: put into the container instead
};

struct container_port {
    int container_port, host_port; // published on 127.0.0.1, tcp
    bool is_public;                // on all addresses of the engine's machine instead
};

// A command run inside the container; used by `export compose` (berth itself logs in instead).
struct container_health {
    const char *const *command; // NULL-terminated: {"CMD", "pg_isready", …, NULL}
    int interval_s, retries;
};

struct container_spec {
    const char *image;      // "postgres:15"
    const char *const *env; // "NAME=value", sorted by name
    size_t env_count;
    const char *const *entrypoint; // NULL-terminated, static; NULL: the image's own
    const char *user;              // NULL: the image's own
    const char *const *args;
    size_t arg_count;
    struct container_mount mounts[4];
    size_t mount_count;
    struct container_port ports[2];
    size_t port_count;
    struct container_health health;
    int memory_limit_mb; // 0: none
    int stop_timeout_s;
};

// Keys in fixed order, one line. What does not make it another container is left out: the health
// command and the time to stop.
void container_spec_json(const struct container_spec *spec, struct strbuf *out);
// Appends what differs between two canonical texts: `image: postgres:15 -> postgres:16`; several
// are joined by "; ". Variables are named without their values. Appends nothing when the texts are
// equal, and "its description changed" when one of them is not a canonical text.
void container_spec_difference(const char *old_json, const char *new_json, struct strbuf *out);
