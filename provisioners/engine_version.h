#pragma once
// Which server, and which version of it, is in an image or made data: what one version made is
// trusted to no other. Rules: the workspace contract, section 2.

#include <stdbool.h>

#include "provisioners/engine.h"

// A version is told as far as it parts data: "18" of Postgres, "8.4" and "9" of MySQL, whose
// releases from 9 on read what others of the same major left, "10.11" of MariaDB, "2022" of SQL
// Server.
struct engine_version {
    const char *server; // "Postgres", "MySQL", "MariaDB", "SQL Server"; static. NULL: not known
    int major;          // 0: not known
    int minor;          // -1: not known, or it parts nothing
};

// By the names in a reference: "mirror.local/library/mariadb:10.11", "postgis/postgis:16-3.4". A
// tag that names no version ("latest", "bookworm") has the major 0.
struct engine_version engine_image_version(const struct engine *engine, const char *image);
// The image with another version in the place of the one that its tag names: "15-alpine" of
// "18.1-alpine", "pg15" of "pg17". A digest is left out: it would pin the old one. NULL when the
// tag names no version. In the arena.
const char *engine_image_of_version(const char *image, const struct engine_version *version,
                                    struct arena *arena);

// Reads what engine_version_print wrote, or what a server says of itself: "MySQL 9.7.4",
// "10.11.6-MariaDB-log"; a number alone is a version of the engine's namesake: "15\n".
struct engine_version engine_version_parse(const struct engine *engine, const char *text);
// Appends "MariaDB 10.11"; nothing of what is not known.
void engine_version_print(const struct engine_version *version, struct strbuf *out);
// Appends "10.11".
void engine_version_print_number(const struct engine_version *version, struct strbuf *out);

// Nothing that is known of the two speaks against their being the same.
bool engine_version_agrees(const struct engine_version *left, const struct engine_version *right);
// As far as it is the make of the server that counts.
bool engine_version_is_same_server(const struct engine_version *left,
                                   const struct engine_version *right);
