internal import CairnCore
internal import CairnJournal

/// The `journal` table in one view: packs of frames in the order of their positions.
struct JournalTable {
    let transaction: Transaction
    /// The last position of the view, or an earlier one that a past view ends at.
    let last: Position

    init(_ transaction: Transaction, last: Position) {
        self.transaction = transaction
        self.last = last
    }

    /// Reads events in order, from a position on, up to the limit or the end.
    ///
    /// Every frame's checksum is verified before the body sees it.
    func page(
        from position: Position,
        _ direction: PageDirection,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) throws(JournalError) -> PageEnd {
        var next = direction == .forwards ? max(position, .first) : min(position, last)
        var count = 0
        var byteCount = 0
        var isStopped = false
        let cursor = try Cursor(transaction, .journal)

        /// Lends the events of one pack; false when the page is full or stopped.
        func lend(_ pack: RawSpan) throws(JournalError) -> Bool {
            let header = try packHeader(pack, containing: next)
            var index = Int(next.rawValue - header.firstPosition.rawValue)
            while index >= 0, index < header.eventCount, next <= last {
                let range = try Self.range(header, index, pack, next)
                let frame = pack.extracting(range)
                let flow = body(try Self.header(of: frame, at: next), frame)
                count += 1
                byteCount += range.count
                index += direction == .forwards ? 1 : -1
                next = direction == .forwards ? next.next : next.previous
                if case .stop = flow {
                    isStopped = true
                    return false
                }
                if count >= limit.eventCountMax || byteCount >= limit.byteCountMax { return false }
            }
            return true
        }

        func isInside(_ position: Position) -> Bool { position > .zero && position <= last }

        guard isInside(next) else {
            return PageEnd(next: nil, lastPosition: last, eventCount: 0)
        }
        var goesOn = try withKey(next.rawValue) { key throws(JournalError) in
            try cursor.seek(key) { _, pack throws(JournalError) in try lend(pack) }
        }
        while goesOn == true, isInside(next) {
            goesOn = try cursor.move(direction == .forwards ? .next : .previous) {
                _,
                pack throws(JournalError) in try lend(pack)
            }
        }
        guard goesOn != nil else {
            throw .corrupt(position: next, reason: "the journal ends before it")
        }
        return PageEnd(
            next: isStopped || !isInside(next) ? nil : next.rawValue,
            lastPosition: last,
            eventCount: count
        )
    }

    /// Lends one event.
    func withEvent<Value>(
        at position: Position,
        _ body: (EventHeader, RawSpan) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        let cursor = try Cursor(transaction, .journal)
        return try withEvent(at: position, cursor, body)
    }

    /// Lends one event, with a cursor that serves several such reads.
    func withEvent<Value>(
        at position: Position,
        _ cursor: Cursor,
        _ body: (EventHeader, RawSpan) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        let value = try withKey(position.rawValue) { key throws(JournalError) -> Value? in
            try cursor.seek(key) { _, pack throws(JournalError) in
                let header = try packHeader(pack, containing: position, verifiesChecksum: false)
                let index = Int(position.rawValue - header.firstPosition.rawValue)
                let frame = pack.extracting(try Self.range(header, index, pack, position))
                return try body(try Self.header(of: frame, at: position), frame)
            }
        }
        guard let value else { throw .corrupt(position: position, reason: "no pack holds it") }
        return value
    }

    /// Lends single events in the order given; those of one pack that follow each other are lent
    /// from one look at it.
    func forEachEvent(
        at positions: [Position],
        _ body: (EventHeader, RawSpan) -> Void
    ) throws(JournalError) {
        let cursor = try Cursor(transaction, .journal)
        try lend(positions, cursor) { header, frame throws(JournalError) in
            body(header, frame)
            return .proceed
        }
    }

    /// Lends the event at one of some positions from the pack that has it, and those behind it in
    /// the list that are in the same pack.
    ///
    /// - Returns: The index of the first that was not lent.
    func lendRun(
        _ positions: [Position],
        from index: Int,
        in pack: RawSpan,
        _ body: (EventHeader, RawSpan) throws(JournalError) -> PageFlow
    ) throws(JournalError) -> Int {
        let first = positions[index]
        let header = try packHeader(pack, containing: first, verifiesChecksum: false)
        var next = index
        while next < positions.count, positions[next] >= header.firstPosition,
            positions[next] <= header.lastPosition
        {
            let position = positions[next]
            let place = Int(position.rawValue - header.firstPosition.rawValue)
            let frame = pack.extracting(try Self.range(header, place, pack, position))
            next += 1
            let flow = try body(try Self.header(of: frame, at: position), frame)
            if case .stop = flow { break }
        }
        return next
    }

    private func packHeader(
        _ pack: RawSpan,
        containing position: Position,
        verifiesChecksum: Bool = true
    ) throws(JournalError) -> PackHeader {
        let header: PackHeader
        do {
            header = try PackHeader(pack, verifiesChecksum: verifiesChecksum)
        } catch .newerVersion(let version) {
            throw .newerFormat(found: Int(version), supported: Int(PackFormat.version))
        } catch {
            throw .corrupt(position: position, reason: error.reason)
        }
        guard header.firstPosition <= position, position <= header.lastPosition else {
            throw .corrupt(
                position: position,
                reason: "found positions \(header.firstPosition) to \(header.lastPosition) there"
            )
        }
        return header
    }

    private static func range(
        _ header: PackHeader,
        _ index: Int,
        _ pack: RawSpan,
        _ position: Position
    ) throws(JournalError) -> Range<Int> {
        do {
            return try header.frameRange(index, in: pack)
        } catch {
            throw .corrupt(position: position, reason: error.reason)
        }
    }

    private static func header(
        of frame: RawSpan,
        at position: Position
    ) throws(JournalError) -> EventHeader {
        do {
            return try EventHeader(frame: frame, position: position)
        } catch .newerVersion(let version) {
            throw .newerFormat(found: Int(version), supported: Int(Frame.version))
        } catch {
            throw .corrupt(position: position, reason: error.description)
        }
    }
}
