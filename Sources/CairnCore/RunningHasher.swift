/// Advances the hash that chains a journal by the headers of one pack.
///
/// A pack's hash is SHA-256 over the hash before it and, for each frame, the bytes from its
/// version to the end of its event id with the bit that erasure sets cleared. Payloads are not
/// part of it, only their digests are, so erasing one leaves the chain as it was.
public struct RunningHasher: Sendable {
    private var hash = SHA256()

    /// Continues after what was hashed before.
    public init(after previous: RunningHash) {
        hash.update(previous.digest)
    }

    /// Adds one frame's header.
    public mutating func add(_ header: EventHeader, frame: RawSpan) {
        let range = header.hashedRange()
        guard header.flags.contains(.isErased) else {
            hash.update(frame.extracting(range))
            return
        }
        var bytes = frame.extracting(range).array()
        bytes[1] &= ~Frame.Flags.isErased.rawValue
        hash.update(bytes.span.bytes)
    }

    /// Adds the hashed part of a frame that was encoded just now, and so is not erased.
    public mutating func add(encoded bytes: RawSpan) {
        hash.update(bytes)
    }

    /// The hash after the pack.
    public consuming func finish() -> RunningHash {
        RunningHash(digest: hash.finish())
    }
}
