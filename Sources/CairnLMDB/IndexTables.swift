internal import CairnCore
internal import CairnJournal

/// Looks facts up in the index tables of one view.
///
/// The tables hold only true facts, and all of those up to the head record's indexed position.
struct IndexTables {
    let transaction: Transaction

    /// The number of a stream that the tables know.
    func number(of stream: StreamID) throws(JournalError) -> StreamNumber? {
        try number(ofName: Array(stream.name.utf8))
    }

    func number(ofName key: [UInt8]) throws(JournalError) -> StreamNumber? {
        try transaction.get(.stream, unsafe key.span.bytes) { value throws(JournalError) in
            let content = try content(of: value, at: unsafe key.span.bytes, .stream)
            guard content.count == 8 else { throw damaged(.stream) }
            return StreamNumber(rawValue: value.bigEndian(at: 0))
        }
    }

    /// The number of a stream, with a cursor that serves several such reads.
    func number(of stream: StreamID, _ names: Cursor) throws(JournalError) -> StreamNumber? {
        let wanted = unsafe stream.name.utf8Span.span.bytes
        return try names.seek(wanted) { key, value throws(JournalError) -> StreamNumber? in
            guard key.equals(wanted) else { return nil }
            let content = try content(of: value, at: key, .stream)
            guard content.count == 8 else { throw damaged(.stream) }
            return StreamNumber(rawValue: value.bigEndian(at: 0))
        } ?? nil
    }

    /// Adds the positions of all events that the tables know of a stream.
    func appendPositions(
        of number: StreamNumber,
        to positions: inout [Position],
        _ slices: Cursor
    ) throws(JournalError) {
        /// Takes one slice in; false once the stream's are over.
        func take(_ key: RawSpan, _ value: RawSpan) throws(JournalError) -> Bool {
            guard key.byteCount == 16 else { throw damaged(.streamEvents) }
            guard key.bigEndian(at: 0, as: UInt64.self) == number.rawValue else { return false }
            guard key.bigEndian(at: 8, as: UInt64.self) == UInt64(positions.count) + 1 else {
                throw damaged(.streamEvents)
            }
            let content = try content(of: value, at: key, .streamEvents)
            do {
                try IndexRecords.decodePositions(value.extracting(content), into: &positions)
            } catch {
                throw damaged(.streamEvents)
            }
            return true
        }
        var wanted = (number.rawValue.bigEndian, UInt64(0))
        var goesOn = try unsafe withUnsafeBytes(of: &wanted) { bytes throws(JournalError) in
            try slices.seek(unsafe RawSpan(_unsafeBytes: bytes), take)
        }
        while goesOn == true { goesOn = try slices.move(.next, take) }
    }

    /// The last slice of a stream that starts at or before a sequence.
    func streamSlice(
        of number: StreamNumber,
        atOrBefore sequence: SequenceNumber
    ) throws(JournalError) -> (first: SequenceNumber, positions: [Position])? {
        let cursor = try Cursor(transaction, .streamEvents)
        // The slice wanted is the one before the first that starts later.
        let beyond = IndexRecords.streamSliceKey(number, sequence.next)
        let isBeyondEnd = try cursor.seek(unsafe beyond.span.bytes) { _, _ in true } == nil
        return try cursor.move(isBeyondEnd ? .last : .previous) {
            key,
            value throws(JournalError) in
            guard key.byteCount == 16 else { throw damaged(.streamEvents) }
            guard key.bigEndian(at: 0, as: UInt64.self) == number.rawValue else { return nil }
            let first: UInt64 = key.bigEndian(at: 8)
            let content = try content(of: value, at: key, .streamEvents)
            let positions: [Position]
            do {
                positions = try IndexRecords.decodePositions(value.extracting(content))
            } catch {
                throw damaged(.streamEvents)
            }
            guard first > 0, first <= sequence.rawValue, first <= .max - UInt64(positions.count)
            else { throw damaged(.streamEvents) }
            return (SequenceNumber(rawValue: first), positions)
        } ?? nil
    }

    /// The last sequence of a stream in the tables; zero if they have none.
    func lastSequence(of number: StreamNumber) throws(JournalError) -> SequenceNumber {
        let end = SequenceNumber(rawValue: .max - 1)
        guard let slice = try streamSlice(of: number, atOrBefore: end) else { return .zero }
        return SequenceNumber(
            rawValue: slice.first.rawValue + UInt64(slice.positions.count) - 1
        )
    }

    /// What the tables know of an id.
    enum IDAnswer {
        /// They have no id of its prefix but others that end so; nil where those are too many, or
        /// nobody asked for them.
        case absent(others: [EventIDKey.Suffix]?)
        case found(Position)
    }

    /// How many other ids of a prefix are told at most.
    private static let otherCountMax = 128

    /// Looks an event id up, and if it is absent what other ids of its prefix there are.
    func position(
        of id: EventIDKey,
        tellingOthers isToTell: Bool
    ) throws(JournalError) -> IDAnswer {
        let prefix = id.prefix.bytes[...]
        let group = IndexRecords.idGroupKey(prefix)
        let suffix = id.suffix.bytes
        let cursor = try Cursor(transaction, .eventID)
        var found: Position?
        var others: [EventIDKey.Suffix] = []
        var hasSingles = false
        /// Takes one record in; false once the prefix' records are over.
        func take(_ key: RawSpan, _ value: RawSpan) throws(JournalError) -> Bool {
            guard key.byteCount == group.count + 8,
                unsafe key.extracting(0..<group.count).equals(group.span.bytes)
            else { return false }
            if key.bigEndian(at: group.count, as: UInt64.self) == .max {
                hasSingles = true
                return false
            }
            let content = try content(of: value, at: key, .eventID)
            do {
                try IndexRecords.forEachID(in: value.extracting(content)) { candidate, position in
                    guard unsafe candidate.equals(suffix.span.bytes) else {
                        if isToTell, others.count <= Self.otherCountMax {
                            others.append(EventIDKey.Suffix(candidate))
                        }
                        return .proceed
                    }
                    found = position
                    return .stop
                }
            } catch {
                throw damaged(.eventID)
            }
            return found == nil
        }
        var goesOn = try cursor.seek(unsafe group.span.bytes, take) ?? false
        while goesOn { goesOn = try cursor.move(.next, take) ?? false }
        if let found { return .found(found) }
        guard hasSingles else {
            let areAll = isToTell && others.count <= Self.otherCountMax
            return .absent(others: areAll ? others : nil)
        }
        let single = IndexRecords.idSingleKey(prefix, suffix)
        let position = try transaction.get(.eventID, unsafe single.span.bytes) {
            value throws(JournalError) in
            let content = try content(of: value, at: unsafe single.span.bytes, .eventID)
            do {
                return try IndexRecords.decodePosition(value.extracting(content))
            } catch {
                throw damaged(.eventID)
            }
        }
        return position.map { .found($0) } ?? .absent(others: nil)
    }

    /// Where a record's content lies in its value, whose checksum holds.
    func content(
        of value: RawSpan,
        at key: RawSpan,
        _ table: Table
    ) throws(JournalError) -> Range<Int> {
        guard let count = IndexRecords.contentByteCount(of: value, at: key) else {
            throw damaged(table)
        }
        return 0..<count
    }

    func damaged(_ table: Table) -> JournalError {
        .damaged(
            path: transaction.environment.path,
            reason: "a record of the index table \(table.label) cannot be read"
        )
    }
}
