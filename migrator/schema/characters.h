#pragma once
// Classes of characters of the schema language, on UTF-8.

#include <stddef.h>

// The length in bytes of a space (not a newline) at the start of [at, end), or 0. Spaces are the
// tab and Unicode's category Zs.
size_t space_length(const char *at, const char *end);
// The length of a letter or digit that may begin a word, or 0.
size_t word_start_length(const char *at, const char *end);
// The same for the rest of a word: _ and - too.
size_t word_rest_length(const char *at, const char *end);
// The offset of the first byte that is not valid UTF-8 (RFC 3629), or length.
size_t utf8_invalid_offset(const char *text, size_t length);
