#include "migrator/schema/characters.h"

#include <stdint.h>
#include <string.h>

#define LETTER (CHARACTER_WORD_START | CHARACTER_WORD)
const unsigned char character_classes[256] = {
    ['\t'] = CHARACTER_SPACE, [' '] = CHARACTER_SPACE, ['-'] = CHARACTER_WORD,
    ['_'] = CHARACTER_WORD,   ['0' ... '9'] = LETTER,  ['A' ... 'Z'] = LETTER,
    ['a' ... 'z'] = LETTER,
};
#undef LETTER

// Decodes the character at `at`; returns its length, 0 where it is not valid UTF-8.
static size_t decode(const char *at, const char *end, uint32_t *out)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)at;
    size_t left = (size_t)(end - at), length = 0;
    uint32_t c = 0;
    if (left == 0)
        return 0;
    if (bytes[0] < 0x80) {
        length = 1;
        c = bytes[0];
    } else if (bytes[0] >= 0xC2 && bytes[0] < 0xE0) {
        length = 2;
        c = bytes[0] & 0x1Fu;
    } else if (bytes[0] >= 0xE0 && bytes[0] < 0xF0) {
        length = 3;
        c = bytes[0] & 0x0Fu;
    } else if (bytes[0] >= 0xF0 && bytes[0] < 0xF5) {
        length = 4;
        c = bytes[0] & 0x07u;
    }
    if (length == 0 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (bytes[i] & 0x3Fu);
    }
    if (c < smallest[length] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return 0;
    *out = c;
    return length;
}

size_t wide_space_length(const char *at, const char *end)
{
    uint32_t c = 0;
    size_t length = decode(at, end, &c);
    bool is_space = c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F ||
                    c == 0x205F || c == 0x3000;
    return is_space ? length : 0;
}

// Beyond ASCII nearly everything that people would use in a name is a letter; what is not: marks,
// punctuation, symbols, spaces, digits of other scripts.
static bool is_letter_beyond_ascii(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } others[] = {
        {0x80, 0xA9},        {0xAB, 0xB4},     {0xB6, 0xB9},       {0xBB, 0xBF},
        {0xD7, 0xD7},        {0xF7, 0xF7},     {0x2C2, 0x2C5},     {0x2D2, 0x2DF},
        {0x300, 0x36F},      {0x483, 0x489},   {0x5BE, 0x5BE},     {0x600, 0x61F},
        {0x64B, 0x66D},      {0x6D4, 0x6D4},   {0x6F0, 0x6F9},     {0x964, 0x970},
        {0xE3F, 0xE3F},      {0xE50, 0xE5B},   {0x2000, 0x2070},   {0x2074, 0x207E},
        {0x2080, 0x208F},    {0x20A0, 0x2101}, {0x2190, 0x2BFF},   {0x2E00, 0x3004},
        {0x3008, 0x3020},    {0x302A, 0x3030}, {0x3099, 0x309C},   {0x30FB, 0x30FB},
        {0xD800, 0xF8FF},    {0xFE00, 0xFE6F}, {0xFF00, 0xFF20},   {0xFF3B, 0xFF40},
        {0xFF5B, 0xFF65},    {0xFFE0, 0xFFFF}, {0x1D100, 0x1D3FF}, {0x1F000, 0x1FFFF},
        {0xE0000, 0x10FFFF},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (c >= others[i].first && c <= others[i].last)
            return false;
    return true;
}

size_t wide_letter_length(const char *at, const char *end)
{
    uint32_t c = 0;
    size_t length = decode(at, end, &c);
    return length && is_letter_beyond_ascii(c) ? length : 0;
}

size_t utf8_invalid_offset(const char *text, size_t length)
{
    const char *at = text, *end = text + length;
    while (at < end) {
        uint64_t eight;
        if (end - at >= 8) {
            memcpy(&eight, at, sizeof eight);
            if ((eight & 0x8080808080808080u) == 0) {
                at += 8;
                continue;
            }
        }
        uint32_t c;
        size_t step = decode(at, end, &c);
        if (step == 0)
            return (size_t)(at - text);
        at += step;
    }
    return length;
}
