public import CairnCore

/// What a key's stream tells at a glance, without a state being built: whether the key is fresh,
/// or was sent by one attempt that the provider took and of which nothing was heard since.
///
/// Nearly every key of a batch that is looked at again is one of the two. All others need the fold.
public enum KeyGlance: Hashable, Sendable {
    /// Nothing was ever begun under the key.
    case fresh
    /// Done, and what the key stands for.
    case done(ContentDigest)
    /// One attempt was begun; nothing more is known of it yet.
    case begun(ContentDigest)
    /// Whatever else there is: only the fold can tell.
    case other

    /// Takes the next event of the stream in, in its order.
    public mutating func take(_ header: EventHeader, _ frame: RawSpan) {
        switch self {
        case .fresh: self = Self.first(header, frame)
        case .begun(let content) where Self.isPlain(header, frame, .accepted):
            self = .done(content)
        case .begun, .done, .other: self = .other
        }
    }

    private static func first(_ header: EventHeader, _ frame: RawSpan) -> KeyGlance {
        guard isPlain(header, frame, .began) else { return .other }
        let payload = frame.extracting(header.payloadRange)
        guard let range = FieldReader.range(of: ItemTag.content, in: payload),
            range.count == ContentDigest.byteCount
        else { return .other }
        return .begun(ContentDigest(bytes: payload.extracting(range)))
    }

    private static func isPlain(
        _ header: EventHeader,
        _ frame: RawSpan,
        _ kind: ItemEventKind
    ) -> Bool {
        !header.flags.contains(.isErased) && header.typeVersion <= ItemEventKind.version
            && frame.extracting(header.typeRange).equals(kind.rawValue)
    }
}
