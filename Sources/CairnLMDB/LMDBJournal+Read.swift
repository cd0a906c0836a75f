public import CairnCore
public import CairnJournal

extension LMDBJournal {
    public func head() throws(JournalError) -> JournalHead {
        try requireOpen()
        let head = try core.environment.read { transaction throws(JournalError) in
            try transaction.head()
        }
        return JournalHead(
            lastPosition: head.lastPosition,
            lastRecordedAt: head.lastRecordedAt,
            runningHash: head.runningHash
        )
    }

    public func lastSequence(of stream: StreamID) throws(JournalError) -> SequenceNumber {
        try requireOpen()
        return try core.read { _, _, view throws(JournalError) in
            guard let number = try view.number(of: stream) else { return .zero }
            return try view.lastSequence(of: number)
        }
    }

    public func receipt(of id: EventID) throws(JournalError) -> Receipt? {
        try requireOpen()
        return try core.read { transaction, head, view throws(JournalError) in
            let found = try view.position(of: EventIDKey(id), notingOthers: false)
            guard let position = found else { return nil }
            let table = JournalTable(transaction, last: head.lastPosition)
            return try table.withEvent(at: position) { header, _ in
                Receipt(
                    position: header.position,
                    sequence: header.sequence,
                    recordedAt: header.recordedAt,
                    isDuplicate: true
                )
            }
        }
    }

    public func streamID(of number: StreamNumber) throws(JournalError) -> StreamID {
        try requireOpen()
        return try core.environment.read { transaction throws(JournalError) in
            let head = try transaction.head()
            let position = number.firstPosition
            guard position > .zero, position <= head.lastPosition else {
                throw .unknownStream(number: number.rawValue)
            }
            let name = try JournalTable(transaction, last: head.lastPosition)
                .withEvent(at: position) { header, frame in header.streamID(in: frame) }
            guard let name else {
                throw .unknownStream(number: number.rawValue)
            }
            return name
        }
    }

    /// The last position recorded at or before an instant; zero if there is none.
    ///
    /// - Complexity: A binary search over positions, each step one read of a frame.
    public func position(at instant: Timestamp) throws(JournalError) -> Position {
        try requireOpen()
        return try core.environment.read { transaction throws(JournalError) in
            let head = try transaction.head()
            if head.lastRecordedAt <= instant { return head.lastPosition }
            let table = JournalTable(transaction, last: head.lastPosition)
            let cursor = try Cursor(transaction, .journal)
            var low = head.firstRetainedPosition.rawValue
            var high = head.lastPosition.rawValue
            while low < high {
                let middle = low + (high - low) / 2
                let isLater = try table.withEvent(at: Position(rawValue: middle), cursor) {
                    header,
                    _ in header.recordedAt > instant
                }
                if isLater { high = middle } else { low = middle + 1 }
            }
            return Position(rawValue: low - 1)
        }
    }

    public func page(
        from position: Position,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) throws(JournalError) -> PageEnd {
        try requireOpen()
        return try core.environment.read { transaction throws(JournalError) in
            let head = try transaction.head()
            let last = min(bound ?? head.lastPosition, head.lastPosition)
            return try JournalTable(transaction, last: last)
                .page(from: position, direction, limit: limit, body)
        }
    }

    public func forEachEvent(
        at positions: [Position],
        _ body: (EventHeader, RawSpan) -> Void
    ) throws(JournalError) {
        try requireOpen()
        try core.environment.read { transaction throws(JournalError) in
            let head = try transaction.head()
            let held = positions.filter {
                $0 >= head.firstRetainedPosition && $0 <= head.lastPosition
            }
            try JournalTable(transaction, last: head.lastPosition).forEachEvent(at: held, body)
        }
    }

    public func forEachEvent(
        ofEach streams: [StreamID],
        _ body: (Int, EventHeader, RawSpan) -> Void
    ) throws(JournalError) {
        try requireOpen()
        try core.read { transaction, head, view throws(JournalError) in
            let table = JournalTable(transaction, last: head.lastPosition)
            try StreamReader(table: table, view: view).forEachEvent(ofEach: streams, body)
        }
    }

    public func page(
        of stream: StreamID,
        from sequence: SequenceNumber,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) throws(JournalError) -> PageEnd {
        try requireOpen()
        return try core.read { transaction, head, view throws(JournalError) in
            let last = min(bound ?? head.lastPosition, head.lastPosition)
            let reader = StreamReader(
                table: JournalTable(transaction, last: last),
                view: view
            )
            return try reader.page(of: stream, from: sequence, direction, limit: limit, body)
        }
    }
}
