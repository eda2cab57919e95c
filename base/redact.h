#pragma once
// Keeps secrets out of everything shown: each known secret, and its URL-encoded form, becomes
// "****".

#include <stddef.h>

#include "base/strbuf.h"

struct redactor;

struct redactor *redactor_new(void);
void redactor_free(struct redactor *redactor); // NULL is fine
// Secrets shorter than 6 characters are not hidden: they would garble ordinary text.
void redactor_add(struct redactor *redactor, const char *secret);
// Appends the text with every secret replaced. redactor may be NULL.
void redactor_apply(const struct redactor *redactor, const char *text, size_t length,
                    struct strbuf *out);
// How many bytes at the end of the text may be the beginning of a secret that goes on after it.
size_t redactor_open_end(const struct redactor *redactor, const char *text, size_t length);
