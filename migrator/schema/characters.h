#pragma once
// Classes of characters of the schema language, on UTF-8. ASCII is decided here, where it is read.

#include <stddef.h>

// For characters beyond ASCII; each returns a length in bytes, or 0.
size_t wide_space_length(const char *at, const char *end);
size_t wide_letter_length(const char *at, const char *end);

// The length in bytes of a space (not a newline) at the start of [at, end), or 0. Spaces are the
// tab and Unicode's category Zs.
static inline size_t space_length(const char *at, const char *end)
{
    if (at == end)
        return 0;
    if ((unsigned char)*at < 0x80)
        return *at == ' ' || *at == '\t';
    return wide_space_length(at, end);
}

// The length of a letter or digit that may begin a word, or 0.
static inline size_t word_start_length(const char *at, const char *end)
{
    if (at == end)
        return 0;
    unsigned char c = (unsigned char)*at;
    if (c < 0x80)
        return (unsigned char)((c | 0x20) - 'a') < 26 || (unsigned char)(c - '0') < 10;
    return wide_letter_length(at, end);
}

// The same for the rest of a word: _ and - too.
static inline size_t word_rest_length(const char *at, const char *end)
{
    if (at < end && (*at == '_' || *at == '-'))
        return 1;
    return word_start_length(at, end);
}

// The offset of the first byte that is not valid UTF-8 (RFC 3629), or length.
size_t utf8_invalid_offset(const char *text, size_t length);
