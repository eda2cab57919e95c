#pragma once
// What is known of a host by its name: whether it is this machine, which service runs it, and
// whether a pooler stands before the server. Rules: the workspace contract, section 5.

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "provisioners/connection.h"

// "localhost" and names below it, 127.0.0.0/8, ::1, a socket's directory ("/…"), "" and NULL.
bool host_is_loopback(const char *host);

struct host_service {
    const char *name;   // "Neon"
    const char *suffix; // of its hosts' names: ".neon.tech"
    bool needs_tls;
};
// The service that a host belongs to, letter case ignored; NULL: none that is known.
const struct host_service *host_service_find(const char *host);

// The connection to migrate through. A pooler that hands each transaction another session breaks
// advisory locks: where the direct address is known from the pooler's it is filled in and *note
// says so (in the arena; NULL: the connection is direct as it is). Where it is not known the error
// (ERR_INVALID) asks for it. Strings of *out are borrowed from `connection` or live in the arena.
int connection_direct(const struct connection *connection, struct arena *arena,
                      struct connection *out, const char **note, struct err *err) MUST_CHECK;
