public import CairnCore

/// Everything a stored frame says, copied out and compared by bytes.
///
/// Text is kept as bytes, because Swift compares text by what it looks like: two spellings of
/// one accented letter would be equal, and to a journal they are not.
public struct EventFacts: Hashable, Sendable {
    public var position: Position
    public var streamNumber: StreamNumber
    public var sequence: SequenceNumber
    public var recordedAt: Timestamp
    public var occurredAt: Timestamp
    public var flags: Frame.Flags
    public var codec: PayloadCodec
    public var typeVersion: UInt8
    public var keyID: UInt16
    public var type: [UInt8]
    /// The stream's name, which only its first event carries.
    public var streamName: StreamID?
    public var id: EventID?
    public var payload: [UInt8]
    public var contentDigest: ContentDigest

    /// Copies the facts out of a frame.
    public init(_ header: EventHeader, frame: RawSpan) {
        position = header.position
        streamNumber = header.streamNumber
        sequence = header.sequence
        recordedAt = header.recordedAt
        occurredAt = header.occurredAt
        flags = header.flags
        codec = header.codec
        typeVersion = header.typeVersion
        keyID = header.keyID
        type = frame.extracting(header.typeRange).array()
        streamName = header.streamID(in: frame)
        id = header.eventID(in: frame)
        payload = frame.extracting(header.payloadRange).array()
        contentDigest = header.contentDigest(in: frame)
    }

    /// Says what the frame of an event must say at a place.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - place: Where it stands.
    ///   - streamName: The stream's name if this is its first event.
    public init(_ event: NewEvent, at place: EventPlace, naming streamName: StreamID?) {
        position = place.position
        streamNumber = place.streamNumber
        sequence = place.sequence
        recordedAt = place.recordedAt
        occurredAt = event.occurredAt
        flags = []
        if streamName != nil { flags.insert(.namesStream) }
        if event.id != nil { flags.insert(.hasEventID) }
        if event.mayBeIgnored { flags.insert(.mayBeIgnored) }
        codec = event.codec
        typeVersion = event.typeVersion
        keyID = 0
        type = Array(event.type.utf8)
        self.streamName = streamName
        id = event.id
        payload = event.payload
        contentDigest = event.contentDigest
    }
}

extension EventFacts: CustomStringConvertible {
    public var description: String {
        let shown = payload.prefix(16).map { String($0, radix: 16) }.joined(separator: " ")
        return "event \(position) = \(streamNumber.rawValue)/\(sequence)"
            + " named \(streamName.map { Array($0.name.utf8).description } ?? "-")"
            + " type \(String(decoding: type, as: UTF8.self)) v\(typeVersion)"
            + " id \(id?.name ?? "-") flags \(flags.rawValue) codec \(codec.rawValue)"
            + " key \(keyID) recorded \(recordedAt) occurred \(occurredAt)"
            + " payload \(payload.count) bytes [\(shown)]"
            + " digest \(contentDigest.hexadecimal.prefix(12))"
    }
}
