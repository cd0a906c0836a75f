/// What the journal adds to an event when it gives it a place.
public struct EventPlace: Hashable, Sendable {
    public let position: Position
    public let streamNumber: StreamNumber
    public let sequence: SequenceNumber
    public let recordedAt: Timestamp

    public init(
        position: Position,
        streamNumber: StreamNumber,
        sequence: SequenceNumber,
        recordedAt: Timestamp
    ) {
        self.position = position
        self.streamNumber = streamNumber
        self.sequence = sequence
        self.recordedAt = recordedAt
    }
}

extension Frame {
    /// Adds the frame of an event to a buffer.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - place: Where the journal puts it.
    ///   - streamID: The stream's name if this is its first event, else nil.
    ///   - buffer: Gets the frame at its end.
    /// - Returns: Where in the buffer the part that the running hash covers stands.
    @discardableResult
    public static func encode(
        _ event: NewEvent,
        at place: EventPlace,
        naming streamID: StreamID?,
        into buffer: inout [UInt8]
    ) -> Range<Int> {
        let start = buffer.count
        var flags: Flags = []
        if streamID != nil { flags.insert(.namesStream) }
        if event.id != nil { flags.insert(.hasEventID) }
        if event.mayBeIgnored { flags.insert(.mayBeIgnored) }
        let typeByteCount = event.type.utf8.count
        let nameByteCount = streamID?.name.utf8.count ?? 0
        let idByteCount = event.id?.name.utf8.count ?? 0
        let payloadStart = fixedByteCount + typeByteCount + nameByteCount + idByteCount
        let byteCount = payloadStart + event.payload.count

        withUnsafeTemporaryAllocation(byteCount: fixedByteCount, alignment: 8) { fixed in
            func store<Integer: FixedWidthInteger>(_ value: Integer, at offset: Int) {
                fixed.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Integer.self)
            }
            store(UInt32(byteCount), at: 0)
            store(UInt32(0), at: 4)
            store(version, at: 8)
            store(flags.rawValue, at: 9)
            store(event.codec.rawValue, at: 10)
            store(UInt8(typeByteCount), at: 11)
            store(UInt16(0), at: 12)
            store(event.typeVersion, at: 14)
            store(UInt8(0), at: 15)
            store(place.streamNumber.rawValue, at: 16)
            store(place.sequence.rawValue, at: 24)
            store(place.recordedAt.nanoseconds, at: 32)
            store(event.occurredAt.nanoseconds, at: 40)
            let words = event.contentDigest.words
            store(words.0.byteSwapped, at: 48)
            store(words.1.byteSwapped, at: 56)
            store(words.2.byteSwapped, at: 64)
            store(words.3.byteSwapped, at: 72)
            store(UInt16(nameByteCount), at: 80)
            store(UInt16(idByteCount), at: 82)
            buffer.append(contentsOf: UnsafeRawBufferPointer(fixed))
        }
        buffer.append(contentsOf: event.type.utf8)
        if let streamID { buffer.append(contentsOf: streamID.name.utf8) }
        if let id = event.id { buffer.append(contentsOf: id.name.utf8) }
        buffer.append(contentsOf: event.payload)
        let checksum = buffer.checksum(
            of: start + checkedOffset..<buffer.count,
            seededWith: place.position.rawValue
        )
        buffer.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: checksum.littleEndian, toByteOffset: start + 4, as: UInt32.self)
        }
        return start + checkedOffset..<start + payloadStart
    }
}
