#pragma once
// Shared libraries that are loaded when they are first needed instead of before main.
//
// libpq and libcurl bring 30 more libraries with them (TLS twice, Kerberos, LDAP, SSH), which cost
// every start 6 ms and 7 MB, more than all else that a short command does. Most commands never
// speak to Postgres or to an engine, so these two wait until somebody does (base/libpq.h,
// orchestrator/loop/libcurl.h). What is linked the usual way is what every command needs.

#include <stddef.h>

#include "base/err.h"

struct library_symbol {
    const char *name;
    void *slot; // the function pointer that receives it
};

struct library {
    const char *soname;
    const char *package; // Debian's name, for the hint
    const struct library_symbol *symbols;
    size_t symbol_count;
    void *handle; // NULL: not loaded
};

// Fills all slots; done once, and never undone. Blocks for some milliseconds. Not for several
// threads at a time. ERR_FAILED names the package; the slots are then not to be used.
int library_load(struct library *library, struct err *err) MUST_CHECK;
