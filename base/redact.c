#include "base/redact.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/url.h"
#include "base/vec.h"

enum { SHORTEST_SECRET = 6 };

struct redactor {
    VEC_OF(char *) secrets;
    bool begins[256]; // does a secret begin with that character?
};

struct redactor *redactor_new(void)
{
    return mem_alloc(sizeof(struct redactor));
}

void redactor_free(struct redactor *redactor)
{
    if (!redactor)
        return;
    vec_each (secret, &redactor->secrets)
        free(*secret);
    vec_release(&redactor->secrets);
    free(redactor);
}

static void add_form(struct redactor *redactor, const char *secret)
{
    vec_each (known, &redactor->secrets)
        if (strcmp(*known, secret) == 0)
            return;
    vec_push(&redactor->secrets, mem_strdup(secret));
    redactor->begins[(unsigned char)secret[0]] = true;
}

void redactor_add(struct redactor *redactor, const char *secret)
{
    if (strlen(secret) < SHORTEST_SECRET)
        return;
    add_form(redactor, secret);
    AUTO_STRBUF encoded = STRBUF_INIT;
    url_encode(secret, &encoded);
    add_form(redactor, encoded.data);
}

// How many characters at the front begin no secret.
static size_t harmless(const struct redactor *redactor, const char *text, size_t length)
{
    size_t size = 0;
    while (size < length && !redactor->begins[(unsigned char)text[size]])
        size++;
    return size;
}

// The longest one there: one secret may begin another.
static const char *secret_at(const struct redactor *redactor, const char *text, size_t length)
{
    const char *longest = NULL;
    vec_each (secret, &redactor->secrets) {
        size_t size = strlen(*secret);
        if (size <= length && text[0] == (*secret)[0] && memcmp(text, *secret, size) == 0 &&
            (!longest || size > strlen(longest)))
            longest = *secret;
    }
    return longest;
}

void redactor_apply(const struct redactor *redactor, const char *text, size_t length,
                    struct strbuf *out)
{
    size_t plain = 0;
    for (size_t i = 0; redactor && redactor->secrets.len && i < length;) {
        i += harmless(redactor, text + i, length - i);
        const char *secret = secret_at(redactor, text + i, length - i);
        if (!secret) {
            i++;
            continue;
        }
        strbuf_add(out, text + plain, i - plain);
        strbuf_adds(out, "****");
        i += strlen(secret);
        plain = i;
    }
    strbuf_add(out, text + plain, length - plain);
}

size_t redactor_open_end(const struct redactor *redactor, const char *text, size_t length)
{
    size_t open = 0;
    if (!redactor)
        return 0;
    vec_each (secret, &redactor->secrets) {
        const size_t size = strlen(*secret);
        for (size_t part = size - 1; part > open; part--)
            if (part <= length && memcmp(text + length - part, *secret, part) == 0)
                open = part;
    }
    return open;
}
