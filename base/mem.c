#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static _Noreturn void out_of_memory(void)
{
    static const char message[] = "berth: out of memory\n";
    (void)!write(STDERR_FILENO, message, sizeof message - 1);
    abort();
}

void *mem_alloc(size_t size_bytes)
{
    void *memory = calloc(1, size_bytes ? size_bytes : 1);
    if (!memory)
        out_of_memory();
    return memory;
}

void *mem_grow(void *memory, size_t count, size_t size_bytes)
{
    void *grown = reallocarray(memory, count ? count : 1, size_bytes);
    if (!grown)
        out_of_memory();
    return grown;
}

char *mem_strndup(const char *text, size_t length)
{
    char *copy = mem_alloc(length + 1);
    memcpy(copy, text, length);
    return copy;
}

char *mem_strdup(const char *text)
{
    return mem_strndup(text, strlen(text));
}

char *mem_vprintf(const char *format, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0)
        out_of_memory();
    return text;
}

char *mem_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = mem_vprintf(format, args);
    va_end(args);
    return text;
}
