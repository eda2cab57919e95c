#include "base/tds_address.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

#define SCHEME "sqlserver://"

static void fold(const char *name, size_t length, struct strbuf *out)
{
    for (size_t i = 0; i < length; i++)
        if (name[i] != ' ' && name[i] != '_')
            strbuf_addch(out, (char)tolower((unsigned char)name[i]));
}

// value = "{" { any character, "}}" for one } } "}" | { any character but ";" }
static const char *read_value(const char *text, struct strbuf *value)
{
    if (*text != '{') {
        const size_t length = strcspn(text, ";");
        strbuf_add(value, text, length);
        return text + length;
    }
    for (text++; *text; text++) {
        if (*text == '}' && *++text != '}')
            return *text == ';' || !*text ? text : NULL;
        if (*text)
            strbuf_addch(value, *text);
    }
    return NULL;
}

int tds_parameter_next(const char **at, struct strbuf *name, struct strbuf *value)
{
    const char *text = *at + strspn(*at, "; ");
    strbuf_clear(name);
    strbuf_clear(value);
    if (!*text) {
        *at = text;
        return 0;
    }
    const size_t length = strcspn(text, "=;");
    const char *end = text[length] == '=' ? read_value(text + length + 1, value) : NULL;
    if (!end)
        return -1;
    fold(text, length, name);
    *at = end;
    return 1;
}

void tds_address_release(struct tds_address *address)
{
    free(address->host);
    free(address->instance);
    free(address->user);
    free(address->password);
    free(address->database);
    free(address->schema);
    free(address->authority);
    *address = (struct tds_address){0};
}

static bool is_any(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

static bool is_true(const char *value)
{
    return strcasecmp(value, "true") == 0 || strcasecmp(value, "yes") == 0;
}

// Of a text that is to be kept, NULL otherwise.
static char **text_of(struct tds_address *address, const char *name)
{
    static const char *const databases[] = {"database", "databasename", "initialcatalog", NULL};
    static const char *const users[] = {"user", "username", "userid", "uid", NULL};
    static const char *const passwords[] = {"password", "pwd", NULL};
    static const char *const schemas[] = {"schema", "currentschema", NULL};
    if (is_any(name, databases))
        return &address->database;
    if (is_any(name, users))
        return &address->user;
    if (is_any(name, passwords))
        return &address->password;
    if (is_any(name, schemas))
        return &address->schema;
    return strcmp(name, "trustservercertificateca") == 0 ? &address->authority : NULL;
}

static enum tds_encryption read_encryption(const char *value)
{
    if (strcasecmp(value, "DANGER_PLAINTEXT") == 0 || strcasecmp(value, "disable") == 0)
        return TDS_ENCRYPT_NOTHING;
    const bool is_off = strcasecmp(value, "false") == 0 || strcasecmp(value, "no") == 0 ||
                        strcasecmp(value, "optional") == 0;
    return is_off ? TDS_ENCRYPT_LOGIN : TDS_ENCRYPT_ALL;
}

// 0: it is none, or none that fits.
static int read_number(const char *text)
{
    char *end;
    const long number = strtol(text, &end, 10);
    return end == text || *end || number < 0 || number > 65535 ? 0 : (int)number;
}

static int take(struct tds_address *address, const char *name, const char *value)
{
    static const char *const timeouts[] = {"logintimeout", "connecttimeout", "connectiontimeout",
                                           NULL};
    char **text = text_of(address, name);
    if (text) {
        free(*text);
        *text = *value ? mem_strdup(value) : NULL;
    } else if (strcmp(name, "port") == 0) {
        address->port = read_number(value);
    } else if (strcmp(name, "encrypt") == 0) {
        address->encryption = read_encryption(value);
    } else if (strcmp(name, "trustservercertificate") == 0) {
        address->trusts_certificate = is_true(value);
    } else if (is_any(name, timeouts)) {
        address->timeout_s = read_number(value);
    } else if (strcmp(name, "integratedsecurity") == 0 && is_true(value)) {
        return -1;
    }
    return 0;
}

// host = ( name | "[" IPv6 "]" ) [ "\" instance ] [ ":" port ]
static int read_host(const char *text, size_t length, struct tds_address *address)
{
    AUTOFREE char *host = mem_strndup(text, length);
    const bool is_v6 = host[0] == '[';
    char *end = is_v6 ? strchr(host, ']') : host + strcspn(host, "\\:");
    if (!end || end == host + is_v6)
        return -1;
    char *rest = end + is_v6;
    if (*rest == '\\') {
        const size_t name = strcspn(rest + 1, ":");
        address->instance = mem_strndup(rest + 1, name);
        rest += 1 + name;
    }
    if (*rest == ':') {
        address->port = read_number(rest + 1);
        if (address->port == 0)
            return -1;
    } else if (*rest) {
        return -1;
    }
    address->host = mem_strndup(host + is_v6, (size_t)(end - host) - is_v6);
    return 0;
}

static bool is_this_machine(const char *host)
{
    return strcasecmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
           strcmp(host, "::1") == 0;
}

static int read_parameters(const char *at, struct tds_address *address, struct err *err)
{
    AUTO_STRBUF name = STRBUF_INIT, value = STRBUF_INIT;
    int more;
    while ((more = tds_parameter_next(&at, &name, &value)) > 0) {
        if (take(address, name.data, value.data))
            return err_set(err, ERR_INVALID,
                           "the connection string asks for a login by the operating system "
                           "(integratedSecurity), which is not known here: give user and password");
    }
    return more == 0 ? 0
                     : err_set(err, ERR_INVALID, "the connection string has a malformed parameter");
}

int tds_address_read(const char *url, struct tds_address *out, struct err *err)
{
    struct tds_address address = {.encryption = TDS_ENCRYPT_ALL};
    if (strncasecmp(url, SCHEME, strlen(SCHEME)) != 0)
        return err_set(err, ERR_INVALID, "the connection string is no sqlserver:// URL");
    url += strlen(SCHEME);
    const size_t length = strcspn(url, ";/");
    const char *rest = url + length + strspn(url + length, "/");
    if ((*rest && *rest != ';') || read_host(url, length, &address)) {
        tds_address_release(&address);
        return err_set(err, ERR_INVALID, "the connection string has a malformed host or port");
    }
    address.trusts_certificate = is_this_machine(address.host);
    if (read_parameters(rest, &address, err)) {
        tds_address_release(&address);
        return -1;
    }
    *out = address;
    return 0;
}
