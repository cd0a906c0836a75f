internal import CairnCore
internal import CairnJournal

/// Keys and values of the index tables, as `Specs/JournalFormat.md` gives them.
///
/// Both lists, a stream's positions and a prefix's ids, are kept in slices of a bounded number of
/// entries in the order of their positions. A flush extends the last slice until it is full.
enum IndexRecords {
    /// Most positions in one slice of a stream.
    static let streamSliceCountMax = 128
    /// Most ids in one slice of a prefix.
    static let idSliceCountMax = 64
    /// Most slices of a prefix; ids beyond them get a record each.
    static let idSlicesMax = 16

    /// What every value ends with, in bytes: a checksum over its key and the rest of it.
    ///
    /// LMDB has none, and a record that lies would give a sequence twice or lose an id.
    static let checksumByteCount = 4

    /// A value as it is stored: the content and the checksum.
    static func sealed(_ content: RawSpan, at key: RawSpan) -> [UInt8] {
        var value = ByteWriter(capacity: content.byteCount + checksumByteCount)
        value.raw(content)
        value.littleEndian(checksum(content, at: key))
        return value.finish()
    }

    /// How many bytes of a stored value are content; nil if its checksum does not hold.
    static func contentByteCount(of value: RawSpan, at key: RawSpan) -> Int? {
        let count = value.byteCount - checksumByteCount
        guard count >= 0,
            value.littleEndian(at: count, as: UInt32.self)
                == checksum(value.extracting(0..<count), at: key)
        else { return nil }
        return count
    }

    static func checksum(_ content: RawSpan, at key: RawSpan) -> UInt32 {
        content.checksum(seededWith: UInt64(key.checksum(seededWith: 0)))
    }

    // MARK: stream-events

    static func streamSliceKey(_ number: StreamNumber, _ sequence: SequenceNumber) -> [UInt8] {
        var key = ByteWriter(capacity: 16)
        key.bigEndian(number.rawValue)
        key.bigEndian(sequence.rawValue)
        return key.finish()
    }

    static func encode(positions: [Position]) -> [UInt8] {
        var writer = ByteWriter(capacity: 8 + positions.count * 3)
        writer.variable(UInt64(positions.count))
        var previous: UInt64 = 0
        for position in positions {
            writer.variable(position.rawValue &- previous)
            previous = position.rawValue
        }
        return writer.finish()
    }

    static func decodePositions(_ bytes: RawSpan) throws(TruncatedBytes) -> [Position] {
        var positions: [Position] = []
        try decodePositions(bytes, into: &positions)
        return positions
    }

    /// Adds the positions of a slice to others.
    static func decodePositions(
        _ bytes: RawSpan,
        into positions: inout [Position]
    ) throws(TruncatedBytes) {
        var reader = ByteReader()
        let count = try reader.variable(in: bytes)
        guard count > 0, count <= UInt64(bytes.byteCount) else { throw TruncatedBytes(offset: 0) }
        var previous: UInt64 = 0
        for _ in 0..<count {
            let (next, overflow) = previous.addingReportingOverflow(try reader.variable(in: bytes))
            guard !overflow, next > previous else { throw TruncatedBytes(offset: reader.offset) }
            positions.append(Position(rawValue: next))
            previous = next
        }
        guard reader.offset == bytes.byteCount else { throw TruncatedBytes(offset: reader.offset) }
    }

    // MARK: event-id

    /// What all slices of a prefix begin with: "g", the prefix' length, the prefix.
    static func idGroupKey(_ prefix: ArraySlice<UInt8>) -> [UInt8] {
        var key = ByteWriter(capacity: 11 + prefix.count)
        key.raw(CollectionOfOne(UInt8(ascii: "g")))
        key.bigEndian(UInt16(truncatingIfNeeded: prefix.count))
        key.raw(prefix)
        return key.finish()
    }

    static func idSliceKey(_ prefix: ArraySlice<UInt8>, first: Position) -> [UInt8] {
        var key = ByteWriter(capacity: 11 + prefix.count)
        key.raw(idGroupKey(prefix))
        key.bigEndian(first.rawValue)
        return key.finish()
    }

    /// Says that ids of the prefix have records of their own as well; sorts after all slices.
    static func idMarkerKey(_ prefix: ArraySlice<UInt8>) -> [UInt8] {
        idSliceKey(prefix, first: Position(rawValue: .max))
    }

    /// The record of a single id: "s" and the id.
    static func idSingleKey(_ prefix: ArraySlice<UInt8>, _ suffix: [UInt8]) -> [UInt8] {
        var key = ByteWriter(capacity: 1 + prefix.count + suffix.count)
        key.raw(CollectionOfOne(UInt8(ascii: "s")))
        key.raw(prefix)
        key.raw(suffix)
        return key.finish()
    }

    static func encode(position: Position) -> [UInt8] {
        var writer = ByteWriter(capacity: 9)
        writer.variable(position.rawValue)
        return writer.finish()
    }

    static func decodePosition(_ bytes: RawSpan) throws(TruncatedBytes) -> Position {
        var reader = ByteReader()
        let position = Position(rawValue: try reader.variable(in: bytes))
        guard reader.offset == bytes.byteCount else { throw TruncatedBytes(offset: reader.offset) }
        return position
    }

    static func encode(ids: [IndexedID]) -> [UInt8] {
        var writer = ByteWriter(capacity: 8 + ids.count * 8)
        writer.variable(UInt64(ids.count))
        var previous: UInt64 = 0
        for id in ids {
            writer.variable(UInt64(id.suffix.byteCount))
            id.suffix.write(to: &writer)
            writer.variable(id.position.rawValue &- previous)
            previous = id.position.rawValue
        }
        return writer.finish()
    }

    /// Goes through a slice's entries until the body stops it.
    static func forEachID(
        in bytes: RawSpan,
        _ body: (_ suffix: RawSpan, _ position: Position) -> PageFlow
    ) throws(TruncatedBytes) {
        var reader = ByteReader()
        let count = try reader.variable(in: bytes)
        var previous: UInt64 = 0
        for _ in 0..<min(count, UInt64(bytes.byteCount)) {
            let suffix = try reader.blob(in: bytes)
            previous &+= try reader.variable(in: bytes)
            switch body(bytes.extracting(suffix), Position(rawValue: previous)) {
            case .proceed: continue
            case .stop: return
            }
        }
    }
}

/// The end of an event id, and where the event is.
struct IndexedID {
    let suffix: EventIDKey.Suffix
    let position: Position
}
