#pragma once
// A growing string. `data` is never NULL and always NUL-terminated; it may hold NULs before `len`.

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

struct strbuf {
    char *data;
    size_t len, cap;
};

extern char strbuf_empty[];
#define STRBUF_INIT          \
    {                        \
        .data = strbuf_empty \
    }
#define AUTO_STRBUF __attribute__((cleanup(strbuf_release))) struct strbuf

void strbuf_release(struct strbuf *buf);
// Empties it and keeps the memory.
void strbuf_clear(struct strbuf *buf);
void strbuf_reserve(struct strbuf *buf, size_t extra);
void strbuf_add(struct strbuf *buf, const void *bytes, size_t length);
void strbuf_addf(struct strbuf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vaddf(struct strbuf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
// Inline: the length of a literal is known where it is appended.
static inline void strbuf_adds(struct strbuf *buf, const char *text)
{
    strbuf_add(buf, text, strlen(text));
}
static inline void strbuf_addch(struct strbuf *buf, char c)
{
    if (buf->cap - buf->len < 2)
        strbuf_reserve(buf, 1);
    buf->data[buf->len++] = c;
    buf->data[buf->len] = '\0';
}
// Removes `length` bytes at the front.
void strbuf_consume(struct strbuf *buf, size_t length);
// The text, owned by the caller; the buffer is empty afterwards.
char *strbuf_detach(struct strbuf *buf);
