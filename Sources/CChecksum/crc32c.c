#include "CChecksum.h"

#include <string.h>

// Slicing by eight: table[k][b] is the effect of byte b followed by k zero bytes.
static uint32_t table[8][256];

__attribute__((constructor)) static void fill_table(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ ((crc & 1) ? 0x82F63B78u : 0);
        }
        table[0][byte] = crc;
    }
    for (uint32_t byte = 0; byte < 256; byte++) {
        for (int k = 1; k < 8; k++) {
            uint32_t previous = table[k - 1][byte];
            table[k][byte] = (previous >> 8) ^ table[0][previous & 0xFF];
        }
    }
}

uint32_t cairn_crc32c_portable(uint32_t seed, const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    uint32_t crc = ~seed;
    while (count >= 8) {
        uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                              (uint32_t)p[3] << 24);
        crc = table[7][low & 0xFF] ^ table[6][(low >> 8) & 0xFF] ^ table[5][(low >> 16) & 0xFF] ^
              table[4][low >> 24] ^ table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^
              table[0][p[7]];
        p += 8;
        count -= 8;
    }
    while (count--) {
        crc = (crc >> 8) ^ table[0][(crc ^ *p++) & 0xFF];
    }
    return ~crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t crc32c_hardware(uint32_t seed, const void *bytes,
                                                                  size_t count) {
    const uint8_t *p = bytes;
    uint64_t crc = (uint32_t)~seed;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        crc = _mm_crc32_u64(crc, word);
        p += 8;
        count -= 8;
    }
    uint32_t narrow = (uint32_t)crc;
    while (count--) {
        narrow = _mm_crc32_u8(narrow, *p++);
    }
    return ~narrow;
}

static int has_hardware(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.2");
}
#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>

__attribute__((target("+crc"))) static uint32_t crc32c_hardware(uint32_t seed, const void *bytes,
                                                                size_t count) {
    const uint8_t *p = bytes;
    uint32_t crc = ~seed;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        crc = __crc32cd(crc, word);
        p += 8;
        count -= 8;
    }
    while (count--) {
        crc = __crc32cb(crc, *p++);
    }
    return ~crc;
}

static int has_hardware(void) { return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }
#else
static uint32_t crc32c_hardware(uint32_t seed, const void *bytes, size_t count) {
    return cairn_crc32c_portable(seed, bytes, count);
}

static int has_hardware(void) { return 0; }
#endif

static uint32_t (*selected)(uint32_t, const void *, size_t) = cairn_crc32c_portable;

__attribute__((constructor)) static void select_implementation(void) {
    if (has_hardware()) {
        selected = crc32c_hardware;
    }
}

uint32_t cairn_crc32c(uint32_t seed, const void *bytes, size_t count) {
    return selected(seed, bytes, count);
}

uint32_t cairn_crc32c_at(uint64_t position, const void *bytes, size_t count) {
    uint8_t seed[8];
    for (int i = 0; i < 8; i++) {
        seed[i] = (uint8_t)(position >> (8 * i));
    }
    return selected(selected(0, seed, sizeof seed), bytes, count);
}

static uint64_t word(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

static uint64_t fold(uint64_t left, uint64_t right) {
    const unsigned __int128 product = (unsigned __int128)left * right;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t cairn_digest64(uint64_t before, const void *bytes, size_t count) {
    // Odd numbers without a pattern: the fractions of the square roots of 2, 3, 5 and 7.
    const uint64_t keys[4] = {0x6A09E667F3BCC909u, 0xBB67AE8584CAA73Bu, 0x3C6EF372FE94F82Bu,
                              0xA54FF53A5F1D36F1u};
    const uint8_t *p = bytes;
    const uint64_t total = count;
    uint64_t first = before ^ keys[0];
    uint64_t second = before ^ keys[1];
    while (count >= 32) {
        first = fold(word(p) ^ first, word(p + 8) ^ keys[2]);
        second = fold(word(p + 16) ^ second, word(p + 24) ^ keys[3]);
        p += 32;
        count -= 32;
    }
    while (count >= 8) {
        first = fold(word(p) ^ first, keys[2]);
        p += 8;
        count -= 8;
    }
    uint8_t rest[8] = {0};
    memcpy(rest, p, count);
    first = fold(word(rest) ^ first, total ^ keys[3]);
    return fold(first ^ keys[0], second ^ keys[1]);
}
