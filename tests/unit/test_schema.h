#pragma once
// A schema text, parsed and resolved, for the tests of the schema language.

#include "tests/unit/test.h"

#include "migrator/schema/schema.h"

struct parsed {
    struct source source;
    struct schema *schema;
    struct datamodel *datamodel; // NULL: refused
    struct diag_list diagnostics;
};

static inline void parsed_release(struct parsed *parsed)
{
    datamodel_free(parsed->datamodel);
    schema_free(parsed->schema);
    diag_list_release(&parsed->diagnostics);
}
#define AUTO_PARSED __attribute__((cleanup(parsed_release))) struct parsed

static inline void parse(struct parsed *out, const char *text)
{
    out->source = (struct source){"schema.prisma", text, strlen(text)};
    out->schema = schema_parse(&out->source, 1, &out->diagnostics);
    out->datamodel = schema_resolve(out->schema, NULL, &out->diagnostics);
}

// The mistakes as "line:column message" lines.
static inline void describe(const struct parsed *parsed, struct strbuf *out)
{
    vec_each (diag, &parsed->diagnostics.items) {
        struct position place = source_position(diag->span.source, diag->span.start);
        strbuf_addf(out, "%zu:%zu %s%s\n", place.line, place.column,
                    diag->severity == DIAG_WARNING ? "warning: " : "", diag->message);
    }
}

static inline void assert_mistakes(const char *text, const char *expected)
{
    AUTO_PARSED parsed = {0};
    AUTO_STRBUF got = STRBUF_INIT;
    parse(&parsed, text);
    describe(&parsed, &got);
    assert_string_equal(got.data, expected);
}
