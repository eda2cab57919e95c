#pragma once
// Changes of a text, collected in any order and made at once. Private to migrator/introspect.

#include "base/strbuf.h"
#include "base/vec.h"

struct text_edit {
    size_t start, end; // bytes of the text; start == end: something comes in
    size_t sequence;
    char *text;
};
// Zero-initialised is empty.
struct text_edits {
    VEC_OF(struct text_edit) items;
};
void text_edits_release(struct text_edits *edits);

// Edits do not overlap; what comes in at one place comes in this order. The text is copied.
void text_edits_add(struct text_edits *edits, size_t start, size_t end, const char *text,
                    size_t length);
// Appends the changed text.
void text_edits_apply(struct text_edits *edits, const char *text, size_t length,
                      struct strbuf *out);
