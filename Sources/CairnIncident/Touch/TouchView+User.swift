public import CairnCore
internal import CairnDomains
internal import CairnJournal

/// Some of a user's rows, in order.
public struct TouchPage: Hashable, Sendable {
    public let rows: [TouchRow]
    /// Where the next page starts; nil where nothing is left.
    public let next: TouchCursor?
    /// How many rows of the user are there to be seen, on whatever page.
    public let rowCount: Int
    /// How many rows of the user were removed.
    public let removedCount: Int
}

extension TouchView {
    /// The rows of a user, by `created_at` and then by position: the index of seed 000.
    ///
    /// - Parameters:
    ///   - user: `user_id`.
    ///   - limit: Most rows.
    ///   - cursor: The row after which to begin; nil for the first.
    ///   - isNewestFirst: Whether to go back in time instead.
    /// - Returns: The rows; none for a user that nobody knows.
    /// - Throws: ``IncidentError``.
    /// - Complexity: The user's rows, read once; memory for twice the limit.
    public func touches(
        of user: String,
        limit: Int = 100,
        after cursor: TouchCursor? = nil,
        isNewestFirst: Bool = false
    ) async throws(IncidentError) -> TouchPage {
        let bound = try await frames.bound()
        let stream = try ItemView.naming { () throws(LimitError) in
            try TouchMachine.stream(of: user)
        }
        let truncations = try await truncations(upTo: bound)
        var selection = TouchSelection(limit, after: cursor, isNewestFirst: isNewestFirst)
        let machine = TouchMachine()
        try await frames.forEachFrame(of: stream, upTo: bound) {
            header,
            frame throws(EventCodecError) in
            switch try machine.event(header, frame: frame) {
            case .logged(let touch):
                // Long names may share a user's stream.
                guard touch.user.hasSameBytes(as: user) else { return .proceed }
                if truncations.cover(header.position, at: header.occurredAt) {
                    selection.removedCount += 1
                } else {
                    selection.take(TouchRow(touch, header))
                }
            case .removed(let removal) where removal.extent == .stream: selection.removeAll()
            case .removed, nil: break
            }
            return .proceed
        }
        return selection.page()
    }

    /// How many rows a truncation would remove that are there to be seen now.
    ///
    /// - Throws: ``IncidentError``.
    /// - Complexity: One pass over the journal; memory for each user with such rows.
    public func rowCount(before instant: Timestamp) async throws(IncidentError) -> Int {
        let bound = try await frames.bound()
        let truncations = try await truncations(upTo: bound)
        var counts: [StreamNumber: Int] = [:]
        try await frames.forEachFrame(upTo: bound) { header, frame throws(EventCodecError) in
            if TouchEventKind.mayName(header, frame: frame) {
                if header.occurredAt < instant,
                    !truncations.cover(header.position, at: header.occurredAt)
                {
                    counts[header.streamNumber, default: 0] += 1
                }
            } else if counts[header.streamNumber] != nil,
                try Removal.stored(header, frame: frame)?.extent == .stream
            {
                counts[header.streamNumber] = nil
            }
            return .proceed
        }
        return counts.values.reduce(0, +)
    }
}

/// Picks the first rows after a cursor from rows in any order, and holds no more than it must.
struct TouchSelection {
    private let limit: Int
    private let cursor: TouchCursor?
    private let isNewestFirst: Bool
    private var rows: [TouchRow] = []
    private var rowCount = 0
    /// Whether more rows fit than are held.
    private var hasMore = false
    var removedCount = 0

    init(_ limit: Int, after cursor: TouchCursor?, isNewestFirst: Bool) {
        self.limit = max(limit, 0)
        self.cursor = cursor
        self.isNewestFirst = isNewestFirst
    }

    mutating func take(_ row: TouchRow) {
        rowCount += 1
        if let cursor, !precedes(cursor, row.cursor) { return }
        rows.append(row)
        // Sorted once for as many rows as are kept, so each row costs little.
        if rows.count >= 1_024, rows.count / 2 > limit { prune() }
    }

    /// Leaves out all that were taken so far.
    mutating func removeAll() {
        removedCount += rowCount
        rowCount = 0
        rows.removeAll()
        hasMore = false
    }

    mutating func page() -> TouchPage {
        prune()
        return TouchPage(
            rows: rows,
            next: hasMore ? rows.last?.cursor : nil,
            rowCount: rowCount,
            removedCount: removedCount
        )
    }

    private mutating func prune() {
        rows.sort { [isNewestFirst] left, right in
            isNewestFirst ? right.cursor < left.cursor : left.cursor < right.cursor
        }
        guard rows.count > limit else { return }
        rows.removeLast(rows.count - limit)
        hasMore = true
    }

    private func precedes(_ left: TouchCursor, _ right: TouchCursor) -> Bool {
        isNewestFirst ? right < left : left < right
    }
}
