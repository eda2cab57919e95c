#pragma once
// An arena: many small allocations with one lifetime, freed at once. Memory is zeroed, and aligned
// for pointers and 64-bit numbers, but where it is a text. Freed chunks are poisoned under
// AddressSanitizer by the allocator itself.

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); // NULL is fine
void *arena_alloc(struct arena *arena, size_t size_bytes);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define ARENA_NEW(arena, T) ((T *)arena_alloc((arena), sizeof(T)))
#define ARENA_ARRAY(arena, T, count) ((T *)arena_alloc((arena), sizeof(T) * (count)))
