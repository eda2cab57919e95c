#pragma once
// The syntax tree of schema files: what is written, in the order in which it is written, nothing
// resolved.
//
// Everything lies in one arena and points into the sources, which outlive the tree. Lists are
// arrays in source order. A tree of files with mistakes is complete but for the mistaken lines.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"

// A word of the source: `text` is NUL-terminated and owned by the arena.
struct ast_name {
    const char *text;
    uint32_t length;
    uint32_t hash; // of the text, see schema/name_table.h
    struct span span;
};

enum ast_expression_kind {
    AST_STRING,   // text: unescaped
    AST_NUMBER,   // text: as written
    AST_CONSTANT, // text: a word, or words with dots (true, Cascade, address.street)
    AST_FUNCTION, // text: the function's name; arguments
    AST_ARRAY,    // items
};

struct ast_expression {
    enum ast_expression_kind kind;
    const char *text;
    size_t text_length; // a string may hold NULs
    struct span span;
    struct ast_expression *items; // AST_ARRAY
    size_t item_count;
    struct ast_argument *arguments; // AST_FUNCTION
    size_t argument_count;
};

struct ast_argument {
    struct ast_name name; // text NULL: unnamed
    struct ast_expression value;
    struct span span;
    bool has_value; // false: `name:` and nothing behind, already reported
};

// @name(arguments), @@name(arguments); name may hold dots: db.VarChar
struct ast_attribute {
    struct ast_name name;
    struct ast_argument *arguments;
    size_t argument_count;
    struct span span; // from the first @ to the closing parenthesis
};

enum ast_arity { AST_REQUIRED, AST_OPTIONAL, AST_LIST };

struct ast_field {
    struct ast_name name;
    struct ast_name type;     // of Unsupported("x"): x
    bool type_is_unsupported; // written Unsupported("…")
    enum ast_arity arity;
    struct ast_attribute *attributes;
    size_t attribute_count;
    const char *documentation; // the lines of `///` joined by newlines; NULL: none
    struct span span;
};

struct ast_enum_value {
    struct ast_name name;
    struct ast_attribute *attributes;
    size_t attribute_count;
    const char *documentation;
    struct span span;
};

// key = value, of a datasource or generator
struct ast_property {
    struct ast_name name;
    struct ast_expression value;
    bool has_value; // false: already reported
    struct span span;
};

enum ast_block_kind {
    AST_MODEL,
    AST_VIEW,
    AST_TYPE,
    AST_ENUM,
    AST_DATASOURCE,
    AST_GENERATOR,
};

struct ast_block {
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
    struct span span;   // from the keyword to the closing brace
    struct span header; // keyword and name
};

struct ast {
    struct arena *arena; // borrowed: whoever made the tree frees it
    struct ast_block *blocks;
    size_t block_count;
};
