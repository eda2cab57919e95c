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
    const char *host; // a name, an address (IPv6 without brackets), or a socket's directory: "/…"
    int port;
    const char *user, *password;
    const char *database; // SQLite: the absolute path of the file. Redis: the database's number
    // Raw parameters that an external URL carried, in the URL's own form ("a=1&b=2"; SQL Server
    // "a=1;b=2"); NULL: none.
    const char *query;
    bool tls; // rediss://; the other engines say it in the query
};

// Reads a URL (postgresql:// postgres:// mysql:// mariadb:// sqlserver:// redis:// rediss:// file:
// sqlite:), an ADO.NET string ("Host=…;Port=…", "Data Source=x.db") or, for a cache,
// StackExchange.Redis's form ("h:p,password=…"). `engine` is what is expected, NULL when the text
// alone decides; Garnet is spoken to in Redis's URLs. Relative files are taken from `root`. A
// hosted Postgres that insists on TLS gets sslmode=require when the text says nothing of TLS.
// Strings go to the arena. The error (ERR_INVALID) never quotes the text: it may hold a secret.
int connection_parse(const char *text, const struct engine *engine, const char *root,
                     struct arena *arena, struct connection *out, struct err *err) MUST_CHECK;

// Appends one form. What is written is read back by connection_parse as the same connection, but
// for what a form has no words for: ADO.NET knows only some parameters, StackExchange.Redis no
// comma in a password. JDBC has no user and no password in it: drivers take these apart.
void connection_url(const struct connection *connection, struct strbuf *out);
// "****" for the password, and for parameters that are secrets by their names.
void connection_url_masked(const struct connection *connection, struct strbuf *out);
void connection_ado(const struct connection *connection, struct strbuf *out);
void connection_jdbc(const struct connection *connection, struct strbuf *out);

// A server of berth's own, as it is reached at this host (borrowed). The certificate that SQL
// Server made for itself nobody vouches for, and only for this machine is that taken for granted.
void connection_own_host(struct connection *connection, const char *host);

// A parameter of the query, decoded, in the arena; NULL when absent. Names: any letter case.
const char *connection_parameter(const struct connection *connection, const char *name,
                                 struct arena *arena);

struct variable {
    const char *name, *value;
    bool secret; // to be masked when shown
};
typedef VEC_OF(struct variable) variable_list;

// The variables of section 4 for one database under its key (<KEY>_URI,
// ConnectionStrings__<DatabaseName>, <DB>_HOST …) and, when it is the primary one, DATABASE_URL,
// DB_PROVIDER, DATABASE_PROVIDER. A name that the list already has keeps its first value. The
// strings live in the arena, the list is the caller's (vec_release).
// Nothing for a connection whose address is not known.
void connection_database_variables(const struct connection *connection, const char *key,
                                   const char *database_name, bool is_primary, struct arena *arena,
                                   variable_list *out);
// For one cache under its key: <KEY>_URI, <KEY>_TCP, ConnectionStrings__<key>,
// services__<key>__tcp__0; when it is the primary one the same under "redis" (Garnet, DenoKv: their
// own name), and CACHE_PROVIDER: its key.
void connection_cache_variables(const struct connection *connection, const char *key,
                                bool is_primary, struct arena *arena, variable_list *out);
// "my-app" -> "MY_APP": capitals, other characters become '_'. In the arena.
const char *variable_name(const char *text, struct arena *arena);
