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
        var message = ByteWriter(capacity: use.utf8.count + 4)
        message.text(use)
        message.raw(Array(content))
        self = SHA256.authenticationCode(of: message.finish(), key: key)
    }

    /// The first 64 bits.
    package var firstWord: UInt64 { words.0 }
}
