// Connections read from key-value texts: ADO.NET's, and StackExchange.Redis's.
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/url.h"
#include "provisioners/connection_text.h"

// What a key stands for, over all engines. Keys as name_fold leaves them.
enum ado_field {
    ADO_HOST,
    ADO_PORT,
    ADO_USER,
    ADO_PASSWORD,
    ADO_DATABASE,
    ADO_FIELDS,
};

static const struct ado_key {
    const char *name;
    enum ado_field field;
} ado_keys[] = {
    {"host", ADO_HOST},         {"server", ADO_HOST},
    {"datasource", ADO_HOST},   {"address", ADO_HOST},
    {"addr", ADO_HOST},         {"networkaddress", ADO_HOST},
    {"filename", ADO_HOST},     {"port", ADO_PORT},
    {"username", ADO_USER},     {"userid", ADO_USER},
    {"user", ADO_USER},         {"uid", ADO_USER},
    {"password", ADO_PASSWORD}, {"pwd", ADO_PASSWORD},
    {"database", ADO_DATABASE}, {"initialcatalog", ADO_DATABASE},
    {"db", ADO_DATABASE},
};

// Keys that one engine's provider alone has.
static const struct ado_sign {
    const char *name;
    enum engine_id engine;
} ado_signs[] = {
    {"host", ENGINE_POSTGRES},
    {"username", ENGINE_POSTGRES},
    {"searchpath", ENGINE_POSTGRES},
    {"initialcatalog", ENGINE_MSSQL},
    {"trustservercertificate", ENGINE_MSSQL},
    {"integratedsecurity", ENGINE_MSSQL},
    {"multipleactiveresultsets", ENGINE_MSSQL},
    {"filename", ENGINE_SQLITE},
};

struct ado_pair {
    const char *name; // folded
    const char *text; // the name as it lies
    const char *value;
};

struct ado_text {
    VEC_OF(struct ado_pair) pairs;
    const char *fields[ADO_FIELDS]; // NULL: absent
};

static void ado_text_release(struct ado_text *text)
{
    vec_release(&text->pairs);
}

// value = '"' { any | '""' } '"' | "'" { any | "''" } "'" | bare; ends before ';' or the end
static const char *read_value(const char *text, struct strbuf *value)
{
    text += strspn(text, " \t");
    if (*text != '"' && *text != '\'') {
        size_t length = strcspn(text, ";"), end = length;
        while (end && isspace((unsigned char)text[end - 1]))
            end--;
        strbuf_add(value, text, end);
        return text + length;
    }
    const char quote = *text++;
    for (; *text; text++) {
        if (*text == quote && *++text != quote) {
            text += strspn(text, " \t");
            return *text == ';' || !*text ? text : NULL;
        }
        if (*text)
            strbuf_addch(value, *text);
    }
    return NULL;
}

static void ado_text_add(struct ado_text *out, const struct ado_pair *pair)
{
    vec_push(&out->pairs, *pair);
    for (size_t i = 0; i < sizeof ado_keys / sizeof *ado_keys; i++) {
        if (!strcmp(ado_keys[i].name, pair->name))
            out->fields[ado_keys[i].field] = text_or_null(pair->value);
    }
}

// ado = [ pair { ";" pair } [ ";" ] ], pair = name "=" value
static int ado_text_read(const char *text, struct arena *arena, struct ado_text *out)
{
    while (*(text += strspn(text, "; \t\r\n"))) {
        size_t length = strcspn(text, "=;");
        if (text[length] != '=' || length == 0)
            return -1;
        AUTO_STRBUF value = STRBUF_INIT;
        const char *end = read_value(text + length + 1, &value);
        if (!end)
            return -1;
        ado_text_add(out, &(struct ado_pair){name_fold(text, length, arena),
                                             arena_strndup(arena, text, length),
                                             arena_strdup(arena, value.data)});
        text = end;
    }
    return 0;
}

static const struct engine *engine_by_port(const char *port)
{
    static const enum engine_id ids[] = {ENGINE_POSTGRES, ENGINE_MYSQL, ENGINE_MSSQL};
    for (size_t i = 0; port && i < sizeof ids / sizeof *ids; i++) {
        if (connection_port(port) == engine_of(ids[i])->port)
            return engine_of(ids[i]);
    }
    return NULL;
}

static const struct engine *engine_by_user(const char *user)
{
    static const enum engine_id ids[] = {ENGINE_POSTGRES, ENGINE_MYSQL, ENGINE_MSSQL};
    for (size_t i = 0; user && i < sizeof ids / sizeof *ids; i++) {
        if (!strcmp(user, engine_of(ids[i])->user))
            return engine_of(ids[i]);
    }
    return NULL;
}

// The engine whose provider such a text is for; NULL when it could be several.
static const struct engine *guess_engine(const struct ado_text *text)
{
    bool has_source = false;
    vec_each (pair, &text->pairs) {
        for (size_t i = 0; i < sizeof ado_signs / sizeof *ado_signs; i++) {
            if (!strcmp(ado_signs[i].name, pair->name))
                return engine_of(ado_signs[i].engine);
        }
        has_source |= !strcmp(pair->name, "datasource");
    }
    const char *host = text->fields[ADO_HOST];
    if (has_source && !text->fields[ADO_USER] && !text->fields[ADO_DATABASE])
        return engine_of(ENGINE_SQLITE);
    if (host && (strchr(host, ',') || !strncasecmp(host, "tcp:", 4)))
        return engine_of(ENGINE_MSSQL);
    const struct engine *engine = engine_by_port(text->fields[ADO_PORT]);
    return engine ? engine : engine_by_user(text->fields[ADO_USER]);
}

static void take_postgres_parameters(const struct connection_reader *reader,
                                     const struct ado_text *text, struct connection *out)
{
    AUTO_STRBUF query = STRBUF_INIT;
    vec_each (pair, &text->pairs) {
        const char *value = pair->value;
        const char *name = parameter_from_ado(pair->name, &value, reader->arena);
        if (!name || !*value)
            continue;
        strbuf_addf(&query, "%s%s=", query.len ? "&" : "", name);
        url_encode(value, &query);
    }
    out->query = text_or_null(arena_strdup(reader->arena, query.data));
}

static bool is_field(const char *folded_name)
{
    for (size_t i = 0; i < sizeof ado_keys / sizeof *ado_keys; i++) {
        if (!strcmp(ado_keys[i].name, folded_name))
            return true;
    }
    return false;
}

// Everything else is a parameter of SQL Server's URL, too.
static void take_sqlserver_parameters(const struct connection_reader *reader,
                                      const struct ado_text *text, struct connection *out)
{
    AUTO_STRBUF query = STRBUF_INIT;
    vec_each (pair, &text->pairs) {
        if (is_field(pair->name))
            continue;
        strbuf_addf(&query, "%s%s=", query.len ? ";" : "", pair->text);
        braced_value(pair->value, &query);
    }
    out->query = text_or_null(arena_strdup(reader->arena, query.data));
}

static int take_server(const struct connection_reader *reader, const struct ado_text *text,
                       struct connection *out)
{
    const char *host = text->fields[ADO_HOST], *port = text->fields[ADO_PORT];
    out->user = text->fields[ADO_USER];
    out->password = text->fields[ADO_PASSWORD];
    out->database = text->fields[ADO_DATABASE];
    if (port && (out->port = connection_port(port)) < 0)
        return -1;
    if (out->engine->id != ENGINE_MSSQL) {
        const char *colon = strchr(host, ':');
        // An address has more colons than one, and no brackets here.
        if (*host == '[' || (colon && !strchr(colon + 1, ':')))
            return connection_host_port(reader, host, ':', out);
        out->host = host;
        return 0;
    }
    if (!strncasecmp(host, "tcp:", 4))
        host += 4;
    return connection_host_port(reader, host, ',', out);
}

int connection_parse_ado(const struct connection_reader *reader, const char *text,
                         struct connection *out, struct err *err)
{
    __attribute__((cleanup(ado_text_release))) struct ado_text ado = {0};
    if (ado_text_read(text, reader->arena, &ado))
        return connection_malformed(err, "is neither a URL nor of the form Name=value;Name=value");
    const struct engine *engine = reader->engine ? reader->engine : guess_engine(&ado);
    if (!engine) {
        connection_malformed(err, "could be for more than one engine");
        return err_hint(err, "write it as a URL: postgresql://, mysql:// or sqlserver://");
    }
    *out = (struct connection){.engine = engine, .port = engine->port};
    if (!ado.fields[ADO_HOST])
        return connection_malformed(err, engine->id == ENGINE_SQLITE ? "names no file"
                                                                     : "names no host");
    if (engine->id == ENGINE_SQLITE)
        return connection_file(reader, ado.fields[ADO_HOST], out, err);
    if (take_server(reader, &ado, out))
        return connection_malformed(err, "has a malformed host or port");
    if (engine->id == ENGINE_POSTGRES)
        take_postgres_parameters(reader, &ado, out);
    else if (engine->id == ENGINE_MSSQL)
        take_sqlserver_parameters(reader, &ado, out);
    return 0;
}

static int take_redis_option(const struct connection_reader *reader, const char *option,
                             struct connection *out)
{
    size_t length = strcspn(option, "=");
    if (option[length] != '=')
        return -1;
    const char *name = name_fold(option, length, reader->arena), *value = option + length + 1;
    if (!strcmp(name, "password"))
        out->password = text_or_null(value);
    else if (!strcmp(name, "user"))
        out->user = text_or_null(value);
    else if (!strcmp(name, "defaultdatabase"))
        out->database = strcmp(value, "0") ? text_or_null(value) : NULL;
    else if (!strcmp(name, "ssl"))
        out->tls = !strcasecmp(value, "true");
    return 0;
}

// redis = host [ ":" port ] { "," name "=" value }
int connection_parse_stack_exchange(const struct connection_reader *reader, const char *text,
                                    struct connection *out, struct err *err)
{
    const struct engine *engine = reader->engine ? reader->engine : engine_of(ENGINE_REDIS);
    *out = (struct connection){.engine = engine, .port = engine->port};
    size_t length = strcspn(text, ",");
    const char *host = arena_strndup(reader->arena, text, length);
    if (strchr(host, '=') || connection_host_port(reader, host, ':', out))
        return connection_malformed(err, "has a malformed host or port");
    for (const char *at = text + length; *at;) {
        length = strcspn(++at, ",");
        const char *option = arena_strndup(reader->arena, at, length);
        if (length && take_redis_option(reader, option, out))
            return connection_malformed(err, "has a malformed option");
        at += length;
    }
    return 0;
}
