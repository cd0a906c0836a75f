/// SHA-256 of an event's canonical content: what decides whether the same id means the same.
public struct ContentDigest: Hashable, Sendable {
    /// The 32 bytes as four words, most significant byte first in each.
    @usableFromInline let words: (UInt64, UInt64, UInt64, UInt64)

    public static let byteCount = 32

    @inlinable
    init(words: (UInt64, UInt64, UInt64, UInt64)) {
        self.words = words
    }

    /// Digests content that is already in its canonical form.
    ///
    /// The event's type is part of the content: the same bytes under another type differ. Its
    /// version and the payload's codec are not, because they say how content is written down and
    /// not what it is. The type's length stands first, so that no two pairs run together.
    public init(type: String, content: RawSpan) {
        var hash = SHA256()
        hash.update(counted: type)
        hash.update(content)
        self = hash.finish()
    }

    /// Reads the 32 bytes of a digest.
    ///
    /// - Precondition: `bytes` has at least 32 bytes.
    public init(bytes: RawSpan) {
        words = (
            bytes.bigEndian(at: 0), bytes.bigEndian(at: 8), bytes.bigEndian(at: 16),
            bytes.bigEndian(at: 24)
        )
    }

    /// The 32 bytes.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        for word in [words.0, words.1, words.2, words.3] { writer.bigEndian(word) }
        return writer.finish()
    }

    /// The digest as 64 lower-case hexadecimal digits.
    public var hexadecimal: String {
        [words.0, words.1, words.2, words.3].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    public static func == (left: ContentDigest, right: ContentDigest) -> Bool {
        left.words == right.words
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
    }
}

extension ContentDigest: CustomStringConvertible {
    public var description: String { hexadecimal }
}

/// The hash that chains a journal: each pack's hash covers the one before it and its headers.
public struct RunningHash: Hashable, Sendable {
    public let digest: ContentDigest

    /// What stands before the first pack: 32 zero bytes.
    public static let zero = RunningHash(digest: ContentDigest(words: (0, 0, 0, 0)))

    public init(digest: ContentDigest) {
        self.digest = digest
    }
}
