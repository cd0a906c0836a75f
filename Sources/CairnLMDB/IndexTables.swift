internal import CairnCore
internal import CairnJournal

/// Looks facts up in the index tables of one view.
///
/// The tables hold only true facts, and all of those up to the head record's indexed position.
struct IndexTables {
    let transaction: Transaction

    /// The number of a stream that the tables know.
    func number(of stream: StreamID) throws(JournalError) -> StreamNumber? {
        let key = Array(stream.name.utf8)
        return try transaction.get(.stream, unsafe key.span.bytes) { value throws(JournalError) in
            guard value.byteCount == 8 else { throw damaged("stream") }
            return StreamNumber(rawValue: value.bigEndian(at: 0))
        }
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
            guard key.byteCount == 16 else { throw damaged("stream-events") }
            guard key.bigEndian(at: 0, as: UInt64.self) == number.rawValue else { return nil }
            do {
                return (
                    SequenceNumber(rawValue: key.bigEndian(at: 8)),
                    try IndexRecords.decodePositions(value)
                )
            } catch {
                throw damaged("stream-events")
            }
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

    /// What the tables know of a prefix.
    enum PrefixAnswer {
        /// They have no id of the prefix at all.
        case prefixAbsent
        /// They have ids of the prefix, but not this one.
        case idAbsent
        case found(Position)
    }

    /// Looks an event id up.
    func position(of id: EventIDKey) throws(JournalError) -> PrefixAnswer {
        let group = IndexRecords.idGroupKey(id.prefix)
        let suffix = id.suffix.bytes
        let cursor = try Cursor(transaction, .eventID)
        var answer = PrefixAnswer.prefixAbsent
        var hasSingles = false
        /// Takes one record in; false once the prefix' records are over.
        func take(_ key: RawSpan, _ value: RawSpan) throws(JournalError) -> Bool {
            guard key.byteCount == group.count + 8,
                unsafe key.extracting(0..<group.count).equals(group.span.bytes)
            else { return false }
            if case .prefixAbsent = answer { answer = .idAbsent }
            if key.bigEndian(at: group.count, as: UInt64.self) == .max {
                hasSingles = true
                return false
            }
            var found: Position?
            do {
                try IndexRecords.forEachID(in: value) { candidate, position in
                    guard unsafe candidate.equals(suffix.span.bytes) else { return .proceed }
                    found = position
                    return .stop
                }
            } catch {
                throw damaged("event-id")
            }
            guard let found else { return true }
            answer = .found(found)
            return false
        }
        var goesOn = try cursor.seek(unsafe group.span.bytes, take) ?? false
        while goesOn { goesOn = try cursor.move(.next, take) ?? false }
        guard hasSingles else { return answer }
        let single = IndexRecords.idSingleKey(id.prefix, suffix)
        let position = try transaction.get(.eventID, unsafe single.span.bytes) {
            value throws(JournalError) in
            do { return try IndexRecords.decodePosition(value) } catch { throw damaged("event-id") }
        }
        return position.map { .found($0) } ?? .idAbsent
    }

    private func damaged(_ table: String) -> JournalError {
        .damaged(
            path: transaction.environment.path,
            reason: "a record of the index table \(table) cannot be read"
        )
    }
}
