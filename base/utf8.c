#include "base/utf8.h"

static bool is_continuation(unsigned char byte, unsigned char lowest, unsigned char highest)
{
    return byte >= lowest && byte <= highest;
}

size_t utf8_sequence(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (length == 0)
        return 0;
    if (bytes[0] < 0x80)
        return 1;
    size_t size = bytes[0] < 0xC2 ? 0 : bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : 4;
    if (size == 0 || bytes[0] > 0xF4 || size > length)
        return 0;
    // The second byte is what rules out overlong forms, surrogates and too large values.
    unsigned char lowest = bytes[0] == 0xE0 ? 0xA0 : bytes[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char highest = bytes[0] == 0xED ? 0x9F : bytes[0] == 0xF4 ? 0x8F : 0xBF;
    if (!is_continuation(bytes[1], lowest, highest))
        return 0;
    for (size_t i = 2; i < size; i++)
        if (!is_continuation(bytes[i], 0x80, 0xBF))
            return 0;
    return size;
}

void utf8_add(struct strbuf *out, uint32_t code_point)
{
    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF))
        code_point = 0xFFFD;
    if (code_point < 0x80) {
        strbuf_addch(out, (char)code_point);
    } else if (code_point < 0x800) {
        strbuf_addch(out, (char)(0xC0 | code_point >> 6));
        strbuf_addch(out, (char)(0x80 | (code_point & 0x3F)));
    } else if (code_point < 0x10000) {
        strbuf_addch(out, (char)(0xE0 | code_point >> 12));
        strbuf_addch(out, (char)(0x80 | (code_point >> 6 & 0x3F)));
        strbuf_addch(out, (char)(0x80 | (code_point & 0x3F)));
    } else {
        strbuf_addch(out, (char)(0xF0 | code_point >> 18));
        strbuf_addch(out, (char)(0x80 | (code_point >> 12 & 0x3F)));
        strbuf_addch(out, (char)(0x80 | (code_point >> 6 & 0x3F)));
        strbuf_addch(out, (char)(0x80 | (code_point & 0x3F)));
    }
}

size_t utf8_whole_length(const char *bytes, size_t length)
{
    for (size_t back = 1; back <= 3 && back <= length; back++) {
        const unsigned char byte = (unsigned char)bytes[length - back];
        const size_t size = byte < 0xC2 || byte > 0xF4 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        if (byte < 0x80 || byte >= 0xC0)
            return size > back ? length - back : length;
    }
    return length;
}

bool utf8_is_control(const char *sequence)
{
    const unsigned char first = (unsigned char)sequence[0];
    return first < 0x20 || first == 0x7F || (first == 0xC2 && (unsigned char)sequence[1] < 0xA0);
}

void utf8_add_safe(struct strbuf *out, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        const size_t size = utf8_sequence(bytes + i, length - i);
        if (size == 0)
            utf8_add(out, 0xFFFD);
        else if (bytes[i] == '\t')
            strbuf_addch(out, ' ');
        else if (utf8_is_control(bytes + i))
            strbuf_addch(out, '?');
        else
            strbuf_add(out, bytes + i, size);
        i += size ? size : 1;
    }
}
