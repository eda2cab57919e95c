// The schema language as a program, for conformance/validation.mjs:
//
//     conformance_schema validate FILE...   one line per file: "OK path" or "NO path"
//     conformance_schema format FILE...     writes each file's formatted text to FILE.formatted
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "migrator/schema/schema.h"

static void validate(const struct source *source)
{
    struct diag_list diagnostics = {0};
    struct schema *schema = schema_parse(source, 1, &diagnostics);
    struct datamodel *datamodel = schema_resolve(schema, NULL, &diagnostics);
    printf("%s %s\n", datamodel ? "OK" : "NO", source->path);
    datamodel_free(datamodel);
    schema_free(schema);
    diag_list_release(&diagnostics);
}

static int format(const struct source *source, struct err *err)
{
    AUTO_STRBUF complete = STRBUF_INIT;
    AUTO_STRBUF out = STRBUF_INIT;
    AUTOFREE char *path = mem_printf("%s.formatted", source->path);
    schema_complete(source, 1, &complete);
    struct source completed = {source->path, complete.data, complete.len};
    schema_format(&completed, &out);
    return file_write_atomic(path, out.data, out.len, 0644, err);
}

int main(int argc, char **argv)
{
    bool is_format = argc > 1 && strcmp(argv[1], "format") == 0;
    if (argc < 3 || (!is_format && strcmp(argv[1], "validate") != 0)) {
        fprintf(stderr, "usage: conformance_schema validate|format FILE...\n");
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        AUTO_STRBUF text = STRBUF_INIT;
        struct err err;
        if (file_read(argv[i], &text, &err)) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
        struct source source = {argv[i], text.data, text.len};
        if (!is_format)
            validate(&source);
        else if (format(&source, &err)) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
    }
    return 0;
}
