internal import CairnCore
internal import CairnJournal

/// The writer's open batch: frames that wait for one commit, decided turn after turn.
///
/// Lives on the writer's thread, inside one write transaction. What a refused turn staged is taken
/// out again before the next turn runs.
final class WriterBatch: TurnScope {
    /// Where the frames of a batch stop the writer from taking further turns, in bytes.
    static let byteCountTarget = 8 << 20

    private(set) var now: Timestamp
    private(set) var clockNow: Timestamp
    private let transaction: Transaction
    private let table: JournalTable
    private let view: IndexView
    private let tail: IndexTail
    /// The head record as the batch found it.
    private let head: HeadRecord
    private var buffer: [UInt8]
    /// Where each staged frame starts, and where the last one ends.
    private var offsets: [Int] = [0]
    private var staged: [StagedEvent] = []
    private var turnStart = 0
    /// Bytes of payload that the turn in work has staged.
    private var turnByteCount = 0

    /// What is known of a staged event besides its frame.
    private struct StagedEvent {
        let recordedAt: Timestamp
        /// The part of the buffer that the running hash covers.
        let hashed: Range<Int>
    }

    init(
        _ transaction: Transaction,
        head: HeadRecord,
        tail: IndexTail,
        view: IndexView,
        now: Timestamp,
        reusing buffer: [UInt8]
    ) {
        self.transaction = transaction
        self.head = head
        self.tail = tail
        self.view = view
        clockNow = now
        self.now = max(now, head.lastRecordedAt)
        self.buffer = buffer
        self.buffer.removeAll(keepingCapacity: true)
        table = JournalTable(transaction, last: head.lastPosition)
    }

    /// Goes on later: turns that come while the batch is open may be younger than it.
    func lookAtClock(_ clockNow: Timestamp) {
        self.clockNow = clockNow
        now = max(now, clockNow)
    }

    /// Asks for what the turns need that run next.
    func ask(for turns: ArraySlice<WaitingTurn>) {
        view.ask(for: turns)
    }

    var eventCount: Int { staged.count }
    var byteCount: Int { buffer.count }
    private var lastPosition: Position {
        Position(rawValue: head.lastPosition.rawValue + UInt64(staged.count))
    }

    /// Runs one turn; if it throws, the batch is as it was.
    func run<Value>(
        _ body: (any TurnScope) throws(JournalError) -> Value
    ) -> Result<Value, JournalError> {
        turnStart = staged.count
        turnByteCount = 0
        do {
            return .success(try body(self))
        } catch {
            unstage(to: turnStart)
            return .failure(error)
        }
    }

    func lastSequence(of stream: StreamID) throws(JournalError) -> SequenceNumber {
        guard let number = try view.number(of: stream) else { return .zero }
        return try view.lastSequence(of: number)
    }

    func receipt(of id: EventID) throws(JournalError) -> Receipt? {
        let found = try view.position(of: EventIDKey(id), notingOthers: true)
        guard let position = found else { return nil }
        return try withEvent(at: position) { header, _ in Self.receipt(header) }
    }

    func forEachEvent(
        of stream: StreamID,
        from sequence: SequenceNumber,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) throws(JournalError) {
        guard let number = try view.number(of: stream) else { return }
        let end = min(try view.lastSequence(of: number).rawValue, lastPosition.rawValue)
        var start = max(sequence.rawValue, 1)
        while start <= end {
            let pageEnd = min(end, start + 1_023)
            for position in try view.positions(of: number, start...pageEnd) {
                let flow = try withEvent(at: position) { header, frame in body(header, frame) }
                if case .stop = flow { return }
            }
            start = pageEnd + 1
        }
    }

    func append(
        _ events: [NewEvent],
        to stream: StreamID,
        expecting expected: ExpectedSequence
    ) throws(JournalError) -> [Receipt] {
        let mark = staged.count
        let markByteCount = turnByteCount
        do {
            return try stage(events, to: stream, expecting: expected)
        } catch {
            unstage(to: mark)
            turnByteCount = markByteCount
            throw error
        }
    }

    func append(_ appends: [StreamAppend]) throws(JournalError) -> [[Receipt]] {
        var receipts: [[Receipt]] = []
        receipts.reserveCapacity(appends.count)
        var start = 0
        while start < appends.count {
            let end = min(start + IndexView.askCountMax, appends.count)
            view.ask(for: appends[start..<end])
            let given = appends.span
            for index in start..<end {
                receipts.append(
                    try append(
                        given[index].events,
                        to: given[index].stream,
                        expecting: given[index].expected
                    )
                )
            }
            start = end
        }
        return receipts
    }

    private func stage(
        _ events: [NewEvent],
        to stream: StreamID,
        expecting expected: ExpectedSequence
    ) throws(JournalError) -> [Receipt] {
        var number = try view.number(of: stream)
        var sequence = SequenceNumber.zero
        if let number { sequence = try view.lastSequence(of: number) }
        let found = sequence
        var isExpectationMet = false
        func meetExpectation() throws(JournalError) {
            guard expected.allows(found) else {
                throw .sequenceConflict(stream: stream, expected: expected, actual: found)
            }
            isExpectationMet = true
        }
        if events.isEmpty { try meetExpectation() }

        var receipts: [Receipt] = []
        receipts.reserveCapacity(events.count)
        // Lent and not copied: what an event holds was made by another thread, whose cache has it,
        // and to count a reference of each part would fetch it here and back.
        let given = events.span
        for index in given.indices {
            let id = given[index].id.map { EventIDKey($0) }
            if let id, let name = given[index].id,
                let position = try view.position(of: id, notingOthers: true)
            {
                let receipt = try duplicate(of: given[index], name, at: position, in: number)
                receipts.append(receipt)
                continue
            }
            if !isExpectationMet { try meetExpectation() }
            try checkTurn(adding: given[index])
            sequence = sequence.next
            let position = lastPosition.next
            let isFirst = number == nil
            let streamNumber = number ?? StreamNumber(rawValue: position.rawValue)
            number = streamNumber
            let place = EventPlace(
                position: position,
                streamNumber: streamNumber,
                sequence: sequence,
                recordedAt: given[index].recordedAt(
                    notBefore: staged.last?.recordedAt ?? head.lastRecordedAt,
                    now: now
                )
            )
            stage(given[index], at: place, naming: isFirst ? stream : nil, id: id)
            turnByteCount += given[index].payload.count
            receipts.append(
                Receipt(
                    position: position,
                    sequence: sequence,
                    recordedAt: place.recordedAt,
                    isDuplicate: false
                )
            )
        }
        return receipts
    }

    private func stage(
        _ event: NewEvent,
        at place: EventPlace,
        naming stream: StreamID?,
        id: EventIDKey?
    ) {
        let hashed = Frame.encode(event, at: place, naming: stream, into: &buffer)
        offsets.append(buffer.count)
        staged.append(StagedEvent(recordedAt: place.recordedAt, hashed: hashed))
        tail.monitor.withLock {
            tail.active.add(
                sequence: place.sequence,
                of: place.streamNumber,
                naming: stream,
                id: id
            )
        }
    }

    /// Takes the last staged events out again.
    func unstage(to count: Int) {
        guard staged.count > count else { return }
        tail.monitor.withLock {
            while staged.count > count {
                staged.removeLast()
                offsets.removeLast()
                tail.active.removeLast()
            }
        }
        buffer.removeSubrange(offsets[count]...)
    }

    private func checkTurn(adding event: NewEvent) throws(JournalError) {
        let count = staged.count - turnStart + 1
        guard count <= Limits.turnEventCountMax else {
            throw .limit(.tooManyEvents(count: count, countMax: Limits.turnEventCountMax))
        }
        let byteCount = turnByteCount + event.payload.count
        guard byteCount <= Limits.turnByteCountMax else {
            throw .limit(
                .turnTooLarge(byteCount: byteCount, byteCountMax: Limits.turnByteCountMax)
            )
        }
    }

    /// The receipt of an event that is there already, if it is the same one.
    private func duplicate(
        of event: NewEvent,
        _ id: EventID,
        at position: Position,
        in number: StreamNumber?
    ) throws(JournalError) -> Receipt {
        let (header, stored) = try withEvent(at: position) { header, frame in
            (header, header.contentDigest(in: frame))
        }
        guard stored == event.contentDigest else {
            throw .eventIDConflict(
                id: id,
                position: position,
                stored: stored,
                given: event.contentDigest
            )
        }
        guard header.streamNumber == number else {
            let other = try withEvent(at: header.streamNumber.firstPosition) { header, frame in
                header.streamID(in: frame)
            }
            guard let other else {
                throw .corrupt(position: position, reason: "its stream has no name")
            }
            throw .eventIDInOtherStream(id: id, position: position, stream: other)
        }
        return Self.receipt(header)
    }

    private static func receipt(_ header: EventHeader) -> Receipt {
        Receipt(
            position: header.position,
            sequence: header.sequence,
            recordedAt: header.recordedAt,
            isDuplicate: true
        )
    }

    /// Lends an event of the journal or of the batch itself.
    private func withEvent<Value>(
        at position: Position,
        _ body: (EventHeader, RawSpan) -> Value
    ) throws(JournalError) -> Value {
        guard position > head.lastPosition else {
            return try table.withEvent(at: position) { header, frame in body(header, frame) }
        }
        guard position <= lastPosition else {
            throw .damaged(
                path: transaction.environment.path,
                reason: "the index leads to position \(position), beyond the journal's end"
            )
        }
        let index = Int(position.rawValue - head.lastPosition.rawValue) - 1
        let bytes = buffer
        let frame = unsafe bytes.span.bytes.extracting(offsets[index]..<offsets[index + 1])
        do {
            // The frame was made a moment ago in this process, so its checksum says nothing new.
            return body(
                try EventHeader(frame: frame, position: position, verifiesChecksum: false),
                frame
            )
        } catch {
            throw .corrupt(position: position, reason: error.description)
        }
    }

    /// Writes the packs of the batch and tells the head record that goes with them.
    func write() throws(JournalError) -> HeadRecord {
        var hash = head.runningHash
        var start = 0
        while start < staged.count {
            let end = start + PackBuilder.frameCount(offsets: offsets, from: start)
            let first = Position(rawValue: head.lastPosition.rawValue + UInt64(start) + 1)
            let pack = PackBuilder.pack(
                buffer,
                offsets: offsets,
                frames: start..<end,
                firstPosition: first,
                previousHash: hash
            )
            var hasher = RunningHasher(after: hash)
            for event in staged[start..<end] {
                unsafe hasher.add(encoded: buffer.span.bytes.extracting(event.hashed))
            }
            hash = hasher.finish()
            let last = head.lastPosition.rawValue + UInt64(end)
            try withKey(last) { key throws(JournalError) in
                try transaction.put(.journal, key, unsafe pack.span.bytes, isAppend: true)
            }
            start = end
        }
        var next = head
        next.lastPosition = lastPosition
        next.lastRecordedAt = staged.last?.recordedAt ?? head.lastRecordedAt
        next.runningHash = hash
        return next
    }

    /// Gives the buffer back for the next batch, unless it has grown far beyond the usual.
    func takeBuffer() -> [UInt8] {
        buffer.capacity > 4 * Self.byteCountTarget ? [] : buffer
    }
}
