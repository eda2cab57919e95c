// Any text is read as a connection or refused; what was read is written in every form, and its URL
// is read back as the same.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/tds_address.h"
#include "provisioners/connection.h"
#include "provisioners/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static bool same(const char *left, const char *right)
{
    return left && right ? !strcmp(left, right) : left == right;
}

static void check_round_trip(const struct connection *connection, struct arena *arena)
{
    AUTO_STRBUF url = STRBUF_INIT;
    struct connection again;
    struct err err;
    connection_url(connection, &url);
    if (connection_parse(url.data, connection->engine, "/w", arena, &again, &err))
        abort();
    if (again.port != connection->port || !same(again.password, connection->password) ||
        !same(again.user, connection->user) || !same(again.database, connection->database))
        abort();
}

// The client's own reader of SQL Server's URLs understands them the same.
static void check_address(const struct connection *connection)
{
    AUTO_STRBUF url = STRBUF_INIT;
    struct tds_address address;
    struct err err;
    connection_url(connection, &url);
    if (tds_address_read(url.data, &address, &err)) {
        if (!strstr(err.message, "integratedSecurity"))
            abort();
        return;
    }
    if (address.port != connection->port || !same(address.user, connection->user) ||
        !same(address.password, connection->password) ||
        !same(address.database, connection->database))
        abort();
    tds_address_release(&address);
}

static void try_engine(const char *text, const struct engine *engine)
{
    struct arena *arena = arena_new();
    struct connection connection, out;
    struct err err;
    const char *note = NULL;
    if (!connection_parse(text, engine, "/w", arena, &connection, &err)) {
        AUTO_STRBUF forms = STRBUF_INIT;
        variable_list variables = {0};
        connection_url_masked(&connection, &forms);
        connection_ado(&connection, &forms);
        connection_jdbc(&connection, &forms);
        if (connection.engine->is_cache)
            connection_cache_variables(&connection, "key", true, arena, &variables);
        else
            connection_database_variables(&connection, "key", "name", true, arena, &variables);
        vec_release(&variables);
        if (connection_direct(&connection, arena, &out, &note, &err) == 0 && note && !out.host)
            abort();
        check_round_trip(&connection, arena);
        if (connection.engine->id == ENGINE_MSSQL)
            check_address(&connection);
    }
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    AUTOFREE char *text = mem_strndup((const char *)bytes, length);
    size_t count = 0;
    const struct engine *engines = engine_table(&count);
    try_engine(text, NULL);
    for (size_t i = 0; i < count; i++)
        try_engine(text, &engines[i]);
    return 0;
}
