#pragma once
// Replies of Redis's wire protocol (RESP2), and the two listings read from them; private to this
// room.

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct redis_reply {
    char type;        // '+' text, '-' error, ':' integer, '$' bulk; '_' null bulk
    const char *text; // without the frame, borrowed from the bytes; not NUL-terminated
    size_t length;
};

// Reads the reply at the front. Returns the bytes it takes, 0 when it has not come whole yet, and
// -1 when this is no such reply (lists are none: no command here is answered by one).
ssize_t redis_reply_read(const char *bytes, size_t length, struct redis_reply *out);

// Whether the reply is the error of that code: "-NOAUTH Authentication required".
bool redis_reply_is_error(const struct redis_reply *reply, const char *code);

// The value after `name` and `sign` up to white space, cut to the size: INFO has "name:value" on
// lines, CLIENT INFO "name=value" between spaces. "" when absent.
void redis_reply_field(const struct redis_reply *reply, const char *name, char sign, char *out,
                       size_t size);
