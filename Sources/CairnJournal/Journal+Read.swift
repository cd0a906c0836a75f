public import CairnCore

extension Journal {
    /// Reads the whole journal, page after page, until the body stops it.
    ///
    /// Each page is a view of its own, so a long read holds nothing back for the writer; events
    /// appended meanwhile are read too, unless `bound` says where to end.
    public func forEachEvent(
        from start: Position? = nil,
        _ direction: PageDirection = .forwards,
        upTo bound: Position? = nil,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) {
        var next = start ?? (direction == .forwards ? .first : bound ?? Position(rawValue: .max))
        while true {
            let end = try await page(
                from: next,
                direction,
                upTo: bound,
                limit: .standard,
                body
            )
            guard let following = end.next else { return }
            next = Position(rawValue: following)
        }
    }

    /// Reads one stream, page after page, until the body stops it.
    public func forEachEvent(
        of stream: StreamID,
        from start: SequenceNumber? = nil,
        _ direction: PageDirection = .forwards,
        upTo bound: Position? = nil,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) {
        let ends: (UInt64, UInt64) = (1, .max)
        var next = start ?? SequenceNumber(rawValue: direction == .forwards ? ends.0 : ends.1)
        while true {
            let end = try await page(
                of: stream,
                from: next,
                direction,
                upTo: bound,
                limit: .standard,
                body
            )
            guard let following = end.next else { return }
            next = SequenceNumber(rawValue: following)
        }
    }

    /// Copies a stream's events out, oldest first.
    public func records(
        of stream: StreamID,
        upTo bound: Position? = nil
    ) async throws(JournalError) -> [EventRecord] {
        var records: [EventRecord] = []
        try await forEachEvent(of: stream, upTo: bound) { header, frame in
            records.append(EventRecord(header, frame: frame, stream: stream))
            return .proceed
        }
        return records
    }

    /// Copies one event out; nil if the journal does not hold the position.
    public func record(at position: Position) async throws(JournalError) -> EventRecord? {
        var found: (EventHeader, [UInt8])?
        _ = try await page(
            from: position,
            .forwards,
            upTo: position,
            limit: PageLimit(eventCountMax: 1)
        ) { header, frame in
            found = (header, frame.array())
            return .stop
        }
        guard let (header, frame) = found, header.position == position else { return nil }
        let stream = try await streamID(of: header.streamNumber)
        return EventRecord(header, frame: frame.span.bytes, stream: stream)
    }
}
