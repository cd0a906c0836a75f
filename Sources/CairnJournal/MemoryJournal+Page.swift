internal import CairnCore

/// The events that one page may show, taken out under the lock and read without it.
struct MemoryPage {
    /// The events in reading order, one more than the page may hold if there are more.
    let events: [(position: Position, frame: [UInt8])]
    let lastPosition: Position

    /// Which of the places 1 to `count` a page reads, and the one after it.
    static func places(
        of count: UInt64,
        from start: UInt64,
        _ direction: PageDirection,
        _ limit: PageLimit
    ) -> [UInt64] {
        let placeCountMax = min(limit.eventCountMax, .max - 1) + 1
        switch direction {
        case .forwards:
            let first = max(start, 1)
            return first > count ? [] : Array((first...count).prefix(placeCountMax))
        case .backwards:
            let first = min(start, count)
            return first == 0 ? [] : Array((1...first).reversed().prefix(placeCountMax))
        }
    }

    /// Shows the events to the body until it stops, a limit is reached or there are no more.
    func read(
        _ limit: PageLimit,
        startingAt place: (EventHeader) -> UInt64,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) throws(JournalError) -> PageEnd {
        var eventCount = 0
        var byteCount = 0
        for (position, frame) in events {
            let header = try MemoryStorage.header(of: frame, at: position)
            if eventCount == limit.eventCountMax || byteCount >= limit.byteCountMax {
                return end(next: place(header), eventCount)
            }
            eventCount += 1
            byteCount += frame.count
            switch body(header, frame.span.bytes) {
            case .proceed: continue
            case .stop: return end(next: nil, eventCount)
            }
        }
        return end(next: nil, eventCount)
    }

    private func end(next: UInt64?, _ eventCount: Int) -> PageEnd {
        PageEnd(next: next, lastPosition: lastPosition, eventCount: eventCount)
    }
}
