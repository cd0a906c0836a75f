internal import CairnCore
internal import CairnJournal
internal import CairnLMDB

/// The end of a journal, and what comes, as far as it is looked for.
struct JournalTail<Row> {
    let sight: OpenSight
    /// Most events to begin with.
    let limit: Int
    /// Whether an event was removed since; asked of one after another, backwards from the end.
    var isRemoved: (EventHeader, [UInt8], StreamID) -> Bool = { _, _, _ in false }
    /// What is shown of an event; nil for one that is not looked for.
    let row: (EventHeader, [UInt8], StreamID) async -> Row?

    /// The last events in their order, and up to where they were looked for.
    struct End {
        var rows: [Row] = []
        var removedCount = 0
        var last = Position.zero
    }

    /// Most events that are read at a time.
    private static var pageEventCountMax: Int { 1_024 }
    /// Most names of streams that are remembered from one page to the next.
    private static var nameCountMax: Int { 4_096 }

    /// The last events.
    func end() async throws(CommandFailure) -> End {
        try await journaling(sight.path) { () async throws(JournalError) in
            var end = End()
            var names = StreamMap<StreamID>()
            end.last = min(
                sight.bound ?? .init(rawValue: .max),
                try sight.journal.head().lastPosition
            )
            var next = end.last
            while next > .zero, end.rows.count < limit {
                let page = try page(from: next, .backwards, upTo: next)
                guard !page.isEmpty else { break }
                if names.count > Self.nameCountMax { names = StreamMap() }
                for (header, frame) in page {
                    guard end.rows.count < limit else { break }
                    next = header.position.previous
                    let stream = try name(of: header.streamNumber, &names)
                    guard !isRemoved(header, frame, stream) else {
                        end.removedCount += 1
                        continue
                    }
                    if let row = await row(header, frame, stream) { end.rows.append(row) }
                }
            }
            end.rows.reverse()
            return end
        }
    }

    /// Passes what comes to a body, of any process, until it throws or the task is cancelled.
    ///
    /// - Parameters:
    ///   - last: The last position that was seen.
    ///   - body: Takes what is looked for.
    /// - Throws: ``CommandFailure``, and what the body throws.
    func follow(after last: Position, _ body: (Row) throws -> Void) async throws {
        var names = StreamMap<StreamID>()
        var seen = last
        while !Task.isCancelled {
            let rows = try await journaling(sight.path) { () async throws(JournalError) in
                try await sight.journal.waitForEvent(after: seen)
                var rows: [Row] = []
                for (header, frame) in try page(from: seen.next, .forwards, upTo: nil) {
                    seen = header.position
                    let stream = try name(of: header.streamNumber, &names)
                    if let row = await row(header, frame, stream) { rows.append(row) }
                }
                return rows
            }
            for row in rows { try body(row) }
            if names.count > Self.nameCountMax { names = StreamMap() }
        }
    }

    /// The name of a stream, looked up once.
    private func name(
        of number: StreamNumber,
        _ names: inout StreamMap<StreamID>
    ) throws(JournalError) -> StreamID {
        if let known = names[number] { return known }
        let name = try sight.journal.streamID(of: number)
        names[number, default: name] = name
        return name
    }

    private func page(
        from position: Position,
        _ direction: PageDirection,
        upTo bound: Position?
    ) throws(JournalError) -> [(EventHeader, [UInt8])] {
        var events: [(EventHeader, [UInt8])] = []
        _ = try sight.journal.page(
            from: position,
            direction,
            upTo: bound,
            limit: PageLimit(eventCountMax: Self.pageEventCountMax)
        ) { header, frame in
            events.append((header, frame.array()))
            return .proceed
        }
        return events
    }
}
