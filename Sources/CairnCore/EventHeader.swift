/// The fixed part of one stored event, read in place, and where its variable parts stand.
///
/// Plain data without references: making one allocates nothing. The ranges count from the start
/// of the frame the header was read from, and lie inside it.
public struct EventHeader: Sendable {
    public let position: Position
    public let streamNumber: StreamNumber
    public let sequence: SequenceNumber
    /// The journal's own instant, never decreasing from position to position.
    public let recordedAt: Timestamp
    /// When it happened, as the caller says.
    ///
    /// Data: it may repeat and go backwards.
    public let occurredAt: Timestamp
    public let flags: Frame.Flags
    public let codec: PayloadCodec
    public let typeVersion: UInt8
    /// Which encryption key the payload is sealed with; 0 for none.
    public let keyID: UInt16
    @usableFromInline let typeEnd: UInt32
    @usableFromInline let nameEnd: UInt32
    @usableFromInline let payloadStart: UInt32
    @usableFromInline let frameEnd: UInt32

    /// Reads the header of a frame and checks it against the position it was found at.
    ///
    /// - Parameters:
    ///   - frame: The frame's bytes, exactly.
    ///   - position: Where the journal says the frame stands; part of the checksum.
    ///   - verifiesChecksum: Whether to compare the checksum. Only what was verified before in
    ///     the same view may leave it out.
    /// - Throws: ``FrameError``.
    public init(
        frame: RawSpan,
        position: Position,
        verifiesChecksum: Bool = true
    ) throws(FrameError) {
        let byteCount = frame.byteCount
        guard byteCount >= Frame.fixedByteCount, byteCount <= Frame.byteCountMax,
            Int(frame.littleEndian(at: 0, as: UInt32.self)) == byteCount
        else { throw .malformed }
        if verifiesChecksum {
            let expected = frame.extracting(Frame.checkedOffset..<byteCount)
                .checksum(seededWith: position.rawValue)
            let found = frame.littleEndian(at: 4, as: UInt32.self)
            guard expected == found else { throw .checksum(expected: expected, found: found) }
        }
        let version = frame.byte(at: 8)
        guard version == Frame.version else { throw .newerVersion(version) }
        let typeEnd = Frame.fixedByteCount + Int(frame.byte(at: 11))
        let nameEnd = typeEnd + Int(frame.littleEndian(at: 80, as: UInt16.self))
        let payloadStart = nameEnd + Int(frame.littleEndian(at: 82, as: UInt16.self))
        guard payloadStart <= byteCount else { throw .malformed }
        self.position = position
        flags = Frame.Flags(rawValue: frame.byte(at: 9))
        codec = PayloadCodec(rawValue: frame.byte(at: 10))
        keyID = frame.littleEndian(at: 12)
        typeVersion = frame.byte(at: 14)
        streamNumber = StreamNumber(rawValue: frame.littleEndian(at: 16))
        sequence = SequenceNumber(rawValue: frame.littleEndian(at: 24))
        recordedAt = Timestamp(nanoseconds: frame.littleEndian(at: 32))
        occurredAt = Timestamp(nanoseconds: frame.littleEndian(at: 40))
        self.typeEnd = UInt32(truncatingIfNeeded: typeEnd)
        self.nameEnd = UInt32(truncatingIfNeeded: nameEnd)
        self.payloadStart = UInt32(truncatingIfNeeded: payloadStart)
        frameEnd = UInt32(truncatingIfNeeded: byteCount)
    }

    /// Where the event type's name stands.
    @inlinable
    public var typeRange: Range<Int> { Frame.fixedByteCount..<Int(typeEnd) }

    /// Where the stream's name stands; empty unless this is its first event.
    @inlinable
    public var streamNameRange: Range<Int> { Int(typeEnd)..<Int(nameEnd) }

    /// Where the caller's event id stands; empty if there is none.
    @inlinable
    public var eventIDRange: Range<Int> { Int(nameEnd)..<Int(payloadStart) }

    /// Where the payload stands.
    @inlinable
    public var payloadRange: Range<Int> { Int(payloadStart)..<Int(frameEnd) }

    /// The event type's name.
    public func type(in frame: RawSpan) -> String {
        frame.extracting(typeRange).text()
    }

    /// The digest of the event's canonical content.
    public func contentDigest(in frame: RawSpan) -> ContentDigest {
        ContentDigest(
            words: (
                frame.bigEndian(at: 48), frame.bigEndian(at: 56), frame.bigEndian(at: 64),
                frame.bigEndian(at: 72)
            )
        )
    }

    /// The stream's name, in the first event of a stream and nowhere else.
    public func streamID(in frame: RawSpan) -> StreamID? {
        guard flags.contains(.namesStream) else { return nil }
        return try? StreamID(frame.extracting(streamNameRange).text())
    }

    /// The caller's id of the event.
    public func eventID(in frame: RawSpan) -> EventID? {
        guard flags.contains(.hasEventID) else { return nil }
        return try? EventID(frame.extracting(eventIDRange).text())
    }

    /// What the running hash covers of a frame, without the bit that erasure sets.
    public func hashedRange() -> Range<Int> {
        Frame.checkedOffset..<Int(payloadStart)
    }
}
