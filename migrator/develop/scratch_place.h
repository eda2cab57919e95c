#pragma once
// Private to the scratch: how each engine makes and removes its place.

#include "migrator/driver/driver.h"

enum { SCRATCH_HASH_DIGITS = 8 };

struct scratch_place {
    char *url;  // of the database; owned
    char *name; // the database's; SQLite: the directory's; owned
    int lock;   // SQLite: the directory, locked while it is in use; -1: none
};
// What all of their names begin with.
#define SCRATCH_PREFIX "berth_scratch_"

int scratch_postgres_make(const struct migrator_target *target, const char *hash,
                          struct scratch_place *out, bool *denied, struct err *err) MUST_CHECK;
int scratch_postgres_drop(const struct migrator_target *target, const struct scratch_place *place,
                          struct err *err) MUST_CHECK;
// Only what runs of this machine left that are over.
void scratch_postgres_clear(struct driver *driver);
int scratch_mysql_make(const struct migrator_target *target, const char *hash,
                       struct scratch_place *out, bool *denied, struct err *err) MUST_CHECK;
int scratch_mysql_drop(const struct migrator_target *target, const struct scratch_place *place,
                       struct err *err) MUST_CHECK;
void scratch_mysql_clear(struct driver *driver);
int scratch_sqlserver_make(const struct migrator_target *target, const char *hash,
                           struct scratch_place *out, bool *denied, struct err *err) MUST_CHECK;
int scratch_sqlserver_drop(const struct migrator_target *target, const struct scratch_place *place,
                           struct err *err) MUST_CHECK;
void scratch_sqlserver_clear(struct driver *driver);
int scratch_sqlite_make(const struct migrator_target *target, const char *hash,
                        struct scratch_place *out, bool *denied, struct err *err) MUST_CHECK;
int scratch_sqlite_drop(const struct migrator_target *target, const struct scratch_place *place,
                        struct err *err) MUST_CHECK;
void scratch_sqlite_clear(struct driver *driver);

// What is a server's own about a database for a moment.
struct scratch_server {
    // A connection to some database that is there.
    int (*open)(const struct migrator_target *target, struct driver **out, struct err *err);
    int (*create)(struct driver *driver, const char *name, bool *denied, struct err *err);
    // The URL with another database; owned by the caller.
    char *(*url)(const char *url, const char *database);
    // Names that begin with the prefix, and "1" for those that somebody is connected to.
    const char *leftovers;
    // Before one that is left is dropped; NULL: a drop does that itself.
    void (*end_its_connections)(struct driver *driver, const char *name);
};
int scratch_server_make(const struct scratch_server *server, const struct migrator_target *target,
                        const char *hash, struct scratch_place *out, bool *denied,
                        struct err *err) MUST_CHECK;
int scratch_server_drop(const struct scratch_server *server, const struct migrator_target *target,
                        const struct scratch_place *place, struct err *err) MUST_CHECK;
// `only_own`: of runs on this machine, which are known to be over.
void scratch_server_clear(const struct scratch_server *server, struct driver *driver,
                          bool only_own);
// scheme "://" authority "/" database [ "?" parameters ]
char *scratch_server_url(const char *url, const char *database);
