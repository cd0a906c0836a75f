public import CairnCore

/// What a key's stream tells at a glance, without a state being built: whether the key is fresh,
/// or was sent by one attempt that the provider took and of which nothing was heard since.
///
/// Nearly every key of a batch that is looked at again is one of the two. All others need the fold.
public enum KeyGlance: Hashable, Sendable {
    /// Nothing was ever begun under the key.
    case fresh
    /// Done, and what the key stands for.
    case done(KeyedRequest)
    /// One attempt was begun; nothing more is known of it yet.
    case begun(KeyedRequest)
    /// Whatever else there is: only the fold can tell.
    case other

    /// Takes the next event of the stream in, in its order.
    public mutating func take(_ header: EventHeader, _ frame: RawSpan) {
        switch self {
        case .fresh: self = Self.first(header, frame)
        case .begun(let request) where Self.isPlain(header, frame, .accepted):
            self = .done(request)
        case .begun, .done, .other: self = .other
        }
    }

    private static func first(_ header: EventHeader, _ frame: RawSpan) -> KeyGlance {
        guard isPlain(header, frame, .began) else { return .other }
        let payload = frame.extracting(header.payloadRange)
        guard let range = FieldReader.range(of: ItemTag.content, in: payload),
            range.count == ContentDigest.byteCount
        else { return .other }
        let job = FieldReader.range(of: ItemTag.job, in: payload)
        return .begun(
            KeyedRequest(
                content: ContentDigest(bytes: payload.extracting(range)),
                jobMark: job.map { KeyedRequest.jobMark(payload.extracting($0)) }
            )
        )
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

/// What a key stands for, as far as a glance tells it.
public struct KeyedRequest: Hashable, Sendable {
    public let content: ContentDigest
    /// What the job that began it is known by; nil where none did.
    public let jobMark: UInt64?

    public init(content: ContentDigest, jobMark: UInt64?) {
        self.content = content
        self.jobMark = jobMark
    }

    /// 64 bits of a job's name (FNV-1a): enough to tell the jobs of a journal apart in a count.
    public static func jobMark(ofJob name: String) -> UInt64 {
        jobMark(Array(name.utf8).span.bytes)
    }

    static func jobMark(_ name: RawSpan) -> UInt64 {
        var mark: UInt64 = 0xCBF2_9CE4_8422_2325
        for offset in 0..<name.byteCount {
            mark = (mark ^ UInt64(name.byte(at: offset))) &* 0x100_0000_01B3
        }
        return mark
    }
}
