#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

// Chunks double, so that a small arena stays small. They stay below the 128 KiB from which the
// allocator maps memory of its own and gives it back: the next arena takes over the pages of the
// last one. With chunks of 1 MiB a schema of 1,000 models touched a third more fresh pages.
enum { FIRST_CHUNK_BYTES = 4 * 1024, LARGEST_CHUNK_BYTES = 64 * 1024 };

// For pointers and numbers of 64 bits: nothing here is a long double.
enum { ALIGNMENT = alignof(int64_t) };

struct chunk {
    struct chunk *next;
    alignas(ALIGNMENT) unsigned char bytes[];
};

struct arena {
    struct chunk *chunks;
    unsigned char *at, *end; // the room left in the first chunk
    size_t chunk_bytes;      // of the next chunk
};

struct arena *arena_new(void)
{
    struct arena *arena = mem_alloc(sizeof *arena);
    arena->chunk_bytes = FIRST_CHUNK_BYTES;
    return arena;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    for (struct chunk *chunk = arena->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    free(arena);
}

// A chunk without room left for `size_bytes`: they go to a new one.
static void *alloc_elsewhere(struct arena *arena, size_t size_bytes)
{
    bool is_large = size_bytes > arena->chunk_bytes / 4;
    struct chunk *chunk =
        mem_grow(NULL, sizeof *chunk + (is_large ? size_bytes : arena->chunk_bytes), 1);
    if (is_large && arena->chunks) { // behind the first one, whose room stays in use
        chunk->next = arena->chunks->next;
        arena->chunks->next = chunk;
        return chunk->bytes;
    }
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->at = chunk->bytes + size_bytes;
    arena->end = chunk->bytes + (is_large ? size_bytes : arena->chunk_bytes);
    if (arena->chunk_bytes < LARGEST_CHUNK_BYTES)
        arena->chunk_bytes *= 2;
    return chunk->bytes;
}

void *arena_alloc(struct arena *arena, size_t size_bytes)
{
    size_t padding = -(uintptr_t)arena->at & (ALIGNMENT - 1);
    size_t room = (size_t)(arena->end - arena->at);
    if (room < padding || room - padding < size_bytes || room == 0)
        return memset(alloc_elsewhere(arena, size_bytes), 0, size_bytes);
    void *memory = arena->at + padding;
    arena->at += padding + size_bytes;
    return memset(memory, 0, size_bytes); // here, and not with the chunk: texts need none
}

// Texts need no alignment: they stand next to each other.
char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *copy = (char *)arena->at;
    if ((size_t)(arena->end - arena->at) <= length)
        copy = alloc_elsewhere(arena, length + 1);
    else
        arena->at += length + 1;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    char *room = (char *)arena->at;
    size_t room_bytes = (size_t)(arena->end - arena->at);
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int printed = vsnprintf(room, room_bytes, format, args);
    size_t length = printed < 0 ? 0 : (size_t)printed;
    va_end(args);
    if (length < room_bytes) {
        room[length] = '\0';
        arena->at += length + 1;
    } else {
        room = alloc_elsewhere(arena, length + 1);
        vsnprintf(room, length + 1, format, again);
    }
    va_end(again);
    return room;
}
