#pragma once
// The syntax tree of schema files: what is written, in the order in which it is written, nothing
// resolved.
//
// Lists are arrays in source order, in one arena. Texts point into the sources, which outlive the
// tree, and are NOT terminated: each has its length. A mistaken line is left out of the tree, and
// its block is marked. The nodes are small on purpose: a schema has a hundred of them per model.
// Their places are pointers into the source of their block; span_of makes a span of them.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"

struct ast_name {
    const char *text;
    uint32_t length;
};

static inline bool ast_name_is(const struct ast_name *name, const char *text)
{
    if (name->length == 0 || name->text[0] != text[0])
        return name->length == 0 && text[0] == '\0';
    size_t length = strlen(text);
    return length == name->length && memcmp(name->text, text, length) == 0;
}

enum ast_expression_kind {
    AST_ABSENT,   // `name:` or `key =` and nothing behind
    AST_STRING,   // text: unescaped (the place has the quotes)
    AST_NUMBER,   // text: as written
    AST_CONSTANT, // text: a word, or words with dots: true, Cascade, address.street
    AST_FUNCTION, // text: the function's name; arguments
    AST_ARRAY,    // items
    AST_OBJECT,   // {name: value}: arguments, each of them named
};

struct ast_expression {
    const char *at; // its place: at, place_length
    const char *text;
    union {
        struct ast_expression *items;   // AST_ARRAY
        struct ast_argument *arguments; // AST_FUNCTION, AST_OBJECT
    };
    uint32_t place_length, length; // length: of text; a string may hold NULs
    union {
        uint32_t item_count;     // AST_ARRAY
        uint32_t argument_count; // AST_FUNCTION, AST_OBJECT
    };
    uint8_t kind;            // enum ast_expression_kind
    bool has_trailing_comma; // AST_FUNCTION: (a, b,)
};

struct ast_argument {
    struct ast_name name; // length 0: unnamed
    struct ast_expression value;
};

// @name(arguments), @@name(arguments); name may hold dots: db.VarChar
struct ast_attribute {
    struct ast_name name;
    const char *at; // the first @
    struct ast_argument *arguments;
    uint32_t place_length, argument_count;
    bool has_trailing_comma;
};

enum ast_arity { AST_REQUIRED, AST_OPTIONAL, AST_LIST };

// Its place is the line without its comment: from its name on.
struct ast_field {
    struct ast_name name;
    struct ast_name type; // of Unsupported("x"): x, unescaped
    struct ast_attribute *attributes;
    const char *documentation; // the lines of `///`, joined by newlines; terminated; NULL: none
    uint32_t attribute_count, place_length;
    uint8_t arity;            // enum ast_arity
    bool type_is_unsupported; // written Unsupported("…")
};

struct ast_enum_value {
    struct ast_name name;
    struct ast_attribute *attributes;
    const char *documentation;
    uint32_t attribute_count, place_length;
};

// key = value, of a datasource or generator
struct ast_property {
    struct ast_name name;
    struct ast_expression value;
    uint32_t place_length;
};

#define AST_BLOCK_KINDS(X)          \
    X(AST_MODEL, "model")           \
    X(AST_VIEW, "view")             \
    X(AST_TYPE, "type")             \
    X(AST_ENUM, "enum")             \
    X(AST_DATASOURCE, "datasource") \
    X(AST_GENERATOR, "generator")
enum ast_block_kind {
#define X(id, keyword) id,
    AST_BLOCK_KINDS(X)
#undef X
};
const char *ast_block_keyword(enum ast_block_kind kind);

struct ast_block {
    const struct source *source;
    enum ast_block_kind kind;
    struct ast_name name;
    struct ast_field *fields; // model, view, type
    size_t field_count;
    struct ast_enum_value *values; // enum
    size_t value_count;
    struct ast_property *properties; // datasource, generator
    size_t property_count;
    struct ast_attribute *attributes; // @@…
    size_t attribute_count;
    const char *documentation;
    struct span header; // keyword and name
    struct span span;   // from the keyword to the closing brace
    bool has_mistakes;  // lines are missing from the tree
};

struct ast {
    struct ast_block *blocks;
    size_t block_count;
};
