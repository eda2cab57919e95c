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

// Written without care for a crash: whole files that are safe on the disk take a hundred times as long.
static int format(const struct source *source)
{
    AUTO_STRBUF complete = STRBUF_INIT;
    AUTO_STRBUF out = STRBUF_INIT;
    AUTOFREE char *path = mem_printf("%s.formatted", source->path);
    schema_complete(source, 1, &complete);
    struct source completed = {source->path, complete.data, complete.len};
    schema_format(&completed, &out);
    FILE *file = fopen(path, "w");
    if (!file)
        return -1;
    size_t written = fwrite(out.data, 1, out.len, file);
    return fclose(file) == 0 && written == out.len ? 0 : -1;
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
        else if (format(&source)) {
            perror(argv[i]);
            return 1;
        }
    }
    return 0;
}
