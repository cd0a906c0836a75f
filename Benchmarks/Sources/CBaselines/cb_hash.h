#ifndef CB_HASH_H
#define CB_HASH_H

#include <stdint.h>

// The output step of splitmix64: a bijection that spreads every input bit over the word.
static inline uint64_t cb_mix(uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

// The next number of a splitmix64 generator.
static inline uint64_t cb_next(uint64_t *generator) {
    *generator += 0x9e3779b97f4a7c15u;
    return cb_mix(*generator);
}

#endif
