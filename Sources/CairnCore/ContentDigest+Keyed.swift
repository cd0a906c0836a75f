internal import Crypto

extension ContentDigest {
    /// Digests content with a key: HMAC-SHA-256.
    ///
    /// Whoever lacks the key cannot find out what was digested by trying what it may have been,
    /// which of an ordinary digest anybody can. The use's length stands first, so that no two
    /// pairs of use and content run together.
    ///
    /// - Parameters:
    ///   - content: What is digested.
    ///   - use: What for: the same content has another digest for another use.
    ///   - key: The secret, which should have 32 random bytes.
    package init(of content: some Sequence<UInt8>, for use: String, key: [UInt8]) {
        var code = HMAC<SHA256>(key: SymmetricKey(data: key))
        var head = ByteWriter(capacity: use.utf8.count + 4)
        head.text(use)
        code.update(data: head.finish())
        code.update(data: Array(content))
        var writer = ByteWriter(capacity: Self.byteCount)
        writer.raw(Array(code.finalize()))
        self.init(bytes: writer.finish().span.bytes)
    }

    /// The first 64 bits.
    package var firstWord: UInt64 { words.0 }
}
