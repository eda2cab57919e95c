// The difference between two schemas, for the conformance runner:
//
//     conformance_diff [db diff] --from X --to Y --script [--warnings]
//
// X and Y are `empty`, a .prisma file or a directory of them. Exits 0, or 3 where a schema has
// mistakes, which are printed to standard error.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "migrator/diff/schema_diff.h"

struct side {
    VEC_OF(struct source) sources;
};

static int side_add(struct side *side, const char *path, struct err *err)
{
    struct strbuf text = STRBUF_INIT;
    if (file_read(path, &text, err) < 0) {
        strbuf_release(&text);
        return -1;
    }
    size_t length = text.len;
    vec_push(&side->sources, (struct source){mem_strdup(path), strbuf_detach(&text), length});
    return 0;
}

static int compare_entries(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

static int side_read(struct side *side, const char *path, struct err *err)
{
    if (strcmp(path, "empty") == 0)
        return 0;
    if (!file_is_directory(path))
        return side_add(side, path, err);
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, NULL, compare_entries);
    int result = 0;
    for (int i = 0; i < count; i++) {
        const char *suffix = strrchr(entries[i]->d_name, '.');
        AUTOFREE char *child = path_join(path, entries[i]->d_name);
        if (result == 0 && entries[i]->d_name[0] != '.' &&
            (file_is_directory(child) || (suffix && strcmp(suffix, ".prisma") == 0)))
            result = side_read(side, child, err);
        free(entries[i]);
    }
    free(entries);
    return result;
}

static void side_release(struct side *side)
{
    vec_each (source, &side->sources) {
        free((char *)source->path);
        free((char *)source->text);
    }
    vec_release(&side->sources);
}

static void print_diagnostics(const struct diag_list *diagnostics)
{
    AUTO_STRBUF text = STRBUF_INIT;
    diag_render_all(diagnostics, false, &text);
    fputs(text.data, stderr);
}

static int run(const char *from_path, const char *to_path, struct schema_diff_options options)
{
    __attribute__((cleanup(side_release))) struct side from = {0};
    __attribute__((cleanup(side_release))) struct side to = {0};
    __attribute__((cleanup(diag_list_release))) struct diag_list diagnostics = {0};
    AUTO_STRBUF script = STRBUF_INIT;
    struct err err;
    int result = -1;
    if (side_read(&from, from_path, &err) == 0 && side_read(&to, to_path, &err) == 0)
        result = schema_diff_script((struct schema_texts){from.sources.items, from.sources.len},
                                    (struct schema_texts){to.sources.items, to.sources.len},
                                    options, &script, NULL, &diagnostics, &err);
    print_diagnostics(&diagnostics);
    if (result < 0) {
        fprintf(stderr, "%s\n", err.message);
        return err_exit_code(err.kind);
    }
    fwrite(script.data, 1, script.len, stdout);
    return 0;
}

int main(int argc, char **argv)
{
    const char *from = NULL;
    const char *to = NULL;
    struct schema_diff_options options = {0};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--from") == 0 && i + 1 < argc)
            from = argv[++i];
        else if (strcmp(argv[i], "--to") == 0 && i + 1 < argc)
            to = argv[++i];
        else if (strcmp(argv[i], "--warnings") == 0)
            options.with_warnings = true;
    }
    if (!from || !to) {
        fputs("usage: conformance_diff --from X --to Y --script [--warnings]\n", stderr);
        return 2;
    }
    return run(from, to, options);
}
