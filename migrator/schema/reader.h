#pragma once
// Reads a schema file line by line and says what each line is. The grammar is line-oriented: what a
// line is does not depend on the lines before it, but for the block it stands in, so one bad line
// costs that line only. The parser builds the tree from these events, the formatter lays them out
// anew.

#include "migrator/schema/ast.h"
#include "migrator/schema/characters.h"

enum reader_event_kind {
    READ_END,
    READ_EMPTY,   // a run of lines without content
    READ_COMMENT, // one comment: // … or /// … or /* … */
    READ_INVALID, // a line that is none of these; `mistake`
    // outside of blocks
    READ_BLOCK,         // keyword name {
    READ_UNKNOWN_BLOCK, // word { … }, as a whole
    READ_ALIAS,         // type A = B
    // in blocks
    READ_FIELD,
    READ_VALUE,
    READ_PROPERTY,
    READ_ATTRIBUTE, // @@…
    READ_CLOSE,
};

struct reader_event {
    enum reader_event_kind kind;
    struct span span;    // the line, or the part of it that is meant, without the newline
    struct span comment; // behind the content, from its slashes; source NULL: none
    // A line that is understood and yet not allowed (legacy syntax), or why it is not understood;
    // NULL: it is fine.
    const char *mistake, *hint;
    struct span mistake_span;
    bool opens_block; // READ_INVALID: it looks like the head of another block
    union {
        struct {
            enum ast_block_kind kind;
            struct ast_name name;
        } block;
        struct ast_field field;
        struct ast_enum_value value;
        struct ast_property property;
        struct ast_attribute attribute;
    };
};

struct reader {
    const struct source *source;
    const char *at, *end;
    // The last line that closes a block, the last closing brace, the last end of a /* comment;
    // NULL: none. So no search for one runs over the same text again and again in vain.
    const char *last_close, *last_brace, *last_comment_end;
    struct arena *arena;
    struct diag_list *diagnostics; // of mistakes inside literals; NULL: not wanted
    // Why the line could not be read further, from the farthest place reached.
    const char *stopped_at, *wanted, *wanted_hint;
    int depth; // of nested expressions
    // Stacks of unfinished lists: a list is copied to the arena when it is complete.
    VEC_OF(struct ast_argument) arguments;
    VEC_OF(struct ast_expression) items;
    VEC_OF(struct ast_attribute) attributes;
};

// Everything is borrowed.
void reader_init(struct reader *reader, const struct source *source, struct arena *arena,
                 struct diag_list *diagnostics);
void reader_release(struct reader *reader);

void reader_next_top(struct reader *reader, struct reader_event *out);
void reader_next_in_block(struct reader *reader, enum ast_block_kind block,
                          struct reader_event *out);

// The pieces that the reader is made of. Each reads at `at` and returns whether it was there; else
// `at` has not moved.
bool read_word(struct reader *reader, struct ast_name *out);
bool read_path(struct reader *reader, struct ast_name *out);
bool read_expression(struct reader *reader, struct ast_expression *out);
bool read_attribute(struct reader *reader, size_t at_signs, struct ast_attribute *out);
// The text between double quotes, unescaped; only where `at` is a quote.
bool read_string(struct reader *reader, struct ast_expression *out);

// Not newlines.
static inline void read_space(struct reader *reader)
{
    size_t length;
    while ((length = space_length(reader->at, reader->end)) > 0)
        reader->at += length;
}
bool read_newline(struct reader *reader);
// After space.
static inline bool read_character(struct reader *reader, char c)
{
    const char *start = reader->at;
    read_space(reader);
    if (reader->at < reader->end && *reader->at == c) {
        reader->at++;
        return true;
    }
    reader->at = start;
    return false;
}
struct span reader_span(const struct reader *reader, const char *from, const char *to);
// Remembers why reading stopped, if nothing farther on is remembered. Returns false.
bool reader_stop(struct reader *reader, const char *at, const char *wanted, const char *hint);
