#pragma once
// The state store from inside: what the files that keep something in it share. Private to them.

#include <sqlite3.h>

#include "orchestrator/state/store.h"

struct store {
    sqlite3 *db;
    char *owner; // what store_port_owner returned last
};

// -1, with what SQLite says last.
int store_fail(struct store *store, struct err *err);
