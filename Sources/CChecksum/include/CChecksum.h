#ifndef CAIRN_CCHECKSUM_H
#define CAIRN_CCHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78) of `count` bytes.
///
/// `seed` is the checksum of the bytes before these, 0 at the start, so a checksum can be
/// taken in pieces. Uses the processor's own instruction where it has one.
uint32_t cairn_crc32c(uint32_t seed, const void *bytes, size_t count);

/// The checksum of `position` as eight bytes, least significant first, and then of `count` bytes.
uint32_t cairn_crc32c_at(uint64_t position, const void *bytes, size_t count);

/// The same checksum by table, on any processor. The tests compare the two.
uint32_t cairn_crc32c_portable(uint32_t seed, const void *bytes, size_t count);

/// A digest of 64 bits over `count` bytes, which goes on from the digest of the bytes before them.
///
/// For what carries CRC-32C itself: a record with its checksum behind it adds nothing to a CRC of
/// the same polynomial over both, whatever the record says. Here each step multiplies two words of
/// the content, mixed with what came before, to 128 bits and folds them, as wyhash by Wang Yi does.
/// Not against those who mean harm.
uint64_t cairn_digest64(uint64_t before, const void *bytes, size_t count);

#endif
