#include "migrator/schema/files.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

struct identity {
    dev_t device;
    ino_t inode;
};

struct search {
    VEC_OF(char *) paths;
    VEC_OF(struct identity) seen;
    struct err *err;
};

static bool first_visit(struct search *search, const struct stat *st)
{
    vec_each (identity, &search->seen)
        if (identity->device == st->st_dev && identity->inode == st->st_ino)
            return false;
    vec_push(&search->seen, (struct identity){st->st_dev, st->st_ino});
    return true;
}

static bool is_schema_name(const char *name)
{
    size_t length = strlen(name);
    static const char suffix[] = ".prisma";
    return length >= sizeof suffix && strcmp(name + length - (sizeof suffix - 1), suffix) == 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_directory(const char *path, char ***names, size_t *count, struct err *err)
{
    VEC_OF(char *) found = {0};
    DIR *directory = opendir(path);
    if (!directory)
        return err_set_errno(err, "cannot read %s", path);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (entry->d_name[0] != '.')
            vec_push(&found, mem_strdup(entry->d_name));
    closedir(directory);
    if (found.len > 1)
        qsort(found.items, found.len, sizeof *found.items, compare_names);
    *names = found.items;
    *count = found.len;
    return 0;
}

static int find_files(struct search *search, const char *path);

// A directory's entry; links that lead nowhere are not our business.
static int visit(struct search *search, const char *path, const char *name)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return 0;
    if (S_ISDIR(st.st_mode))
        return first_visit(search, &st) ? find_files(search, path) : 0;
    if (S_ISREG(st.st_mode) && is_schema_name(name) && first_visit(search, &st))
        vec_push(&search->paths, mem_strdup(path));
    return 0;
}

static int find_files(struct search *search, const char *path)
{
    char **names = NULL;
    size_t count = 0;
    int result = list_directory(path, &names, &count, search->err);
    for (size_t i = 0; i < count; i++) {
        AUTOFREE char *child = path_join(path, names[i]);
        if (result == 0)
            result = visit(search, child, names[i]);
        free(names[i]);
    }
    free(names);
    return result;
}

static int find(struct search *search, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return err_set_errno(search->err, "cannot read the schema %s", path);
    if (!S_ISDIR(st.st_mode)) {
        vec_push(&search->paths, mem_strdup(path));
        return 0;
    }
    (void)first_visit(search, &st);
    if (find_files(search, path))
        return -1;
    if (search->paths.len == 0) {
        err_set(search->err, ERR_INVALID, "no *.prisma file in %s", path);
        return err_hint(search->err, "the schema is one file, or a directory of *.prisma files");
    }
    qsort(search->paths.items, search->paths.len, sizeof *search->paths.items, compare_names);
    return 0;
}

static int read_sources(const struct search *search, const char *root, struct schema_files *out,
                        struct err *err)
{
    struct schema_files files = {.sources =
                                     mem_alloc((search->paths.len + 1) * sizeof *files.sources)};
    vec_each (path, &search->paths) {
        struct strbuf text = STRBUF_INIT;
        if (file_read(*path, &text, err)) {
            strbuf_release(&text);
            schema_files_release(&files);
            return -1;
        }
        struct source *source = &files.sources[files.count++];
        source->path = mem_strdup(path_below(root, *path));
        source->length = text.len;
        source->text = text.cap ? strbuf_detach(&text) : mem_strdup("");
    }
    *out = files;
    return 0;
}

int schema_files_read(const char *path, const char *root, struct schema_files *out, struct err *err)
{
    struct search search = {.err = err};
    int result = find(&search, path);
    if (result == 0)
        result = read_sources(&search, root, out, err);
    vec_each (found, &search.paths)
        free(*found);
    vec_release(&search.paths);
    vec_release(&search.seen);
    return result;
}

void schema_files_release(struct schema_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free((char *)files->sources[i].path);
        free((char *)files->sources[i].text);
    }
    free(files->sources);
    *files = (struct schema_files){0};
}
