#pragma once
// Classes of characters of the schema language, on UTF-8. ASCII is decided here, where it is read.

#include <stdbool.h>
#include <stddef.h>

// For characters beyond ASCII; each returns a length in bytes, or 0.
size_t wide_space_length(const char *at, const char *end);
size_t wide_letter_length(const char *at, const char *end);

enum character_class { CHARACTER_SPACE = 1, CHARACTER_WORD_START = 2, CHARACTER_WORD = 4 };
// Of the bytes: what they are in ASCII; beyond it 0. Bits of enum character_class.
extern const unsigned char character_classes[256];

static inline bool character_is(char c, enum character_class class)
{
    return (character_classes[(unsigned char)c] & class) != 0;
}

static inline bool character_is_wide(char c)
{
    return (unsigned char)c >= 0x80;
}

// The length in bytes of a space (not a newline) at the start of [at, end), or 0. Spaces are the
// tab and Unicode's category Zs.
static inline size_t space_length(const char *at, const char *end)
{
    if (at == end)
        return 0;
    return character_is_wide(*at) ? wide_space_length(at, end) : character_is(*at, CHARACTER_SPACE);
}

// The length of a letter or digit that may begin a word, or 0.
static inline size_t word_start_length(const char *at, const char *end)
{
    if (at == end)
        return 0;
    return character_is_wide(*at) ? wide_letter_length(at, end)
                                  : character_is(*at, CHARACTER_WORD_START);
}

// Where the rest of a word ends: _ and - are of it too.
static inline const char *word_end(const char *at, const char *end)
{
    for (;;) {
        while (at < end && character_is(*at, CHARACTER_WORD))
            at++;
        size_t length = at < end && character_is_wide(*at) ? wide_letter_length(at, end) : 0;
        if (length == 0)
            return at;
        at += length;
    }
}

// The offset of the first byte that is not valid UTF-8 (RFC 3629), or length.
size_t utf8_invalid_offset(const char *text, size_t length);
