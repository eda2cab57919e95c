#pragma once
// libgit2, loaded at its first use (base/library.h says why; this one takes 10 ms to set itself up
// and 6 MB). Include this instead of <git2.h> and call its functions by their own names, once
// libgit2_load has succeeded.

#include <git2.h>

#include "base/err.h"

// What the project uses. A function stands in both lists of this file: one that is missing above
// does not compile, one that is missing below does not link.
#define LIBGIT2_FUNCTIONS(X)         \
    X(git_buf_dispose)               \
    X(git_libgit2_init)              \
    X(git_libgit2_opts)              \
    X(git_libgit2_shutdown)          \
    X(git_object_free)               \
    X(git_object_lookup)             \
    X(git_object_short_id)           \
    X(git_reference_free)            \
    X(git_reference_lookup)          \
    X(git_reference_name_to_id)      \
    X(git_reference_symbolic_target) \
    X(git_repository_free)           \
    X(git_repository_is_worktree)    \
    X(git_repository_open_ext)       \
    X(git_repository_path)           \
    X(git_repository_workdir)

struct libgit2 {
#define X(function) __typeof__(function) *function;
    LIBGIT2_FUNCTIONS(X)
#undef X
};
extern struct libgit2 libgit2;

// Before the first call of a function; any further time costs nothing. Fails where the library is
// not installed.
int libgit2_load(struct err *err) MUST_CHECK;

#define git_buf_dispose libgit2.git_buf_dispose
#define git_libgit2_init libgit2.git_libgit2_init
#define git_libgit2_opts libgit2.git_libgit2_opts
#define git_libgit2_shutdown libgit2.git_libgit2_shutdown
#define git_object_free libgit2.git_object_free
#define git_object_lookup libgit2.git_object_lookup
#define git_object_short_id libgit2.git_object_short_id
#define git_reference_free libgit2.git_reference_free
#define git_reference_lookup libgit2.git_reference_lookup
#define git_reference_name_to_id libgit2.git_reference_name_to_id
#define git_reference_symbolic_target libgit2.git_reference_symbolic_target
#define git_repository_free libgit2.git_repository_free
#define git_repository_is_worktree libgit2.git_repository_is_worktree
#define git_repository_open_ext libgit2.git_repository_open_ext
#define git_repository_path libgit2.git_repository_path
#define git_repository_workdir libgit2.git_repository_workdir
