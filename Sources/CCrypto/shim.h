#ifndef CAIRN_CCRYPTO_SHIM_H
#define CAIRN_CCRYPTO_SHIM_H

/* SHA-256 over a context of the caller's own: OpenSSL 3 calls it deprecated in favour of one that
   it allocates for each digest, and there is one digest for each event. LibreSSL, BoringSSL and
   AWS-LC have the same functions. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <stdint.h>
#include <string.h>

/* 32 bytes as four words, the most significant byte first in each. */
struct cairn_digest {
    uint64_t first, second, third, fourth;
};

static inline struct cairn_digest cairn_digest_of(const unsigned char bytes[32]) {
    uint64_t words[4];
    memcpy(words, bytes, sizeof words);
    return (struct cairn_digest){
        __builtin_bswap64(words[0]), __builtin_bswap64(words[1]), __builtin_bswap64(words[2]),
        __builtin_bswap64(words[3])};
}

/* What SHA256_Final gives; the context is of no further use. */
static inline struct cairn_digest cairn_sha256_final(SHA256_CTX *context) {
    unsigned char bytes[SHA256_DIGEST_LENGTH];
    SHA256_Final(bytes, context);
    return cairn_digest_of(bytes);
}

static inline struct cairn_digest cairn_hmac_sha256(
    const void *key, int key_size, const void *message, size_t size) {
    unsigned char bytes[SHA256_DIGEST_LENGTH];
    HMAC(EVP_sha256(), key, key_size, message, size, bytes, NULL);
    return cairn_digest_of(bytes);
}

#endif
