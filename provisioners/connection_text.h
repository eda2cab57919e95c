#pragma once
// The parts that the readers and writers of connection texts share; private to this room.

#include "provisioners/connection.h"

// What the readers are given.
struct connection_reader {
    const struct engine *engine; // expected; NULL: any
    const char *root;
    struct arena *arena;
};

// The key-value form, and "host:port,name=value,…" for a cache; the rest as connection_parse.
int connection_parse_ado(const struct connection_reader *reader, const char *text,
                         struct connection *out, struct err *err) MUST_CHECK;
int connection_parse_stack_exchange(const struct connection_reader *reader, const char *text,
                                    struct connection *out, struct err *err) MUST_CHECK;

// An error of a connection text: "the connection string …", ERR_INVALID.
int connection_malformed(struct err *err, const char *what);

// Decimal, whole text, 1 to 65535; -1 otherwise.
int connection_port(const char *text);
// Splits "host", "host:port", "[v6]:port" (and, with separator ',', "host,port"); port 0: none.
int connection_host_port(const struct connection_reader *reader, const char *text, char separator,
                         struct connection *out);
// Fills in the path of an SQLite file, absolute; memory is refused, no other process could see it.
int connection_file(const struct connection_reader *reader, const char *path,
                    struct connection *out, struct err *err);
// NULL for "" and NULL, else the text.
const char *text_or_null(const char *text);

// "User Id" -> "userid", in the arena: letter case, spaces and underscores do not count.
const char *name_fold(const char *name, size_t length, struct arena *arena);

// A SQL Server on this machine has the certificate that it made for itself: what is written when
// nothing else is said.
bool connection_trusts_certificate(const struct connection *connection);
// Appends a value as SQL Server's URL has it: in braces where it holds more than letters, digits
// and ".-_".
void braced_value(const char *value, struct strbuf *out);

// Between a URL's parameters and ADO.NET's for Postgres: the name on the other side, NULL when it
// has none there; *value becomes its text there.
const char *parameter_to_ado(const char *url_name, const char **value);
const char *parameter_from_ado(const char *folded_name, const char **value, struct arena *arena);
