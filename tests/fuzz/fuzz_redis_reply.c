// Replies are read from any bytes without leaving them; a reply that has come whole is the same
// however much follows it.
#include <stdint.h>
#include <stdlib.h>

#include "provisioners/redis_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const char *text = (const char *)bytes;
    char field[16];
    for (size_t at = 0; at < length;) {
        struct redis_reply reply, alone;
        ssize_t taken = redis_reply_read(text + at, length - at, &reply);
        if (taken <= 0)
            break;
        if ((size_t)taken > length - at || reply.text < text + at ||
            reply.text + reply.length > text + at + taken)
            abort();
        if (redis_reply_read(text + at, (size_t)taken, &alone) != taken ||
            alone.type != reply.type || alone.length != reply.length ||
            redis_reply_read(text + at, (size_t)taken - 1, &alone) > 0)
            abort();
        redis_reply_is_error(&reply, "NOAUTH");
        redis_reply_field(&reply, "redis_version", ':', field, sizeof field);
        redis_reply_field(&reply, "a", '=', field, 2);
        at += (size_t)taken;
    }
    return 0;
}
