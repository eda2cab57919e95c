#include "migrator/introspect/default_value.h"

#include <stdint.h>
#include <string.h>

#include "base/strbuf.h"

struct value value_of_text(enum value_kind kind, const char *text)
{
    return (struct value){.kind = kind, .text = text, .length = strlen(text)};
}

static int hexadecimal_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Up to three bytes as four characters.
static void put_base64(struct strbuf *out, const uint8_t *bytes, size_t count)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = (uint32_t)bytes[0] << 16 | (count > 1 ? (uint32_t)bytes[1] << 8 : 0) |
                    (count > 2 ? bytes[2] : 0);
    for (size_t i = 0; i < 4; i++)
        strbuf_addch(out, i <= count ? digits[bits >> (18 - 6 * i) & 63] : '=');
}

struct value value_of_bytes(struct arena *arena, const char *bytes, size_t length)
{
    AUTO_STRBUF text = STRBUF_INIT;
    for (size_t i = 0; i < length; i += 3)
        put_base64(&text, (const uint8_t *)bytes + i, length - i < 3 ? length - i : 3);
    return value_of_text(VALUE_BYTES, arena_strndup(arena, text.data, text.len));
}

bool value_of_hexadecimal(struct arena *arena, const char *digits, size_t length, struct value *out)
{
    AUTO_STRBUF bytes = STRBUF_INIT;
    if (length % 2 != 0)
        return false;
    for (size_t i = 0; i < length; i += 2) {
        int high = hexadecimal_digit(digits[i]);
        int low = hexadecimal_digit(digits[i + 1]);
        if (high < 0 || low < 0)
            return false;
        strbuf_addch(&bytes, (char)(high << 4 | low));
    }
    *out = value_of_bytes(arena, bytes.data, bytes.len);
    return true;
}

void default_set_value(struct arena *arena, struct value value, struct column_default *out)
{
    struct value *values = ARENA_NEW(arena, struct value);
    *values = value;
    out->kind = DEFAULT_VALUE;
    out->values = values;
    out->value_count = 1;
}
