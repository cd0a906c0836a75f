internal import CairnCore

extension StreamID {
    /// Names a stream by a key that may be longer than a name can be.
    ///
    /// Up to 400 bytes the key stands as it is; of a longer one its beginning, a `~` and the
    /// SHA-256 of the whole. No key of the first sort looks like one of the second, because that
    /// has more than 400 bytes. Whoever uses it stores the whole key in the stream and compares.
    init(kind: StreamKind, longKey key: String) throws(LimitError) {
        guard !Self.isPlain(longKey: key) else {
            try self.init(kind: kind, key: key)
            return
        }
        var end = key.utf8.index(key.utf8.startIndex, offsetBy: Self.plainByteCountMax)
        while end.samePosition(in: key.unicodeScalars) == nil { end = key.utf8.index(before: end) }
        let digest = ContentDigest(type: kind.name, content: Array(key.utf8).span.bytes)
        try self.init(kind: kind, key: "\(key[..<end])~\(digest.hexadecimal)")
    }

    /// Whether a key is short enough to stand as it is.
    package static func isPlain(longKey key: String) -> Bool {
        key.utf8.count <= plainByteCountMax
    }

    private static let plainByteCountMax = 400
}
