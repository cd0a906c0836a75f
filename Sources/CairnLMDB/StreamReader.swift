internal import CairnCore
internal import CairnJournal

/// Reads one stream's events in one view: positions from the index, frames from the journal.
struct StreamReader {
    /// Positions that are looked up at a time: at first few, which is often all that is wanted.
    private static let chunkCountMin: UInt64 = 128
    private static let chunkCountMax: UInt64 = 1_024

    let table: JournalTable
    let view: IndexView

    func page(
        of stream: StreamID,
        from sequence: SequenceNumber,
        _ direction: PageDirection,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) throws(JournalError) -> PageEnd {
        guard let number = try view.number(of: stream), number.firstPosition <= table.last else {
            return pageEnd(nil, 0)
        }
        let last = try lastSequence(of: number)
        var next =
            direction == .forwards ? max(sequence.rawValue, 1) : min(sequence.rawValue, last)
        let cursor = try Cursor(table.transaction, .journal)
        var count = 0
        var byteCount = 0
        var chunkCount = Self.chunkCountMin
        while next >= 1, next <= last {
            let chunk =
                direction == .forwards
                ? next...min(last, next + chunkCount - 1)
                : (next > chunkCount ? next - chunkCount + 1 : 1)...next
            chunkCount = min(2 * chunkCount, Self.chunkCountMax)
            var positions = try view.positions(of: number, chunk)
            if direction == .backwards { positions.reverse() }
            // The closure has no hold on the reader: it would be copied for each event.
            var (isStopped, isFull) = (false, false)
            var misledTo: Position?
            try table.lend(positions, cursor) { header, frame throws(JournalError) in
                guard header.streamNumber == number, header.sequence.rawValue == next else {
                    misledTo = header.position
                    return .stop
                }
                byteCount += frame.byteCount
                if case .stop = body(header, frame) { isStopped = true }
                count += 1
                next = direction == .forwards ? next + 1 : next - 1
                isFull = count >= limit.eventCountMax || byteCount >= limit.byteCountMax
                return isStopped || isFull ? .stop : .proceed
            }
            if let misledTo { throw misled(stream, misledTo) }
            if isStopped { return pageEnd(nil, count) }
            if isFull { return pageEnd(next >= 1 && next <= last ? next : nil, count) }
        }
        return pageEnd(nil, count)
    }

    /// Reads streams whole, with one cursor for each table: what lies on the page of the stream
    /// before is found there.
    func forEachEvent(
        ofEach streams: [StreamID],
        _ body: (Int, EventHeader, RawSpan) -> Void
    ) throws(JournalError) {
        let names = try Cursor(table.transaction, .stream)
        let slices = try Cursor(table.transaction, .streamEvents)
        let cursor = try Cursor(table.transaction, .journal)
        var positions: [Position] = []
        for (index, stream) in streams.enumerated() {
            guard let number = try view.number(of: stream, names) else { continue }
            positions.removeAll(keepingCapacity: true)
            try view.appendPositions(of: number, to: &positions, slices)
            for (offset, position) in positions.enumerated() where position <= table.last {
                try table.withEvent(at: position, cursor) { header, frame throws(JournalError) in
                    guard header.streamNumber == number,
                        header.sequence.rawValue == UInt64(offset) + 1
                    else { throw misled(stream, position) }
                    body(index, header, frame)
                }
            }
        }
    }

    private func misled(_ stream: StreamID, _ position: Position) -> JournalError {
        .damaged(
            path: table.transaction.environment.path,
            reason: "the index leads from \(stream) to position \(position)"
        )
    }

    private func pageEnd(_ next: UInt64?, _ count: Int) -> PageEnd {
        PageEnd(next: next, lastPosition: table.last, eventCount: count)
    }

    /// Positions that are looked up at a time in a search: less than a slice of the index.
    private static let searchCount: UInt64 = 64

    /// The stream's last sequence at the table's end, which may lie before the view's.
    ///
    /// A stream's events mostly come at an even pace, so every other step of the search guesses by
    /// that; the others halve what is left.
    private func lastSequence(of number: StreamNumber) throws(JournalError) -> UInt64 {
        // Its count of events bounds it, so that one more can be counted.
        let newest = min(try view.lastSequence(of: number).rawValue, view.last.rawValue)
        if table.last >= view.last { return newest }
        // All before `low` are at or before the end, the first one as well; none from `high` on is.
        var (low, lowPosition) = (UInt64(2), number.firstPosition)
        var (high, highPosition) = (newest + 1, view.last.next)
        var isGuess = true
        while low < high {
            var first = low + (high - low) / 2
            if isGuess {
                let way = Double(table.last.rawValue - lowPosition.rawValue)
                let whole = Double(highPosition.rawValue - lowPosition.rawValue)
                let guess = min(low + UInt64(Double(high - low) * (way / whole)), high - 1)
                first = max(low, guess - min(guess, Self.searchCount / 2))
            }
            isGuess.toggle()
            let end = min(first + Self.searchCount, high)
            let positions = try view.positions(of: number, first...(end - 1))
            guard let start = positions.first, let last = positions.last else { break }
            if start > table.last {
                (high, highPosition) = (first, start)
            } else if last <= table.last {
                (low, lowPosition) = (end, last)
            } else {
                let count = positions.prefix { $0 <= table.last }.count
                return first + UInt64(count) - 1
            }
        }
        return low - 1
    }
}
