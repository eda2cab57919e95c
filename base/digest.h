#pragma once
// SHA-256 and randomness, from libcrypto.

#include <stddef.h>

enum { SHA256_HEX_SIZE = 65, UUID_SIZE = 37 };

// Lower-case hex, NUL-terminated.
void sha256_hex(const void *bytes, size_t length, char out[SHA256_HEX_SIZE]);
// Version 4, lower case.
void uuid_v4(char out[UUID_SIZE]);
// `length` random characters of [A-Za-z0-9] (5.95 bits each), owned by the caller.
char *random_token(size_t length);
// Constant time in the content, for comparing secrets; different lengths are unequal.
int secret_equal(const char *left, const char *right);
