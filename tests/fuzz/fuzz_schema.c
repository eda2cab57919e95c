// Any bytes as a schema: reading, resolving for every provider and formatting must neither crash
// nor fail to end; formatting twice changes nothing, and does not turn a good schema into a bad
// one.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "migrator/schema/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static bool resolve(const char *text, size_t length, const char *provider)
{
    struct source source = {"schema.prisma", text, length};
    struct diag_list diagnostics = {0};
    struct schema *schema = schema_parse(&source, 1, &diagnostics);
    struct datamodel *datamodel = schema_resolve(schema, provider, &diagnostics);
    bool accepted = datamodel != NULL;
    if (accepted != (diagnostics.error_count == 0))
        abort();
    AUTO_STRBUF shown = STRBUF_INIT;
    for (size_t i = 0; i < diagnostics.items.len && i < 10; i++)
        diag_render(&diagnostics.items.items[i], false, &shown);
    schema_free(schema);
    datamodel_free(datamodel);
    diag_list_release(&diagnostics);
    return accepted;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char *const providers[] = {NULL, "mysql", "sqlite", "sqlserver"};
    const char *text = (const char *)bytes;
    bool accepted = false;
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++) {
        bool accepted_here = resolve(text, length, providers[i]);
        if (i == 0)
            accepted = accepted_here;
    }

    AUTO_STRBUF complete = STRBUF_INIT;
    AUTO_STRBUF once = STRBUF_INIT;
    AUTO_STRBUF twice = STRBUF_INIT;
    struct source source = {"schema.prisma", text, length};
    schema_complete(&source, 1, &complete);
    if (accepted && (complete.len != length || memcmp(complete.data, text, length) != 0))
        abort();
    source = (struct source){"schema.prisma", complete.data, complete.len};
    schema_format(&source, &once);
    source = (struct source){"schema.prisma", once.data, once.len};
    schema_format(&source, &twice);
    // A comment of several lines that begins or ends in a line of garbage is laid out as one of its
    // own, whereupon the line may be understood.
    const bool is_clear = accepted || !memmem(complete.data, complete.len, "/*", 2);
    if (is_clear && (once.len != twice.len || memcmp(once.data, twice.data, once.len) != 0))
        abort();
    if (accepted && !resolve(once.data, once.len, NULL))
        abort();
    return 0;
}
