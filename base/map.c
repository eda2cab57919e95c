#include "base/map.h"

#include <string.h>

#include "base/mem.h"

#define uthash_malloc(size) mem_alloc(size)
#include <uthash.h>

struct entry {
    UT_hash_handle hh;
    void *value;
    char key[];
};

struct map {
    struct entry *entries;
};

struct map *map_new(void)
{
    return mem_alloc(sizeof(struct map));
}

void map_free(struct map *map)
{
    if (!map)
        return;
    struct entry *entry, *next;
    HASH_ITER(hh, map->entries, entry, next)
    {
        HASH_DEL(map->entries, entry);
        free(entry);
    }
    free(map);
}

size_t map_count(const struct map *map)
{
    return HASH_COUNT(map->entries);
}

static struct entry *find(const struct map *map, const char *key)
{
    struct entry *entry;
    HASH_FIND_STR(map->entries, key, entry);
    return entry;
}

void *map_put(struct map *map, const char *key, void *value)
{
    struct entry *entry = find(map, key);
    if (entry) {
        void *former = entry->value;
        entry->value = value;
        return former;
    }
    size_t length = strlen(key);
    entry = mem_alloc(sizeof *entry + length + 1);
    memcpy(entry->key, key, length + 1);
    entry->value = value;
    HASH_ADD_KEYPTR(hh, map->entries, entry->key, length, entry);
    return NULL;
}

void *map_get(const struct map *map, const char *key)
{
    const struct entry *entry = find(map, key);
    return entry ? entry->value : NULL;
}

bool map_has(const struct map *map, const char *key)
{
    return find(map, key) != NULL;
}

void *map_remove(struct map *map, const char *key)
{
    struct entry *entry = find(map, key);
    if (!entry)
        return NULL;
    void *value = entry->value;
    HASH_DEL(map->entries, entry);
    free(entry);
    return value;
}

static struct map_cursor cursor_at(const struct entry *entry)
{
    if (!entry)
        return (struct map_cursor){0};
    return (struct map_cursor){.key = entry->key, .value = entry->value, .next = entry->hh.next};
}

struct map_cursor map_first(const struct map *map)
{
    return cursor_at(map->entries);
}

struct map_cursor map_next(struct map_cursor cursor)
{
    return cursor_at(cursor.next);
}
