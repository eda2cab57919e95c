#pragma once
// Memory that either arrives or ends the program, and cleanup attributes for owning locals.
//
// Out of memory aborts in one place (mem.c), so no caller checks for NULL. An owning local is
// declared with one of the attributes below and leaves its scope by TAKE() when its ownership moves
// on.

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

// Zeroed memory of `size_bytes`; the caller frees it with free().
void *mem_alloc(size_t size_bytes);
// As realloc(count * size_bytes), overflow checked.
void *mem_grow(void *memory, size_t count, size_t size_bytes);
char *mem_strdup(const char *text);
char *mem_strndup(const char *text, size_t length);
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *mem_vprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

#define CLEANUP(function) __attribute__((cleanup(function)))
#define AUTOFREE CLEANUP(mem_cleanup_free)
#define AUTOCLOSE CLEANUP(mem_cleanup_close)

// Moves a pointer out of an owning local: the local becomes NULL.
#define TAKE(pointer)                           \
    __extension__({                             \
        __typeof__(pointer) taken_ = (pointer); \
        (pointer) = NULL;                       \
        taken_;                                 \
    })

// The same for a file descriptor: the local becomes -1.
#define TAKE_FD(fd)        \
    __extension__({        \
        int taken_ = (fd); \
        (fd) = -1;         \
        taken_;            \
    })

static inline void mem_cleanup_free(void *pointer)
{
    free(*(void **)pointer);
}

static inline void mem_cleanup_close(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
