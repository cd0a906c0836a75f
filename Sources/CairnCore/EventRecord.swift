/// One stored event, copied out of the journal: what followers and single reads hand over.
///
/// Folds over many events read the frames in place instead, through ``EventHeader``.
public struct EventRecord: Sendable {
    public let position: Position
    public let stream: StreamID
    public let sequence: SequenceNumber
    public let type: String
    public let typeVersion: UInt8
    public let id: EventID?
    public let recordedAt: Timestamp
    public let occurredAt: Timestamp
    public let flags: Frame.Flags
    public let codec: PayloadCodec
    public let payload: [UInt8]
    public let contentDigest: ContentDigest

    /// Copies an event out of its frame.
    ///
    /// - Parameters:
    ///   - header: The header read from `frame`.
    ///   - frame: The frame's bytes.
    ///   - stream: The stream's name, which only its first frame carries.
    public init(_ header: EventHeader, frame: RawSpan, stream: StreamID) {
        position = header.position
        self.stream = stream
        sequence = header.sequence
        type = header.type(in: frame)
        typeVersion = header.typeVersion
        id = header.eventID(in: frame)
        recordedAt = header.recordedAt
        occurredAt = header.occurredAt
        flags = header.flags
        codec = header.codec
        payload = frame.extracting(header.payloadRange).array()
        contentDigest = header.contentDigest(in: frame)
    }
}
