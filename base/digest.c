#include "base/digest.h"

// The functions of one algorithm, which newer versions would rather see behind EVP_Digest. But that
// one sets a whole library up first (configuration, providers: 3 ms and 3 MB) and wants all of it
// linked; these are a few pages out of the static library.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/mem.h"

void sha256_hex(const void *bytes, size_t length, char out[SHA256_HEX_SIZE])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, bytes, length);
    SHA256_Final(digest, &context);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(out + i * 2, 3, "%02x", digest[i]);
}

// The kernel's generator does not fail once it is seeded; up to 256 bytes arrive whole.
static void random_bytes(unsigned char *out, size_t length)
{
    while (length > 0) {
        size_t part = length > 256 ? 256 : length;
        ssize_t got = getrandom(out, part, 0);
        if (got <= 0)
            continue;
        out += got;
        length -= (size_t)got;
    }
}

void uuid_v4(char out[UUID_SIZE])
{
    unsigned char b[16];
    random_bytes(b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    snprintf(out, UUID_SIZE, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
             b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
             b[14], b[15]);
}

char *random_token(size_t length)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    char *token = mem_alloc(length + 1);
    for (size_t i = 0; i < length;) {
        unsigned char byte;
        random_bytes(&byte, 1);
        if (byte < 248) // 4 * 62: no character is likelier than another
            token[i++] = alphabet[byte % 62];
    }
    return token;
}

int secret_equal(const char *left, const char *right)
{
    size_t length = strlen(left);
    return length == strlen(right) && CRYPTO_memcmp(left, right, length) == 0;
}
