internal import CairnCore

/// The open turn of a ``MemoryJournal``: it holds the storage until it commits or rolls back.
final class MemoryTurnScope: TurnScope {
    let now: Timestamp
    private var storage: MemoryStorage
    private let before: Before
    private var hasher: RunningHasher
    private var payloadByteCount = 0
    private var isOpen = true

    /// What the storage was like when the turn began, as far as it can be lost.
    private struct Before {
        let lastPosition: Position
        let lastRecordedAt: Timestamp
    }

    /// Takes the storage over, so that appending to it copies nothing.
    init(taking storage: inout MemoryStorage, at instant: Timestamp) {
        self.storage = MemoryStorage()
        swap(&self.storage, &storage)
        now = max(instant, self.storage.lastRecordedAt)
        before = Before(
            lastPosition: self.storage.lastPosition,
            lastRecordedAt: self.storage.lastRecordedAt
        )
        hasher = RunningHasher(after: self.storage.runningHash)
    }

    /// Gives the storage back with what the turn appended.
    func commit() -> MemoryStorage {
        if storage.lastPosition > before.lastPosition { storage.runningHash = hasher.finish() }
        return close()
    }

    /// Gives the storage back as it was when the turn began.
    func rollBack() -> MemoryStorage {
        storage.removeLast(after: before.lastPosition, lastRecordedAt: before.lastRecordedAt)
        return close()
    }

    private func close() -> MemoryStorage {
        isOpen = false
        var storage = MemoryStorage()
        swap(&storage, &self.storage)
        return storage
    }

    func lastSequence(of stream: StreamID) throws(JournalError) -> SequenceNumber {
        precondition(isOpen, "a turn's scope is valid only inside its closure")
        return storage.lastSequence(of: stream)
    }

    func receipt(of id: EventID) throws(JournalError) -> Receipt? {
        precondition(isOpen, "a turn's scope is valid only inside its closure")
        return try storage.receipt(of: id)
    }

    func forEachEvent(
        of stream: StreamID,
        from sequence: SequenceNumber,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) throws(JournalError) {
        precondition(isOpen, "a turn's scope is valid only inside its closure")
        let skippedCount = Int(clamping: max(sequence.rawValue, 1) - 1)
        for position in storage.streams[stream, default: []].dropFirst(skippedCount) {
            let frame = storage.event(at: position).frame
            switch body(try storage.header(at: position), frame.span.bytes) {
            case .proceed: continue
            case .stop: return
            }
        }
    }

    func append(
        _ events: [NewEvent],
        to stream: StreamID,
        expecting expected: ExpectedSequence
    ) throws(JournalError) -> [Receipt] {
        precondition(isOpen, "a turn's scope is valid only inside its closure")
        let duplicates = try duplicates(among: events, in: stream)
        let newEvents = zip(events, duplicates).filter { $0.1 == nil }.map(\.0)
        if !newEvents.isEmpty || events.isEmpty {
            let actual = storage.lastSequence(of: stream)
            guard expected.allows(actual) else {
                throw .sequenceConflict(stream: stream, expected: expected, actual: actual)
            }
        }
        try takeRoom(for: newEvents)
        // Everything is checked, so an append that throws has added nothing even where the
        // turn catches the error and goes on.
        var receipts: [Receipt] = []
        for (event, duplicate) in zip(events, duplicates) {
            switch duplicate {
            case nil: receipts.append(try add(event, to: stream))
            case .stored(let receipt): receipts.append(receipt)
            case .earlier(let index):
                let receipt = receipts[index]
                receipts.append(
                    Receipt(
                        position: receipt.position,
                        sequence: receipt.sequence,
                        recordedAt: receipt.recordedAt,
                        isDuplicate: true
                    )
                )
            }
        }
        return receipts
    }
}

extension MemoryTurnScope {
    /// Where the first event with a known id is.
    private enum Duplicate {
        case stored(Receipt)
        /// In the same append, at this index.
        case earlier(Int)
    }

    /// Finds for each event of an append the one it repeats; nil if it is new.
    private func duplicates(
        among events: [NewEvent],
        in stream: StreamID
    ) throws(JournalError) -> [Duplicate?] {
        var earlierEvents: [EventID: (index: Int, position: Position)] = [:]
        var position = storage.lastPosition
        var duplicates: [Duplicate?] = []
        for (index, event) in events.enumerated() {
            if let id = event.id {
                if let receipt = try storedReceipt(of: id, for: event, in: stream) {
                    duplicates.append(.stored(receipt))
                    continue
                }
                if let earlier = earlierEvents[id] {
                    let digest = events[earlier.index].contentDigest
                    guard digest == event.contentDigest else {
                        throw .eventIDConflict(
                            id: id,
                            position: earlier.position,
                            stored: digest,
                            given: event.contentDigest
                        )
                    }
                    duplicates.append(.earlier(earlier.index))
                    continue
                }
                earlierEvents[id] = (index, position.next)
            }
            position = position.next
            duplicates.append(nil)
        }
        return duplicates
    }

    /// The receipt of the stored event with the id, compared with the one that is given.
    private func storedReceipt(
        of id: EventID,
        for event: NewEvent,
        in stream: StreamID
    ) throws(JournalError) -> Receipt? {
        guard let receipt = try storage.receipt(of: id) else { return nil }
        let (position, frame) = storage.event(at: receipt.position)
        let header = try storage.header(at: position)
        let digest = header.contentDigest(in: frame.span.bytes)
        guard digest == event.contentDigest else {
            throw .eventIDConflict(
                id: id,
                position: position,
                stored: digest,
                given: event.contentDigest
            )
        }
        let storedStream = try storage.streamID(of: header.streamNumber)
        guard storedStream == stream else {
            throw .eventIDInOtherStream(id: id, position: position, stream: storedStream)
        }
        return receipt
    }

    /// Checks what the turn appends in all against the limits of a turn.
    private func takeRoom(for events: [NewEvent]) throws(JournalError) {
        let eventCount =
            Int(storage.lastPosition.rawValue - before.lastPosition.rawValue) + events.count
        guard eventCount <= Limits.turnEventCountMax else {
            throw .limit(.tooManyEvents(count: eventCount, countMax: Limits.turnEventCountMax))
        }
        let byteCount = events.reduce(payloadByteCount) { $0 + $1.payload.count }
        guard byteCount <= Limits.turnByteCountMax else {
            throw .limit(.turnTooLarge(byteCount: byteCount, byteCountMax: Limits.turnByteCountMax))
        }
        payloadByteCount = byteCount
    }

    private func add(_ event: NewEvent, to stream: StreamID) throws(JournalError) -> Receipt {
        let position = storage.lastPosition.next
        let first = storage.streams[stream, default: []].first
        let place = EventPlace(
            position: position,
            streamNumber: StreamNumber(rawValue: (first ?? position).rawValue),
            sequence: storage.lastSequence(of: stream).next,
            recordedAt: event.recordedAt(notBefore: storage.lastRecordedAt, now: now)
        )
        var frame: [UInt8] = []
        let hashed = Frame.encode(
            event,
            at: place,
            naming: first == nil ? stream : nil,
            into: &frame
        )
        hasher.add(encoded: frame.span.bytes.extracting(hashed))
        storage.add(frame, try MemoryStorage.header(of: frame, at: position), to: stream)
        return Receipt(
            position: position,
            sequence: place.sequence,
            recordedAt: place.recordedAt,
            isDuplicate: false
        )
    }
}
