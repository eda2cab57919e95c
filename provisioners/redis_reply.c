#include "provisioners/redis_reply.h"

#include <ctype.h>
#include <string.h>

enum {
    LINE_MAX_BYTES = 4096,
    BULK_MAX_BYTES = 1 << 20, // an INFO section is a few hundred
};

// length = 1*DIGIT | "-1"; -1 is returned for the latter, -2 for what is none
static long read_length(const char *text, size_t length)
{
    if (length == 2 && !memcmp(text, "-1", 2))
        return -1;
    long number = 0;
    for (size_t i = 0; i < length; i++) {
        if (!isdigit((unsigned char)text[i]) || number > BULK_MAX_BYTES)
            return -2;
        number = number * 10 + (text[i] - '0');
    }
    return length && number <= BULK_MAX_BYTES ? number : -2;
}

// bulk = "$" length CRLF bytes CRLF; `start` is where the bytes begin
static ssize_t read_bulk(const char *bytes, size_t length, size_t start, long size,
                         struct redis_reply *out)
{
    const size_t total = start + (size_t)size + 2;
    if (length < total)
        return 0;
    if (memcmp(bytes + total - 2, "\r\n", 2))
        return -1;
    *out = (struct redis_reply){'$', bytes + start, (size_t)size};
    return (ssize_t)total;
}

// reply = ( "+" | "-" | ":" ) text CRLF | bulk | "$-1" CRLF
ssize_t redis_reply_read(const char *bytes, size_t length, struct redis_reply *out)
{
    if (length == 0)
        return 0;
    if (!memchr("+-:$", bytes[0], 4))
        return -1;
    const char *end = memmem(bytes, length, "\r\n", 2);
    if (!end)
        return length < LINE_MAX_BYTES ? 0 : -1;
    const size_t text_length = (size_t)(end - bytes) - 1, start = text_length + 3;
    if (bytes[0] != '$') {
        *out = (struct redis_reply){bytes[0], bytes + 1, text_length};
        return (ssize_t)start;
    }
    long size = read_length(bytes + 1, text_length);
    if (size >= 0)
        return read_bulk(bytes, length, start, size, out);
    if (size < -1)
        return -1;
    *out = (struct redis_reply){'_', bytes + start, 0};
    return (ssize_t)start;
}

bool redis_reply_is_error(const struct redis_reply *reply, const char *code)
{
    size_t length = strlen(code);
    return reply->type == '-' && reply->length >= length && !memcmp(reply->text, code, length) &&
           (reply->length == length || reply->text[length] == ' ');
}

void redis_reply_field(const struct redis_reply *reply, const char *name, char sign, char *out,
                       size_t size)
{
    const size_t name_length = strlen(name);
    const char *at = reply->text, *end = reply->text + reply->length;
    out[0] = '\0';
    while (at < end) {
        const char *word_end = at;
        while (word_end < end && !isspace((unsigned char)*word_end))
            word_end++;
        size_t length = (size_t)(word_end - at);
        if (length > name_length && !memcmp(at, name, name_length) && at[name_length] == sign) {
            size_t value_length = length - name_length - 1;
            if (value_length >= size)
                value_length = size - 1;
            memcpy(out, at + name_length + 1, value_length);
            out[value_length] = '\0';
            return;
        }
        at = word_end + 1;
    }
}
