#include "provisioners/connection.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/url.h"
#include "provisioners/connection_text.h"
#include "provisioners/host.h"

int connection_malformed(struct err *err, const char *what)
{
    return err_set(err, ERR_INVALID, "the connection string %s", what);
}

const char *text_or_null(const char *text)
{
    return text && *text ? text : NULL;
}

int connection_port(const char *text)
{
    int port = 0;
    for (; isdigit((unsigned char)*text) && port <= 65535; text++)
        port = port * 10 + (*text - '0');
    return *text || port < 1 || port > 65535 ? -1 : port;
}

const char *name_fold(const char *name, size_t length, struct arena *arena)
{
    char *folded = arena_alloc(arena, length + 1);
    size_t end = 0;
    for (size_t i = 0; i < length; i++) {
        if (!isspace((unsigned char)name[i]) && name[i] != '_')
            folded[end++] = (char)tolower((unsigned char)name[i]);
    }
    return folded;
}

int connection_host_port(const struct connection_reader *reader, const char *text, char separator,
                         struct connection *out)
{
    const char *host = text, *end = strchr(text, separator);
    size_t length = end ? (size_t)(end - text) : strlen(text);
    if (*text == '[') {
        const char *bracket = strchr(text, ']');
        if (!bracket || (bracket[1] && bracket[1] != separator))
            return -1;
        host = text + 1;
        length = (size_t)(bracket - host);
        end = bracket[1] ? bracket + 1 : NULL;
    }
    int port = end ? connection_port(end + 1) : 0;
    if (port < 0 || length == 0)
        return -1;
    out->host = arena_strndup(reader->arena, host, length);
    if (port)
        out->port = port;
    return 0;
}

int connection_file(const struct connection_reader *reader, const char *path,
                    struct connection *out, struct err *err)
{
    if (strstr(path, ":memory:"))
        return connection_malformed(err, "names a database in memory, which no other process sees");
    if (!*path)
        return connection_malformed(err, "names no file");
    AUTOFREE char *joined = path_join(reader->root ? reader->root : "/", path);
    AUTOFREE char *normal = path_normalize(joined);
    out->database = arena_strdup(reader->arena, normal);
    return 0;
}

const char *connection_parameter(const struct connection *connection, const char *name,
                                 struct arena *arena)
{
    const bool is_encoded = connection->engine->id != ENGINE_MSSQL;
    const char *separators = is_encoded ? "&" : ";";
    for (const char *pair = connection->query; pair && *pair;) {
        size_t length = strcspn(pair, separators);
        const char *equals = memchr(pair, '=', length);
        size_t name_length = equals ? (size_t)(equals - pair) : length;
        if (strlen(name) == name_length && !strncasecmp(pair, name, name_length)) {
            const char *value = equals ? equals + 1 : pair + length;
            size_t value_length = length - (size_t)(value - pair);
            AUTO_STRBUF decoded = STRBUF_INIT;
            if (!is_encoded)
                return arena_strndup(arena, value, value_length);
            url_decode(value, value_length, &decoded);
            return arena_strdup(arena, decoded.data);
        }
        pair += length + (pair[length] != '\0');
    }
    return NULL;
}

bool connection_trusts_certificate(const struct connection *connection)
{
    return !connection->query && host_is_loopback(connection->host);
}

void connection_own_host(struct connection *connection, const char *host)
{
    connection->host = host;
    if (connection->engine->id == ENGINE_MSSQL && !host_is_loopback(host))
        connection->query = "encrypt=true;trustServerCertificate=true";
}

const char *variable_name(const char *text, struct arena *arena)
{
    char *name = arena_strdup(arena, text);
    for (char *c = name; *c; c++)
        *c = isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '_';
    return name;
}
