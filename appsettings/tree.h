#pragma once
// A tree of JSON values that know where they came from. Nodes live in an arena.
//
// Layers are merged into one tree, and the reader adds the defaults to it: in the end the tree is
// the effective settings, and each node says which file, variable or default it is from.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"

enum node_type { NODE_NULL, NODE_BOOL, NODE_NUMBER, NODE_STRING, NODE_ARRAY, NODE_OBJECT };

struct node_index; // private: members by name, once there are many

// Origin: span.source is set: that place of a file (.env included); else `variable`: that variable
// of the process; else a default.
struct settings_node {
    enum node_type type;
    bool is_text;    // came from a variable: a number or boolean may be meant by the string
    bool is_broken;  // already diagnosed: whoever reads it complains no more
    bool is_unknown; // no setting of berth's; kept, and ignored
    const char *key; // as a member of an object; else NULL
    struct span key_span, span;
    const char *variable;
    const char *text; // scalars: the decoded string, the number as written, "true" or "false"

    struct settings_node *first, *last, *next; // children in order; the next sibling
    size_t count;
    struct node_index *index;
};

struct settings_node *node_new(struct arena *arena, enum node_type type);
// Adds a child to an array, or to an object by child->key, which it must not have yet.
void node_append(struct arena *arena, struct settings_node *parent, struct settings_node *child);
// The member of an object; NULL when absent or when the node is no object (NULL included).
struct settings_node *node_find(const struct settings_node *object, const char *key);
// The same, any letter case; an exact match goes first.
struct settings_node *node_find_any_case(const struct settings_node *object, const char *key);
// Follows names parted by dots: node_path(tree, "NetScript.Otel").
struct settings_node *node_path(const struct settings_node *object, const char *path);
struct settings_node *node_element(const struct settings_node *array, size_t index);
// Gives a node the value and origin of another; place and key stay.
void node_assign(struct settings_node *node, const struct settings_node *value);
// Gives a member another name, which the object must not have yet.
void node_rename(struct arena *arena, struct settings_node *object, struct settings_node *member,
                 const char *key);
// Lays `overlay` over `base`: objects are merged member by member, all else is replaced (arrays
// whole). Both are objects of the same arena; the overlay's nodes move.
void node_merge(struct arena *arena, struct settings_node *base, struct settings_node *overlay);

// "a string", "an array", for messages
const char *node_type_name(const struct settings_node *node);
// A mistake in a node's value: at its span; of a variable, behind the variable's name.
void node_error(struct diag_list *diags, const struct settings_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void node_warning(struct diag_list *diags, const struct settings_node *node, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));
