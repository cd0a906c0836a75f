internal import CCrypto

/// A SHA-256 that is being taken; a plain value, so a copy goes on by itself.
struct SHA256: Sendable {
    private static let size = ContentDigest.byteCount

    private var context = SHA256_CTX()

    init() {
        SHA256_Init(&context)
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        SHA256_Update(&context, bytes.baseAddress, bytes.count)
    }

    /// The digest of all that was given.
    consuming func finish() -> ContentDigest {
        withUnsafeTemporaryAllocation(byteCount: Self.size, alignment: 8) { bytes in
            SHA256_Final(bytes.baseAddress, &context)
            return ContentDigest(bigEndian: UnsafeRawBufferPointer(bytes))
        }
    }

    /// HMAC-SHA-256 of a message.
    static func authenticationCode(of message: [UInt8], key: [UInt8]) -> ContentDigest {
        withUnsafeTemporaryAllocation(byteCount: Self.size, alignment: 8) { code in
            HMAC(
                EVP_sha256(),
                key,
                Int32(key.count),
                message,
                message.count,
                code.baseAddress,
                nil
            )
            return ContentDigest(bigEndian: UnsafeRawBufferPointer(code))
        }
    }
}
