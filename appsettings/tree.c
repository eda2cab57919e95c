#include "appsettings/tree.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

// Objects of up to this many members are searched one by one.
enum { INDEX_FROM = 8 };

// Open addressing, linear probing, at most half full. Hashed without letter case, so that one
// index serves both ways to look.
struct node_index {
    size_t mask;
    struct settings_node *slots[];
};

struct settings_node *node_new(struct arena *arena, enum node_type type)
{
    struct settings_node *node = ARENA_NEW(arena, struct settings_node);
    node->type = type;
    return node;
}

// FNV-1a
static size_t hash(const char *key)
{
    uint64_t value = 14695981039346656037u;
    for (; *key; key++)
        value = (value ^ (uint64_t)tolower((unsigned char)*key)) * 1099511628211u;
    return (size_t)(value ^ value >> 32);
}

static void index_put(struct node_index *index, struct settings_node *member)
{
    size_t slot = hash(member->key) & index->mask;
    while (index->slots[slot])
        slot = (slot + 1) & index->mask;
    index->slots[slot] = member;
}

static void index_build(struct arena *arena, struct settings_node *object)
{
    size_t size = INDEX_FROM * 4;
    while (size < object->count * 4)
        size *= 2;
    struct node_index *index =
        arena_alloc(arena, sizeof *index + size * sizeof(struct settings_node *));
    index->mask = size - 1;
    for (struct settings_node *member = object->first; member; member = member->next)
        index_put(index, member);
    object->index = index;
}

void node_append(struct arena *arena, struct settings_node *parent, struct settings_node *child)
{
    child->next = NULL;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->count++;
    if (parent->type != NODE_OBJECT || parent->count <= INDEX_FROM)
        return;
    if (parent->index && parent->count * 2 <= parent->index->mask + 1)
        index_put(parent->index, child);
    else
        index_build(arena, parent);
}

typedef int compare_fn(const char *left, const char *right);

static struct settings_node *find(const struct settings_node *object, const char *key,
                                  compare_fn *compare)
{
    if (!object || object->type != NODE_OBJECT)
        return NULL;
    if (!object->index) {
        for (struct settings_node *member = object->first; member; member = member->next)
            if (compare(member->key, key) == 0)
                return member;
        return NULL;
    }
    const struct node_index *index = object->index;
    for (size_t slot = hash(key) & index->mask; index->slots[slot]; slot = (slot + 1) & index->mask)
        if (compare(index->slots[slot]->key, key) == 0)
            return index->slots[slot];
    return NULL;
}

struct settings_node *node_find(const struct settings_node *object, const char *key)
{
    return find(object, key, strcmp);
}

struct settings_node *node_find_any_case(const struct settings_node *object, const char *key)
{
    struct settings_node *exact = find(object, key, strcmp);
    return exact ? exact : find(object, key, strcasecmp);
}

struct settings_node *node_path(const struct settings_node *object, const char *path)
{
    struct settings_node *node = (struct settings_node *)object;
    while (node && *path) {
        size_t length = strcspn(path, ".");
        AUTOFREE char *key = mem_strndup(path, length);
        node = node_find(node, key);
        path += length + (path[length] == '.');
    }
    return node;
}

struct settings_node *node_element(const struct settings_node *array, size_t index)
{
    struct settings_node *element = array->first;
    while (element && index-- > 0)
        element = element->next;
    return element;
}

void node_assign(struct settings_node *node, const struct settings_node *value)
{
    struct settings_node *next = node->next;
    const char *key = node->key;
    *node = *value;
    node->next = next;
    node->key = key;
}

void node_rename(struct arena *arena, struct settings_node *object, struct settings_node *member,
                 const char *key)
{
    member->key = key;
    if (object->index)
        index_build(arena, object);
}

void node_merge(struct arena *arena, struct settings_node *base, struct settings_node *overlay)
{
    for (struct settings_node *member = overlay->first, *next; member; member = next) {
        next = member->next;
        struct settings_node *existing = node_find(base, member->key);
        if (!existing)
            node_append(arena, base, member);
        else if (existing->type == NODE_OBJECT && member->type == NODE_OBJECT)
            node_merge(arena, existing, member);
        else
            node_assign(existing, member);
    }
}

const char *node_type_name(const struct settings_node *node)
{
    switch (node->type) {
    case NODE_NULL: return "null";
    case NODE_BOOL: return "a boolean";
    case NODE_NUMBER: return "a number";
    case NODE_STRING: return "a string";
    case NODE_ARRAY: return "an array";
    case NODE_OBJECT: return "an object";
    }
    return "";
}

static char *prefixed(const struct settings_node *node, const char *format, va_list args)
{
    AUTOFREE char *message = mem_vprintf(format, args);
    if (!node->variable)
        return TAKE(message);
    return mem_printf("%s: %s", node->variable, message);
}

void node_error(struct diag_list *diags, const struct settings_node *node, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTOFREE char *message = prefixed(node, format, args);
    va_end(args);
    diag_error(diags, node->span, "%s", message);
}

void node_warning(struct diag_list *diags, const struct settings_node *node, const char *format,
                  ...)
{
    va_list args;
    va_start(args, format);
    AUTOFREE char *message = prefixed(node, format, args);
    va_end(args);
    diag_warning(diags, node->span, "%s", message);
}
