// What catalogues keep as text: defaults of Postgres, SQLite and SQL Server, arrays, types as
// SQLite's tables declare them, predicates of indexes. Any text is understood or kept as it is.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "migrator/introspect/postgres.h"
#include "migrator/introspect/postgres_literal.h"
#include "migrator/introspect/sqlite.h"
#include "migrator/introspect/sqlserver.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

// A default has all that its kind promises.
static void check_default(const struct column *column, const char *text)
{
    const struct column_default *value = &column->value;
    size_t total = 0;
    if (value->kind == DEFAULT_EXPRESSION && !strstr(text, value->expression))
        abort();
    if (value->kind == DEFAULT_VALUE && value->value_count != 1)
        abort();
    for (size_t i = 0; i < value->value_count; i++)
        total += strnlen(value->values[i].text, value->values[i].length + 1);
    if (total > 2 * strlen(text) + 8)
        abort();
}

static void try_columns(struct arena *arena, const char *text)
{
    for (unsigned scalar = DM_STRING; scalar <= DM_BYTES; scalar++) {
        const struct column_type type = {.family = COLUMN_SCALAR, .scalar = scalar};
        struct column sqlite = {.type = type}, postgres = {.type = type};
        struct column list = {.type = type, .arity = COLUMN_LIST}, sqlserver = {.type = type};
        sqlite_read_default(arena, text, &sqlite);
        postgres_read_default(arena, text, &postgres);
        postgres_read_default(arena, text, &list);
        sqlserver_read_default(arena, text, &sqlserver);
        check_default(&sqlite, text);
        check_default(&postgres, text);
        check_default(&list, text);
        check_default(&sqlserver, text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    AUTOFREE char *text = mem_strndup((const char *)bytes, length);
    struct arena *arena = arena_new();
    struct literal array;
    try_columns(arena, text);
    (void)postgres_array_read(arena, text, &array);
    (void)sqlite_read_type(arena, text);
    const char *predicate = sqlite_read_predicate(arena, text);
    if (predicate && strlen(predicate) > strlen(text))
        abort();
    arena_free(arena);
    return 0;
}
