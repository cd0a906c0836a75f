internal import CCrypto

/// A SHA-256 that is being taken; a plain value, so a copy goes on by itself.
struct SHA256: Sendable {
    private var context = SHA256_CTX()

    init() {
        SHA256_Init(&context)
    }

    mutating func update(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { _ = SHA256_Update(&context, $0.baseAddress, $0.count) }
    }

    /// Adds a digest's 32 bytes.
    mutating func update(_ digest: ContentDigest) {
        let words = digest.words
        for word in [words.0, words.1, words.2, words.3] {
            withUnsafeBytes(of: word.bigEndian) {
                _ = SHA256_Update(&context, $0.baseAddress, $0.count)
            }
        }
    }

    /// Adds a text's bytes, with their count before them in four bytes, the least first.
    mutating func update(counted text: String) {
        var text = text
        text.withUTF8 { bytes in
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: bytes.count).littleEndian) {
                _ = SHA256_Update(&context, $0.baseAddress, $0.count)
            }
            _ = SHA256_Update(&context, bytes.baseAddress, bytes.count)
        }
    }

    /// The digest of all that was given.
    consuming func finish() -> ContentDigest {
        ContentDigest(cairn_sha256_final(&context))
    }

    /// HMAC-SHA-256 of a message.
    static func authenticationCode(of message: [UInt8], key: [UInt8]) -> ContentDigest {
        ContentDigest(cairn_hmac_sha256(key, Int32(key.count), message, message.count))
    }
}

extension ContentDigest {
    fileprivate init(_ digest: cairn_digest) {
        self.init(words: (digest.first, digest.second, digest.third, digest.fourth))
    }
}
