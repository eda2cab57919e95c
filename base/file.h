#pragma once
// Files and paths. Writing is always to a temporary name in the same directory, synced, and
// renamed: a crash leaves the old file or the new one, never a half of either.

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/strbuf.h"

// Appends the file's bytes. A missing file is an error whose errno stays readable.
int file_read(const char *path, struct strbuf *out, struct err *err) MUST_CHECK;
int file_write_atomic(const char *path, const void *bytes, size_t length, mode_t mode,
                      struct err *err) MUST_CHECK;
// The same for a file that is not there yet: one that somebody else made meanwhile stays as it is.
int file_create_atomic(const char *path, const void *bytes, size_t length, mode_t mode,
                       struct err *err) MUST_CHECK;
bool file_exists(const char *path);
bool file_is_directory(const char *path);
// Makes the directory and its missing parents.
int file_make_directories(const char *path, mode_t mode, struct err *err) MUST_CHECK;
// Removes a file or a whole tree; missing is fine. Symbolic links are removed, never followed.
int file_remove_tree(const char *path, struct err *err) MUST_CHECK;

// "base/name", or name alone where it is absolute. Owned by the caller.
char *path_join(const char *base, const char *name);
// Absolute, "." and ".." and doubled slashes resolved by text (the path need not exist). Owned by
// the caller.
char *path_normalize(const char *path);
// The last component; borrowed.
const char *path_basename(const char *path);
// The path from `base` down to `path` when it lies below, else `path` itself; borrowed from `path`.
const char *path_below(const char *base, const char *path);
