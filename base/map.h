#pragma once
// A map from strings to pointers that keeps insertion order, so that everything derived from it
// (generated SQL, plans, listings) is deterministic. Keys are copied; values are borrowed.

#include <stdbool.h>
#include <stddef.h>

struct map;

struct map *map_new(void);
void map_free(struct map *map); // NULL is fine
size_t map_count(const struct map *map);
// Puts or replaces; a replaced key keeps its place. Returns the former value, or NULL.
void *map_put(struct map *map, const char *key, void *value);
void *map_get(const struct map *map, const char *key);
bool map_has(const struct map *map, const char *key);
// Returns the removed value, or NULL.
void *map_remove(struct map *map, const char *key);

struct map_cursor {
    const char *key; // borrowed from the map
    void *value;
    void *next; // private
};
// In insertion order. The entry at the cursor may be removed while iterating, no other.
struct map_cursor map_first(const struct map *map);
struct map_cursor map_next(struct map_cursor cursor);
#define map_each(cursor, map) \
    for (struct map_cursor cursor = map_first(map); (cursor).key; (cursor) = map_next(cursor))
