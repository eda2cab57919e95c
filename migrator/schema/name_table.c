#include "migrator/schema/name_table.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"

// The names in the order in which they came; the slots are numbers of entries. Names lie densely,
// and growing moves the numbers only: two thirds of the memory of a table of whole entries.
struct name_entry {
    const void *scope;
    const char *name;
    void *value;
    uint32_t length, hash;
};

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 32;
}

static uint64_t load_eight(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static uint32_t load_four(const char *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

// Multiplies words of eight bytes, not single ones: a third of the instructions of FNV-1a on the
// names of schemas. What is left is read as words that overlap. Schemas are the user's own: no
// defence against chosen keys.
static uint32_t hash_name(const void *scope, const char *name, size_t length)
{
    uint64_t hash = mix(length, (uintptr_t)scope);
    size_t left = length;
    for (; left > 8; left -= 8, name += 8)
        hash = mix(hash, load_eight(name));
    if (left >= 4)
        hash = mix(hash, (uint64_t)load_four(name) << 32 | load_four(name + left - 4));
    else if (left > 0)
        hash = mix(hash, (uint64_t)(unsigned char)name[0] << 16 |
                             (uint64_t)(unsigned char)name[left / 2] << 8 |
                             (unsigned char)name[left - 1]);
    return (uint32_t)hash;
}

// The slot of a name: 0 where it is not in the table, else its entry's number from 1.
static uint32_t *find(const struct name_table *table, const void *scope, const char *name,
                      size_t length, uint32_t hash)
{
    size_t mask = table->slot_count - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &table->slots[i];
        if (*slot == 0)
            return slot;
        const struct name_entry *entry = &table->entries[*slot - 1];
        if (entry->hash == hash && entry->scope == scope && entry->length == length &&
            memcmp(entry->name, name, length) == 0)
            return slot;
    }
}

static void resize(struct name_table *table, size_t slot_count)
{
    free(table->slots);
    table->slots = mem_alloc(slot_count * sizeof *table->slots);
    table->slot_count = slot_count;
    table->entries = mem_grow(table->entries, slot_count / 4 * 3, sizeof *table->entries);
    for (size_t number = 1; number <= table->used; number++) {
        size_t i = table->entries[number - 1].hash & (slot_count - 1);
        while (table->slots[i] != 0)
            i = (i + 1) & (slot_count - 1);
        table->slots[i] = (uint32_t)number;
    }
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
    free(table->entries);
    *table = (struct name_table){0};
}

void *name_table_put(struct name_table *table, const void *scope, const char *name, size_t length,
                     void *value)
{
    if (table->used + 1 > table->slot_count / 4 * 3)
        name_table_reserve(table, table->used + 1);
    uint32_t hash = hash_name(scope, name, length);
    uint32_t *slot = find(table, scope, name, length, hash);
    if (*slot)
        return table->entries[*slot - 1].value;
    table->entries[table->used++] = (struct name_entry){scope, name, value, (uint32_t)length, hash};
    *slot = (uint32_t)table->used;
    return NULL;
}

void *name_table_get(const struct name_table *table, const void *scope, const char *name,
                     size_t length)
{
    if (table->used == 0)
        return NULL;
    uint32_t slot = *find(table, scope, name, length, hash_name(scope, name, length));
    return slot ? table->entries[slot - 1].value : NULL;
}
