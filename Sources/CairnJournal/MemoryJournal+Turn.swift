internal import CairnCore

/// The open turn of a ``MemoryJournal``: it holds the storage until it commits or rolls back.
final class MemoryTurnScope: TurnScope {
    let now: Timestamp
    let clockNow: Timestamp
    private var storage: MemoryStorage
    private let start: Mark
    private var progress: Progress
    private var isOpen = true

    /// What a turn has done so far, beside what is in the storage.
    private struct Progress {
        var hasher: RunningHasher
        var eventCount = 0
        var payloadByteCount = 0
    }

    /// A state to which a turn can go back.
    private struct Mark {
        let lastPosition: Position
        let lastRecordedAt: Timestamp
        let progress: Progress
    }

    /// Takes the storage over, so that appending to it copies nothing.
    init(taking storage: inout MemoryStorage, at instant: Timestamp) {
        self.storage = MemoryStorage()
        swap(&self.storage, &storage)
        clockNow = instant
        now = max(instant, self.storage.lastRecordedAt)
        progress = Progress(hasher: RunningHasher(after: self.storage.runningHash))
        start = Mark(
            lastPosition: self.storage.lastPosition,
            lastRecordedAt: self.storage.lastRecordedAt,
            progress: progress
        )
    }

    /// Gives the storage back with what the turn appended.
    func commit() -> MemoryStorage {
        if progress.eventCount > 0 { storage.runningHash = progress.hasher.finish() }
        return close()
    }

    /// Gives the storage back as it was when the turn began.
    func rollBack() -> MemoryStorage {
        goBack(to: start)
        return close()
    }

    private func goBack(to mark: Mark) {
        storage.removeLast(after: mark.lastPosition, lastRecordedAt: mark.lastRecordedAt)
        progress = mark.progress
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
        let mark = Mark(
            lastPosition: storage.lastPosition,
            lastRecordedAt: storage.lastRecordedAt,
            progress: progress
        )
        do throws(JournalError) {
            return try take(events, to: stream, expecting: expected)
        } catch {
            // The turn may catch the error and go on: then this append must have added nothing.
            goBack(to: mark)
            throw error
        }
    }

    /// Takes events one after another; the first that is new is the one that compares `expected`.
    private func take(
        _ events: [NewEvent],
        to stream: StreamID,
        expecting expected: ExpectedSequence
    ) throws(JournalError) -> [Receipt] {
        let actual = storage.lastSequence(of: stream)
        let conflict = JournalError.sequenceConflict(
            stream: stream,
            expected: expected,
            actual: actual
        )
        if events.isEmpty, !expected.allows(actual) { throw conflict }
        var receipts: [Receipt] = []
        for event in events {
            if let receipt = try originalReceipt(of: event, in: stream) {
                receipts.append(receipt)
            } else {
                guard expected.allows(actual) else { throw conflict }
                try takeRoom(for: event)
                receipts.append(try add(event, to: stream))
            }
        }
        return receipts
    }
}

extension MemoryTurnScope {
    /// The receipt of the stored event with the same id and content; nil if the id is new.
    private func originalReceipt(
        of event: NewEvent,
        in stream: StreamID
    ) throws(JournalError) -> Receipt? {
        guard let id = event.id, let receipt = try storage.receipt(of: id) else { return nil }
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

    /// Counts an event against the limits of a turn.
    private func takeRoom(for event: NewEvent) throws(JournalError) {
        progress.eventCount += 1
        guard progress.eventCount <= Limits.turnEventCountMax else {
            let countMax = Limits.turnEventCountMax
            throw .limit(.tooManyEvents(count: progress.eventCount, countMax: countMax))
        }
        progress.payloadByteCount += event.payload.count
        guard progress.payloadByteCount <= Limits.turnByteCountMax else {
            let byteCountMax = Limits.turnByteCountMax
            throw .limit(
                .turnTooLarge(byteCount: progress.payloadByteCount, byteCountMax: byteCountMax)
            )
        }
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
        progress.hasher.add(encoded: frame.span.bytes.extracting(hashed))
        storage.add(frame, try MemoryStorage.header(of: frame, at: position), to: stream)
        return Receipt(
            position: position,
            sequence: place.sequence,
            recordedAt: place.recordedAt,
            isDuplicate: false
        )
    }
}
