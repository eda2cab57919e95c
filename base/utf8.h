#pragma once
// UTF-8 as files, programs and peers bring it: possibly malformed.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

// The length in bytes, 1 to 4, of the well-formed sequence that `bytes` begins with (the Unicode
// standard, table 3-7: no overlong forms, no surrogates); 0 when there is none.
size_t utf8_sequence(const char *bytes, size_t length);

// Appends a code point; what is none (a surrogate, above U+10FFFF) becomes U+FFFD.
void utf8_add(struct strbuf *out, uint32_t code_point);

// The length without a character that is cut off at the end.
size_t utf8_whole_length(const char *bytes, size_t length);

// Is a well-formed sequence a control character: C0, DEL, or C1, which some terminals obey too?
bool utf8_is_control(const char *sequence);

// Appends text that others wrote as it may be shown on one line of a terminal: a tab becomes a
// space, any other control character '?', what is no UTF-8 U+FFFD.
void utf8_add_safe(struct strbuf *out, const char *bytes, size_t length);
