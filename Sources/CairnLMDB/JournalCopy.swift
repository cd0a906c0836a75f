internal import CairnCore
internal import CairnJournal

/// Builds a new journal out of another one's packs: what backup and salvage have in common.
///
/// Packs are taken over as they are, so positions, recorded times and the running hash stay equal;
/// each is checked on the way. The index is built anew.
final class JournalCopy {
    /// How much is written in one transaction, in bytes.
    static let byteCountTarget = 8 << 20

    private let environment: Environment
    private var head: HeadRecord
    private var transaction: Transaction?
    private var byteCount = 0

    private init(_ environment: Environment) {
        self.environment = environment
        head = .empty(journalID: Birth.newJournalID())
    }

    /// Makes a journal at a path where there is none, or nothing at all.
    ///
    /// `deliver`: gives all packs, in order.
    /// - Returns: Where the new journal ends.
    /// - Throws: `JournalError`.
    static func build(
        at path: String,
        _ deliver: (JournalCopy) throws(JournalError) -> Void
    ) throws(JournalError) -> JournalHead {
        guard try FileSystem.kind(of: path) == .nothing else {
            throw .notAJournal(path: path, reason: "something is there already")
        }
        var end: HeadRecord?
        try Birth.create(at: path, mapByteCount: Environment.mapByteCountDefault) {
            environment throws(JournalError) in
            let copy = JournalCopy(environment)
            try deliver(copy)
            try copy.finish()
            try IndexBuilder.build(environment)
            end = copy.head
        }
        let head = end ?? .empty(journalID: [])
        return JournalHead(
            lastPosition: head.lastPosition,
            lastRecordedAt: head.lastRecordedAt,
            runningHash: head.runningHash
        )
    }

    /// The last position taken over so far.
    var lastPosition: Position { head.lastPosition }

    /// Checks the next pack and takes it over.
    ///
    /// - Throws: `JournalError.corrupt(position:reason:)` when it is not what has to follow.
    func add(_ pack: RawSpan) throws(JournalError) {
        let expected = head.lastPosition.next
        let header: PackHeader
        do {
            header = try PackHeader(pack)
        } catch {
            throw .corrupt(position: expected, reason: error.reason)
        }
        guard header.firstPosition == expected, header.previousHash == head.runningHash else {
            throw .corrupt(position: expected, reason: "the pack does not follow the one before")
        }
        var hasher = RunningHasher(after: head.runningHash)
        for index in 0..<header.eventCount {
            let position = Position(rawValue: expected.rawValue + UInt64(index))
            let range: Range<Int>
            do {
                range = try header.frameRange(index, in: pack)
            } catch {
                throw .corrupt(position: position, reason: error.reason)
            }
            do {
                let frame = pack.extracting(range)
                let event = try EventHeader(frame: frame, position: position)
                hasher.add(event, frame: frame)
                head.lastRecordedAt = event.recordedAt
            } catch {
                throw .corrupt(position: position, reason: error.description)
            }
        }
        head.runningHash = hasher.finish()
        head.lastPosition = header.lastPosition
        try store(pack, header.lastPosition)
    }

    private func store(_ pack: RawSpan, _ last: Position) throws(JournalError) {
        // The map grows between two transactions, so the room is checked before a pack is put.
        if byteCount + pack.byteCount > Self.byteCountTarget { try commit() }
        if transaction == nil {
            try environment.makeRoom(8 * Self.byteCountTarget + pack.byteCount)
        }
        let open: Transaction
        if let transaction {
            open = transaction
        } else {
            open = try Transaction(environment, isReadOnly: false)
            transaction = open
        }
        try withKey(last.rawValue) { key throws(JournalError) in
            try open.put(.journal, key, pack, isAppend: true)
        }
        byteCount += pack.byteCount
    }

    private func commit() throws(JournalError) {
        guard let open = transaction else { return }
        transaction = nil
        byteCount = 0
        head.transactionID = open.id
        try open.putHead(head)
        try open.commit()
    }

    private func finish() throws(JournalError) {
        if transaction == nil { transaction = try Transaction(environment, isReadOnly: false) }
        try commit()
    }
}

/// Brings a whole journal to the index tables, segment after segment, without a writer.
enum IndexBuilder {
    static func build(_ environment: Environment) throws(JournalError) {
        while true {
            let segment = try environment.read { transaction throws(JournalError) in
                let head = try transaction.head()
                let segment = TailSegment(after: head.indexedPosition)
                guard head.indexedPosition < head.lastPosition else { return segment }
                let table = JournalTable(transaction, last: head.lastPosition)
                var next: UInt64? = head.indexedPosition.next.rawValue
                while let start = next, segment.eventCount < IndexTail.segmentEventCountMax {
                    next = try table.page(
                        from: Position(rawValue: start),
                        .forwards,
                        limit: .standard
                    ) { header, frame in
                        segment.add(
                            sequence: header.sequence,
                            of: header.streamNumber,
                            naming: header.streamID(in: frame),
                            id: header.eventID(in: frame).map { EventIDKey($0) }
                        )
                        return .proceed
                    }.next
                }
                return segment
            }
            guard segment.eventCount > 0 else { return }
            try flush(segment, environment)
        }
    }

    private static func flush(
        _ segment: TailSegment,
        _ environment: Environment
    ) throws(JournalError) {
        let flush = IndexFlush(segment)
        var isDone = false
        while !isDone {
            try environment.makeRoom(Writer.sliceByteCountMax)
            let transaction = try Transaction(environment, isReadOnly: false)
            var head = try transaction.head()
            isDone = try flush.writeSlice(transaction)
            if isDone { head.indexedPosition = segment.last }
            head.transactionID = transaction.id
            try transaction.putHead(head)
            try transaction.commit()
        }
    }
}
