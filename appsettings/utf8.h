#pragma once
// UTF-8 as files bring it: possibly malformed.

#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

// The length in bytes, 1 to 4, of the well-formed sequence that `bytes` begins with (the Unicode
// standard, table 3-7: no overlong forms, no surrogates); 0 when there is none.
size_t utf8_sequence(const char *bytes, size_t length);

// Appends a code point; what is none (a surrogate, above U+10FFFF) becomes U+FFFD.
void utf8_add(struct strbuf *out, uint32_t code_point);
