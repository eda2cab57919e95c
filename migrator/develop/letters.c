#include "migrator/develop/letters.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>

// U+00C0 to U+017F: the letter without its mark, German umlauts with an e.
static const char *const latin[] = {
    "A", "A", "A",  "A",  "Ae", "A", "AE", "C", "E", "E", "E", "E", "I",  "I", "I",  "I",
    "D", "N", "O",  "O",  "O",  "O", "Oe", "",  "O", "U", "U", "U", "Ue", "Y", "TH", "ss",
    "a", "a", "a",  "a",  "ae", "a", "ae", "c", "e", "e", "e", "e", "i",  "i", "i",  "i",
    "d", "n", "o",  "o",  "o",  "o", "oe", "",  "o", "u", "u", "u", "ue", "y", "th", "y",
    "A", "a", "A",  "a",  "A",  "a", "C",  "c", "C", "c", "C", "c", "C",  "c", "D",  "d",
    "D", "d", "E",  "e",  "E",  "e", "E",  "e", "E", "e", "E", "e", "G",  "g", "G",  "g",
    "G", "g", "G",  "g",  "H",  "h", "H",  "h", "I", "i", "I", "i", "I",  "i", "I",  "i",
    "I", "i", "IJ", "ij", "J",  "j", "K",  "k", "k", "L", "l", "L", "l",  "L", "l",  "L",
    "l", "L", "l",  "N",  "n",  "N", "n",  "N", "n", "n", "N", "n", "O",  "o", "O",  "o",
    "O", "o", "Oe", "oe", "R",  "r", "R",  "r", "R", "r", "S", "s", "S",  "s", "S",  "s",
    "S", "s", "T",  "t",  "T",  "t", "T",  "t", "U", "u", "U", "u", "U",  "u", "U",  "u",
    "U", "u", "U",  "u",  "W",  "w", "Y",  "y", "Y", "Z", "z", "Z", "z",  "Z", "z",  "ss"};

// U+0430 to U+044F
static const char *const cyrillic[] = {"a",  "b",  "v",  "g",   "d", "e", "zh", "z", "i",  "j", "k",
                                       "l",  "m",  "n",  "o",   "p", "r", "s",  "t", "u",  "f", "h",
                                       "cz", "ch", "sh", "shh", "",  "y", "",   "e", "yu", "ya"};

// U+03B1 to U+03CE
static const char *const greek[] = {"a", "v", "g", "d",  "e", "z", "i", "th", "i", "k",
                                    "l", "m", "n", "ks", "o", "p", "r", "s",  "s", "t",
                                    "y", "f", "x", "ps", "o", "i", "y", "o",  "y", "o"};

// The same letters in another place of their block, and what the tables above leave out.
static const struct {
    unsigned code_point;
    const char *text;
} others[] = {
    {0x386, "A"},  {0x388, "E"},  {0x389, "I"},  {0x38A, "I"}, {0x38C, "O"},  {0x38E, "Y"},
    {0x38F, "O"},  {0x390, "i"},  {0x3AC, "a"},  {0x3AD, "e"}, {0x3AE, "i"},  {0x3AF, "i"},
    {0x3B0, "y"},  {0x401, "Yo"}, {0x404, "Ye"}, {0x406, "I"}, {0x407, "Yi"}, {0x409, "Lj"},
    {0x40A, "Nj"}, {0x451, "yo"}, {0x454, "ye"}, {0x456, "i"}, {0x457, "yi"}, {0x459, "lj"},
    {0x45A, "nj"}, {0x490, "G"},  {0x491, "g"},
};

// A capital is the small letter's text with a capital at its front.
static const char *capital(const char *small, struct letter_buffer *buffer)
{
    snprintf(buffer->text, sizeof buffer->text, "%s", small);
    buffer->text[0] = (char)toupper((unsigned char)buffer->text[0]);
    return buffer->text;
}

const char *letter_transliterate(unsigned code_point, struct letter_buffer *buffer)
{
    if (code_point >= 0xC0 && code_point <= 0x17F)
        return latin[code_point - 0xC0];
    if (code_point >= 0x300 && code_point <= 0x36F) // marks that stand behind their letter
        return "";
    if (code_point >= 0x430 && code_point <= 0x44F)
        return cyrillic[code_point - 0x430];
    if (code_point >= 0x410 && code_point <= 0x42F)
        return capital(cyrillic[code_point - 0x410], buffer);
    if (code_point >= 0x3B1 && code_point <= 0x3CE)
        return greek[code_point - 0x3B1];
    if (code_point >= 0x391 && code_point <= 0x3AB)
        return capital(greek[code_point - 0x391], buffer);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].code_point == code_point)
            return others[i].text;
    return NULL;
}
