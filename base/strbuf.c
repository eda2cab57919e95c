#include "base/strbuf.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

// What an empty buffer points at; never written to.
char strbuf_empty[1];

void strbuf_release(struct strbuf *buf)
{
    if (buf->cap)
        free(buf->data);
    *buf = (struct strbuf)STRBUF_INIT;
}

void strbuf_clear(struct strbuf *buf)
{
    buf->len = 0;
    if (buf->cap)
        buf->data[0] = '\0';
}

void strbuf_reserve(struct strbuf *buf, size_t extra)
{
    size_t needed = buf->len + extra + 1;
    if (needed <= buf->cap)
        return;
    size_t cap = buf->cap ? buf->cap * 2 : 64;
    if (cap < needed)
        cap = needed;
    buf->data = mem_grow(buf->cap ? buf->data : NULL, cap, 1);
    buf->cap = cap;
}

void strbuf_add(struct strbuf *buf, const void *bytes, size_t length)
{
    if (length == 0)
        return;
    if (buf->cap - buf->len <= length)
        strbuf_reserve(buf, length);
    memcpy(buf->data + buf->len, bytes, length);
    buf->len += length;
    buf->data[buf->len] = '\0';
}

// Writes into the room that is there, and once more only where it does not suffice.
void strbuf_vaddf(struct strbuf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    size_t room = buf->cap - buf->len;
    int length = vsnprintf(room ? buf->data + buf->len : NULL, room, format, args);
    if (length > 0 && (size_t)length < room) {
        buf->len += (size_t)length;
    } else if (length > 0) {
        strbuf_reserve(buf, (size_t)length);
        vsnprintf(buf->data + buf->len, (size_t)length + 1, format, again);
        buf->len += (size_t)length;
    }
    va_end(again);
}

void strbuf_addf(struct strbuf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    strbuf_vaddf(buf, format, args);
    va_end(args);
}

void strbuf_consume(struct strbuf *buf, size_t length)
{
    if (length == 0)
        return;
    if (length >= buf->len) {
        strbuf_clear(buf);
        return;
    }
    buf->len -= length;
    memmove(buf->data, buf->data + length, buf->len + 1);
}

char *strbuf_detach(struct strbuf *buf)
{
    char *text = buf->cap ? buf->data : mem_strdup("");
    *buf = (struct strbuf)STRBUF_INIT;
    return text;
}
