#pragma once
// Where a SQL Server is and how to log in, as its URLs say it:
//
//     sqlserver://host[\instance][:port]{;name=value}
//
// Names are those of Prisma's connection URLs, which are JDBC's with some more; letter case, spaces
// and underscores in them do not count.

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"

// The next ";name={value}" of such a text: 1 and its parts (the name folded: "User Id" is "userid";
// the value out of its braces, where "}}" is one brace), 0 at the end of the text, -1 when it is
// malformed. *at moves behind it.
int tds_parameter_next(const char **at, struct strbuf *name, struct strbuf *value);

enum tds_encryption {
    TDS_ENCRYPT_NOTHING, // encrypt=DANGER_PLAINTEXT
    TDS_ENCRYPT_LOGIN,   // encrypt=false: the login only, where the server can
    TDS_ENCRYPT_ALL      // encrypt=true, and what holds when nothing is said
};

// Strings are owned; absent ones are NULL.
struct tds_address {
    char *host, *instance; // a named instance has the port that its server's browser tells
    int port;              // 0: not said
    char *user, *password, *database;
    char *schema;    // where unqualified names are; NULL: dbo
    char *authority; // PEM file of who vouches for the server's certificate; NULL: the system's
    bool trusts_certificate; // whoever made it. What holds for this machine when nothing is said
    enum tds_encryption encryption;
    int timeout_s; // of the login; 0: not said
};

// The error never quotes the text: it may hold a secret.
int tds_address_read(const char *url, struct tds_address *out, struct err *err) MUST_CHECK;
void tds_address_release(struct tds_address *address);
