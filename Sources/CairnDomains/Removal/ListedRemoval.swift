public import CairnCore

/// The removal of a whole stream, as it stands in the list of all removals of its kind.
///
/// Who reads one stream meets its removal there. Who passes over a whole journal meets what a
/// removal covers before the removal itself, and must know of it beforehand: from the stream
/// ``Removal/truncations(of:)`` of the kind. The entry is appended in the turn that removes, right
/// before the removal, so the removal holds in every view that goes beyond the entry.
public struct ListedRemoval: Hashable, Sendable {
    private static let eventType = "removal.listed"
    private static let version: UInt8 = 1

    private enum Tag {
        static let key: UInt8 = 1
        static let eventCount: UInt8 = 2
    }

    /// The key of the stream that is removed.
    public let key: String
    /// How many events it covers that no removal covered before.
    public let eventCount: UInt64
    /// When it was decided.
    public let at: Timestamp

    public init(key: String, eventCount: UInt64, at: Timestamp) {
        self.key = key
        self.eventCount = eventCount
        self.at = at
    }

    /// Writes the entry down.
    ///
    /// - Throws: `LimitError`.
    public func newEvent() throws(LimitError) -> NewEvent {
        var fields = FieldWriter(capacity: 48)
        fields.text(Tag.key, key)
        fields.count(Tag.eventCount, eventCount)
        return try NewEvent(
            type: Self.eventType,
            typeVersion: Self.version,
            occurredAt: at,
            payload: fields.finish()
        )
    }

    /// Reads a stored entry; nil for a truncation, and for what may be passed over.
    ///
    /// - Throws: `EventCodecError`, also for an entry whose payload is gone: whoever passed over
    ///   it would show what is not to be seen.
    public static func read(
        _ header: EventHeader,
        frame: RawSpan
    ) throws(EventCodecError) -> ListedRemoval? {
        let type = header.type(in: frame)
        guard type.hasSameBytes(as: eventType) else {
            if try Removal.stored(header, frame: frame) != nil { return nil }
            guard header.flags.contains(.mayBeIgnored) else { throw .unknownType(type) }
            return nil
        }
        guard header.typeVersion <= version else {
            throw .newerVersion(type: type, version: header.typeVersion)
        }
        let payload = frame.extracting(header.payloadRange)
        do throws(FieldFailure) {
            let fields = try ItemFields(payload)
            return ListedRemoval(
                key: try fields.text(Tag.key, payload),
                eventCount: UInt64(bitPattern: try fields.number(Tag.eventCount)),
                at: header.occurredAt
            )
        } catch {
            throw .malformed(type: type, reason: error.reason)
        }
    }
}
