public import CairnCore

/// The fact that some events are not to be seen any more.
///
/// Nothing leaves the journal: positions, sequences and hashes stay as they are (law 1), and what
/// was removed is only left out by those who read, who say how many events they left out. A
/// removal covers what stood in the journal when it was decided and nothing that comes later. The
/// ids of what it covers stay taken, so that importing it again brings nothing back (law 4).
///
/// It is the same event whatever it is about: a request, a session, or what was sent to a user.
public struct Removal: Hashable, Sendable {
    /// What a removal covers.
    public enum Extent: Hashable, Sendable {
        /// All events before it in the stream that it stands in.
        case stream
        /// All events before it, in streams of the kind it is about, that happened before an
        /// instant; it stands in ``truncations(of:)``.
        case before(Timestamp)
    }

    public let extent: Extent
    /// When it was decided.
    public let at: Timestamp
    /// Who decided it, where that was said.
    public let by: String?
    /// Why, where that was said.
    public let reason: String?

    public init(_ extent: Extent, at: Timestamp, by: String? = nil, reason: String? = nil) {
        self.extent = extent
        self.at = at
        self.by = by
        self.reason = reason
    }

    /// The stream of the truncations of a kind of streams, and of ``ListedRemoval``s.
    public static func truncations(of kind: StreamKind) throws(LimitError) -> StreamID {
        try StreamID(kind: streamKind, key: kind.name)
    }

    static let streamKind = StreamKind("removal")
}

extension Removal {
    private static let version: UInt8 = 1

    /// The names of the two sorts of removals.
    private enum Kind: String {
        case forgotten = "removal.forgotten"
        case truncated = "removal.truncated"
    }

    private enum Tag {
        static let before: UInt8 = 1
        static let by: UInt8 = 2
        static let reason: UInt8 = 3
    }

    /// Reads a stored removal; nil for an event that is none.
    ///
    /// - Throws: `EventCodecError` for a removal that cannot be read: whoever passed over it
    ///   would show what is not to be seen.
    public static func stored(
        _ header: EventHeader,
        frame: RawSpan
    ) throws(EventCodecError) -> Removal? {
        let range = header.typeRange
        // Both names have as many bytes, which tells nearly every other event apart at once.
        guard range.count == 17, let kind = Kind(rawValue: header.type(in: frame)) else {
            return nil
        }
        guard header.typeVersion <= version else {
            throw .newerVersion(type: kind.rawValue, version: header.typeVersion)
        }
        if kind == .forgotten, header.flags.contains(.isErased) {
            // What it covers stays covered; only who decided it, and why, is gone.
            return Removal(.stream, at: header.occurredAt)
        }
        let payload = frame.extracting(header.payloadRange)
        do throws(FieldFailure) {
            let fields = try ItemFields(payload)
            let extent: Extent =
                switch kind {
                case .forgotten: .stream
                case .truncated:
                    .before(Timestamp(nanoseconds: try fields.number(Tag.before)))
                }
            return Removal(
                extent,
                at: header.occurredAt,
                by: fields.fields.text(Tag.by, in: payload),
                reason: fields.fields.text(Tag.reason, in: payload)
            )
        } catch {
            throw .malformed(type: kind.rawValue, reason: error.reason)
        }
    }

    /// Writes the removal down.
    ///
    /// - Throws: `LimitError` where the texts are larger than a journal takes.
    public func newEvent() throws(LimitError) -> NewEvent {
        var fields = FieldWriter(capacity: 32)
        let kind: Kind
        switch extent {
        case .stream: kind = .forgotten
        case .before(let instant):
            kind = .truncated
            fields.time(Tag.before, instant)
        }
        fields.text(Tag.by, by)
        fields.text(Tag.reason, reason)
        return try NewEvent(
            type: kind.rawValue,
            typeVersion: Self.version,
            occurredAt: at,
            payload: fields.finish()
        )
    }
}
