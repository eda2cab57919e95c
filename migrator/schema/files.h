#pragma once
// The files of a schema: one file, or all *.prisma files below a directory.

#include "base/diag.h"
#include "base/err.h"

// Owns the sources with their texts and paths; spans into them live as long as it does.
struct schema_files {
    struct source *sources; // in byte order of their paths
    size_t count;
};

// `path` is a file of any name, or a directory that is read recursively. Symbolic links are
// followed; a file or directory that is met twice (a link in a circle) counts once. Directories
// whose names begin with a dot are left out. Paths are shown relative to `root`. A directory
// without any such file is an error.
int schema_files_read(const char *path, const char *root, struct schema_files *out,
                      struct err *err) MUST_CHECK;
void schema_files_release(struct schema_files *files);
