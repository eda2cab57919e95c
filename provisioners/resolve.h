#pragma once
// A host's addresses, without blocking: names are looked up on a thread of their own, because the
// system's resolver knows no other way. Private to this room.

#include <stddef.h>

#include "base/err.h"

enum { ADDRESS_SIZE = 64, ADDRESS_MAX = 8 };

// In the order to try them, as numbers.
struct addresses {
    char items[ADDRESS_MAX][ADDRESS_SIZE];
    size_t count;
};

// Fills in what needs no lookup, an address or "localhost", and returns -1. For a name it begins to
// look it up and returns a descriptor: when it is readable, resolve_take has the answer. Closing
// it instead gives the lookup up.
int resolve_start(const char *host, struct addresses *out);
// Closes the descriptor. Fails with ERR_TIMEOUT when asking again may help, else ERR_FAILED.
int resolve_take(int fd, const char *host, struct addresses *out, struct err *err) MUST_CHECK;
