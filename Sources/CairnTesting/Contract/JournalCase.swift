internal import CairnCore
internal import CairnJournal
internal import Synchronization

/// The journal of one check, and the words in which checks speak about it.
final class JournalCase: Sendable {
    let clock: ManualClock
    /// Whether projections' tables are still there after ``reopen()``.
    let keepsProjections: Bool
    private let current: Mutex<any Journal>
    private let reopenJournal: (@Sendable (any Journal, ManualClock) async throws -> any Journal)?

    init(
        journal: any Journal,
        clock: ManualClock,
        keepsProjections: Bool,
        reopenJournal: (@Sendable (any Journal, ManualClock) async throws -> any Journal)?
    ) {
        current = Mutex(journal)
        self.clock = clock
        self.keepsProjections = keepsProjections
        self.reopenJournal = reopenJournal
    }

    var journal: any Journal { current.withLock { $0 } }

    /// Closes the journal and opens it again, where it can be.
    func reopen() async throws {
        guard let reopenJournal else { return }
        let reopened = try await reopenJournal(journal, clock)
        current.withLock { $0 = reopened }
    }

    func stream(_ name: String) throws(LimitError) -> StreamID { try StreamID(name) }

    func event(
        _ type: String = "noted",
        id: String? = nil,
        payload: [UInt8] = [1, 2, 3],
        occurredAt: Int64 = 0
    ) throws(LimitError) -> NewEvent {
        try NewEvent(
            type: type,
            id: id.map { name throws(LimitError) in try EventID(name) },
            occurredAt: Timestamp(nanoseconds: occurredAt),
            payload: payload
        )
    }

    /// Events that differ in their payloads, which are their numbers.
    func events(_ numbers: ClosedRange<UInt8>) throws(LimitError) -> [NewEvent] {
        var events: [NewEvent] = []
        for number in numbers { events.append(try event(payload: [number])) }
        return events
    }

    /// Appends events to a stream in one turn.
    @discardableResult
    func append(
        _ events: [NewEvent],
        to name: String,
        expecting expected: ExpectedSequence = .any
    ) async throws -> [Receipt] {
        let receipts = try await journal.append([
            StreamAppend(events, to: try stream(name), expecting: expected)
        ])
        return receipts.flatMap { $0 }
    }

    /// Fills a new journal with `count` events, in turn for each of some streams.
    func fill(_ count: UInt8, streams: [String] = ["a/1", "a/2", "b/1"]) async throws {
        for number in 1...count {
            clock.advance(by: .milliseconds(1))
            let name = streams[Int(number) % streams.count]
            try await append([event(payload: [number])], to: name)
        }
    }

    /// Reads one page of the journal.
    func page(
        from position: UInt64,
        _ direction: PageDirection = .forwards,
        upTo bound: UInt64? = nil,
        limit: PageLimit = .standard
    ) async throws(JournalError) -> (events: [EventFacts], end: PageEnd) {
        var events: [EventFacts] = []
        let end = try await journal.page(
            from: Position(rawValue: position),
            direction,
            upTo: bound.map(Position.init(rawValue:)),
            limit: limit
        ) { header, frame in
            events.append(EventFacts(header, frame: frame))
            return .proceed
        }
        return (events, end)
    }

    /// Reads one page of a stream.
    func page(
        of name: String,
        from sequence: UInt64,
        _ direction: PageDirection = .forwards,
        upTo bound: UInt64? = nil,
        limit: PageLimit = .standard
    ) async throws -> (events: [EventFacts], end: PageEnd) {
        var events: [EventFacts] = []
        let end = try await journal.page(
            of: try stream(name),
            from: SequenceNumber(rawValue: sequence),
            direction,
            upTo: bound.map(Position.init(rawValue:)),
            limit: limit
        ) { header, frame in
            events.append(EventFacts(header, frame: frame))
            return .proceed
        }
        return (events, end)
    }

    /// Everything in the journal, page after page.
    func everything() async throws(JournalError) -> [EventFacts] {
        var events: [EventFacts] = []
        try await journal.forEachEvent { header, frame in
            events.append(EventFacts(header, frame: frame))
            return .proceed
        }
        return events
    }

    /// The first byte of every payload, in the order of positions.
    func numbers() async throws(JournalError) -> [UInt8] {
        try await everything().map { $0.payload.first ?? 0 }
    }

    /// Fails unless an action throws exactly this error and leaves the journal as it was.
    func expectRefusal(
        _ expected: JournalError,
        _ message: String,
        fileID: String = #fileID,
        line: Int = #line,
        _ action: () async throws -> Void
    ) async throws {
        let before = try await journal.head()
        try await expectError(expected, message, fileID: fileID, line: line, action)
        let after = try await journal.head()
        try expect(after, before, "\(message): the head changed", fileID: fileID, line: line)
    }

    /// Fails unless an action throws exactly this error.
    func expectError(
        _ expected: JournalError,
        _ message: String,
        fileID: String = #fileID,
        line: Int = #line,
        _ action: () async throws -> Void
    ) async throws {
        let thrown: JournalError?
        do {
            try await action()
            thrown = nil
        } catch let error as JournalError {
            thrown = error
        }
        try expect(thrown, expected, message, fileID: fileID, line: line)
    }
}

extension Receipt {
    /// The receipt that a second append of the same event gets.
    var asDuplicate: Receipt {
        Receipt(position: position, sequence: sequence, recordedAt: recordedAt, isDuplicate: true)
    }
}
