#include "provisioners/engine_version.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

enum { MYSQL_MAJORS_ALONE_FROM = 9 };

static const char postgres[] = "Postgres", mysql[] = "MySQL", mariadb[] = "MariaDB",
                  sqlserver[] = "SQL Server";

static bool has_prefix(const char *text, const char *prefix)
{
    return !strncasecmp(text, prefix, strlen(prefix));
}

static const char *namesake(const struct engine *engine)
{
    switch (engine->id) {
    case ENGINE_POSTGRES: return postgres;
    case ENGINE_MYSQL: return mysql;
    case ENGINE_MSSQL: return sqlserver;
    default: return NULL;
    }
}

// A number that ends before it can overflow.
static int leading_number(const char *text, const char **end)
{
    int number = 0;
    for (; isdigit((unsigned char)*text) && number < 10000; text++)
        number = number * 10 + (*text - '0');
    *end = text;
    return number;
}

static bool has_telling_minors(const struct engine_version *version)
{
    return version->server == mariadb ||
           (version->server == mysql && version->major < MYSQL_MAJORS_ALONE_FROM);
}

static void read_number(const char *text, struct engine_version *out)
{
    out->major = leading_number(text, &text);
    if (has_telling_minors(out) && text[0] == '.' && isdigit((unsigned char)text[1]))
        out->minor = leading_number(text + 1, &text);
}

// Where a tag tells the version, or NULL. An extension's image leads with its own, and names the
// server's behind it: "2.14.2-pg16".
static const char *version_in_tag(const char *tag)
{
    const char *end;
    for (const char *pg = tag; pg && (pg = strstr(pg, "pg")); pg += 2)
        if (isdigit((unsigned char)pg[2]))
            return pg + 2;
    return tag && leading_number(tag, &end) > 0 ? tag : NULL;
}

// The name of a repository says what is in it; some say nothing of it.
static const char *server_of_image(const struct engine *engine, const char *image)
{
    const char *slash = strrchr(image, '/');
    const char *name = slash ? slash + 1 : image;
    if (engine->id != ENGINE_MYSQL)
        return namesake(engine);
    if (strstr(name, "mariadb"))
        return mariadb;
    return strstr(name, "mysql") || strstr(name, "percona") ? mysql : NULL;
}

struct engine_version engine_image_version(const struct engine *engine, const char *image)
{
    AUTOFREE char *name = mem_strndup(image, strcspn(image, "@")); // no digest
    const char *text = version_in_tag(engine_image_tag(name));
    struct engine_version version = {.server = server_of_image(engine, name), .minor = -1};
    if (text)
        read_number(text, &version);
    return version;
}

const char *engine_image_of_version(const char *image, const struct engine_version *version,
                                    struct arena *arena)
{
    AUTOFREE char *name = mem_strndup(image, strcspn(image, "@"));
    AUTO_STRBUF number = STRBUF_INIT;
    const char *text = version_in_tag(engine_image_tag(name));
    if (!text)
        return NULL;
    engine_version_print_number(version, &number);
    // What follows SQL Server's release names an update of that one alone.
    const char *rest = version->server == sqlserver ? "-latest" : text + strcspn(text, "-");
    return arena_printf(arena, "%.*s%s%s", (int)(text - name), name, number.data, rest);
}

struct engine_version engine_version_parse(const struct engine *engine, const char *text)
{
    static const char *const servers[] = {postgres, mysql, mariadb, sqlserver};
    struct engine_version version = {.minor = -1};
    text += strspn(text, " \t\r\n");
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        if (!has_prefix(text, servers[i]))
            continue;
        version.server = servers[i];
        text += strlen(servers[i]);
        text += strspn(text, " ");
    }
    if (!version.server && isdigit((unsigned char)*text))
        version.server = strstr(text, "-MariaDB") ? mariadb : namesake(engine);
    read_number(text, &version);
    return version;
}

void engine_version_print_number(const struct engine_version *version, struct strbuf *out)
{
    if (version->major > 0)
        strbuf_addf(out, "%d", version->major);
    if (version->major > 0 && version->minor >= 0)
        strbuf_addf(out, ".%d", version->minor);
}

void engine_version_print(const struct engine_version *version, struct strbuf *out)
{
    if (!version->server)
        return;
    strbuf_adds(out, version->server);
    if (version->major > 0)
        strbuf_addch(out, ' ');
    engine_version_print_number(version, out);
}

bool engine_version_is_same_server(const struct engine_version *left,
                                   const struct engine_version *right)
{
    return !left->server || !right->server || !strcmp(left->server, right->server);
}

bool engine_version_agrees(const struct engine_version *left, const struct engine_version *right)
{
    if (!engine_version_is_same_server(left, right))
        return false;
    if (left->major <= 0 || right->major <= 0)
        return true;
    return left->major == right->major &&
           (left->minor < 0 || right->minor < 0 || left->minor == right->minor);
}
