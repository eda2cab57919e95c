#pragma once
// Where a database or cache is and how to log in, and every form it is written in: URL, ADO.NET,
// JDBC, and the variables that processes are given. Rules: the workspace contract, section 4.

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "provisioners/engine.h"

// Strings are borrowed; absent ones are NULL.
struct connection {
    const struct engine *engine;
    const char *host;
    int port;
    const char *user, *password;
    const char *database; // SQLite: the absolute path of the file
    const char
        *query; // raw parameters that an external URL carried ("sslmode=require"); NULL: none
};

// Reads a URL (postgresql:// postgres:// mysql:// sqlserver:// redis:// file: ) or an ADO.NET
// string
// ("Host=…;Port=…"). `engine` is what is expected, NULL when the text alone decides. Relative file:
// paths are taken from `root`. Strings go to the arena. The error never quotes the text: it may
// hold a secret.
int connection_parse(const char *text, const struct engine *engine, const char *root,
                     struct arena *arena, struct connection *out, struct err *err) MUST_CHECK;

// Appends one form. connection_url_masked shows "****" for the password.
void connection_url(const struct connection *connection, struct strbuf *out);
void connection_url_masked(const struct connection *connection, struct strbuf *out);
void connection_ado(const struct connection *connection, struct strbuf *out);
void connection_jdbc(const struct connection *connection, struct strbuf *out);

struct variable {
    const char *name, *value;
    bool secret; // to be masked when shown
};
typedef VEC_OF(struct variable) variable_list;

// The variables of section 4 for one database under its key (<KEY>_URI,
// ConnectionStrings__<DatabaseName>, <DB>_HOST …) and, when it is the primary one, DATABASE_URL,
// DB_PROVIDER, DATABASE_PROVIDER.
void connection_database_variables(const struct connection *connection, const char *key,
                                   const char *database_name, bool is_primary, struct arena *arena,
                                   variable_list *out);
// CACHE_PROVIDER, REDIS_URI, ConnectionStrings__redis, REDIS_TCP, services__redis__tcp__0 (Garnet
// likewise, DenoKv its own).
void connection_cache_variables(const struct connection *connection, const char *key,
                                bool is_primary, struct arena *arena, variable_list *out);
// "my-app" -> "MY_APP": capitals, other characters become '_'. In the arena.
const char *variable_name(const char *text, struct arena *arena);
