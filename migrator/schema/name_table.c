#include "migrator/schema/name_table.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"

struct name_slot {
    const void *scope;
    const char *name;
    void *value; // NULL: free
    uint32_t length, hash;
};

// FNV-1a, with the scope mixed in. Schemas are the user's own: no defence against chosen keys.
static uint32_t hash_name(const void *scope, const char *name, size_t length)
{
    uint64_t hash = 0xCBF29CE484222325u ^ ((uint64_t)(uintptr_t)scope * 0x9E3779B97F4A7C15u);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)name[i]) * 0x100000001B3u;
    return (uint32_t)(hash ^ hash >> 32);
}

static struct name_slot *find(const struct name_table *table, const void *scope, const char *name,
                              size_t length, uint32_t hash)
{
    size_t mask = table->slot_count - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct name_slot *slot = &table->slots[i];
        if (!slot->value || (slot->hash == hash && slot->scope == scope && slot->length == length &&
                             memcmp(slot->name, name, length) == 0))
            return slot;
    }
}

static void resize(struct name_table *table, size_t slot_count)
{
    struct name_table grown = {.slot_count = slot_count, .used = table->used};
    grown.slots = mem_alloc(grown.slot_count * sizeof *grown.slots);
    for (size_t i = 0; i < table->slot_count; i++) {
        const struct name_slot *slot = &table->slots[i];
        if (slot->value)
            *find(&grown, slot->scope, slot->name, slot->length, slot->hash) = *slot;
    }
    free(table->slots);
    *table = grown;
}

void name_table_reserve(struct name_table *table, size_t names)
{
    size_t slot_count = table->slot_count ? table->slot_count : 16;
    while (slot_count / 4 * 3 < names)
        slot_count *= 2;
    if (slot_count > table->slot_count)
        resize(table, slot_count);
}

void name_table_release(struct name_table *table)
{
    free(table->slots);
    *table = (struct name_table){0};
}

void *name_table_put(struct name_table *table, const void *scope, const char *name, size_t length,
                     void *value)
{
    if (table->used + 1 > table->slot_count / 4 * 3)
        name_table_reserve(table, table->used + 1);
    uint32_t hash = hash_name(scope, name, length);
    struct name_slot *slot = find(table, scope, name, length, hash);
    if (slot->value)
        return slot->value;
    *slot = (struct name_slot){scope, name, value, (uint32_t)length, hash};
    table->used++;
    return NULL;
}

void *name_table_get(const struct name_table *table, const void *scope, const char *name,
                     size_t length)
{
    if (table->slot_count == 0)
        return NULL;
    return find(table, scope, name, length, hash_name(scope, name, length))->value;
}
