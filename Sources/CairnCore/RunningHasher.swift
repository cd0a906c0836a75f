/// Advances the hash that chains a journal by the headers of one pack.
///
/// A pack's hash is SHA-256 over the hash before it and, for each frame, the bytes from its
/// version to the end of its event id with the bit that erasure sets cleared. Payloads are not
/// part of it, only their digests are, so erasing one leaves the chain as it was.
public struct RunningHasher: Sendable {
    private var hash = SHA256()

    /// Continues after what was hashed before.
    public init(after previous: RunningHash) {
        let words = previous.digest.words
        for word in [words.0, words.1, words.2, words.3] {
            withUnsafeBytes(of: word.bigEndian) { hash.update($0) }
        }
    }

    /// Adds one frame's header.
    public mutating func add(_ header: EventHeader, frame: RawSpan) {
        let range = header.hashedRange()
        guard header.flags.contains(.isErased) else {
            frame.extracting(range).withUnsafeBytes { hash.update($0) }
            return
        }
        var bytes = frame.extracting(range).array()
        bytes[1] &= ~Frame.Flags.isErased.rawValue
        bytes.withUnsafeBytes { hash.update($0) }
    }

    /// Adds the hashed part of a frame that was encoded just now, and so is not erased.
    public mutating func add(encoded bytes: RawSpan) {
        bytes.withUnsafeBytes { hash.update($0) }
    }

    /// The hash after the pack.
    public consuming func finish() -> RunningHash {
        RunningHash(digest: hash.finish())
    }
}
