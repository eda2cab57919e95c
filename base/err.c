#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// Cuts a half character that vsnprintf left at the end of a full buffer, and line ends.
static void tidy(char *text, size_t capacity)
{
    size_t length = strlen(text);
    if (length + 1 == capacity) {
        while (length > 0 && ((unsigned char)text[length - 1] & 0xC0) == 0x80)
            length--;
        if (length > 0 && (unsigned char)text[length - 1] >= 0xC0)
            length--;
    }
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        length--;
    text[length] = '\0';
}

int err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    err->kind = kind;
    err->hint[0] = '\0';
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    tidy(err->message, sizeof err->message);
    return -1;
}

int err_set_errno(struct err *err, const char *format, ...)
{
    int code = errno;
    char text[sizeof err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return err_set(err, ERR_FAILED, "%s: %s", text, strerror(code));
}

int err_wrap(struct err *err, const char *format, ...)
{
    char prefix[sizeof err->message];
    char message[sizeof err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(prefix, sizeof prefix, format, args);
    va_end(args);
    memcpy(message, err->message, sizeof message);
    // The message is the part worth keeping when both don't fit.
    snprintf(err->message, sizeof err->message, "%.300s: %.720s", prefix, message);
    return -1;
}

int err_hint(struct err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->hint, sizeof err->hint, format, args);
    va_end(args);
    tidy(err->hint, sizeof err->hint);
    return -1;
}

int err_exit_code(enum err_kind kind)
{
    static const int codes[] = {
#define X(name, exit_code) [name] = (exit_code),
        ERR_KINDS(X)
#undef X
    };
    return codes[kind];
}
