internal import CairnCore
public import CairnDomains
internal import CairnJournal

/// Where the rows of a tree are looked for.
public enum TouchSearch: Sendable {
    /// In the whole journal: rows of one attempt may be of several users.
    case journal
    /// Among the rows of the user whose row was asked for, and of the attempt's user.
    case users
}

/// The tree that a row belongs to.
public struct TouchSight: Hashable, Sendable {
    public let tree: TouchTree
    /// Where the rows of the tree stand, in the tree's order.
    public let rows: [TouchRow]
    /// How many rows of the tree were removed.
    public let removedCount: Int
}

extension TouchView {
    /// The tree of one attempt, found by the uid of any of its rows.
    ///
    /// - Parameters:
    ///   - uid: The uid of the attempt, of a row that belongs to it, or of an attempt that is not
    ///     there and that other rows name.
    ///   - search: Where to look for its rows.
    /// - Returns: The tree; nil where no row has the uid or names it.
    /// - Throws: ``IncidentError``.
    /// - Complexity: One pass over what is searched, and another one over its beginning for rows
    ///   that came before the rows they hang on.
    public func tree(
        of uid: String,
        searching search: TouchSearch = .journal
    ) async throws(IncidentError) -> TouchSight? {
        let bound = try await frames.bound()
        let (root, ancestors) = try await root(of: uid, upTo: bound)
        var rows = TouchGathering(root, ancestors)
        let truncations = try await truncations(upTo: bound)
        let streams = try streams(of: rows.users)
        repeat {
            rows.beginPass()
            switch search {
            case .journal:
                try await frames.forEachFrame(upTo: bound) {
                    header,
                    frame throws(EventCodecError) in
                    guard rows.isOpen(at: header.position) else { return .stop }
                    try rows.take(header, frame)
                    return .proceed
                }
            case .users:
                for stream in streams {
                    try await frames.forEachFrame(of: stream, upTo: bound) {
                        header,
                        frame throws(EventCodecError) in
                        try rows.take(header, frame)
                        return .proceed
                    }
                }
            }
        } while rows.hasFound
        return rows.sight(truncations)
    }

    /// Climbs from a row to the attempt above it, or as far as there are rows.
    private func root(
        of uid: String,
        upTo bound: Position
    ) async throws(IncidentError) -> (String, [FoundTouch]) {
        var root = uid
        var seen: Set<ExactText> = []
        var ancestors: [FoundTouch] = []
        while seen.insert(ExactText(root)).inserted,
            let found = try await row(named: root, upTo: bound)
        {
            ancestors.append(found)
            guard let parent = found.row.touch.fact.parent else { break }
            root = parent
        }
        return (root, ancestors)
    }

    /// The row with a uid; nil where the journal has none up to the bound.
    private func row(
        named uid: String,
        upTo bound: Position
    ) async throws(IncidentError) -> FoundTouch? {
        guard let id = try? EventID(uid) else { return nil }
        let receipt = try await frames.reading { () async throws(JournalError) in
            try await journal.receipt(of: id)
        }
        guard let receipt, receipt.position <= bound else { return nil }
        var found: FoundTouch?
        try await frames.forEachFrame(from: receipt.position, upTo: receipt.position) {
            header,
            frame throws(EventCodecError) in
            guard TouchEventKind.mayName(header, frame: frame),
                case .logged(let touch)? = try TouchMachine().event(header, frame: frame)
            else { return .stop }
            found = FoundTouch(TouchRow(touch, header), header)
            return .stop
        }
        return found
    }

    private func streams(of users: Set<ExactText>) throws(IncidentError) -> [StreamID] {
        var streams: [StreamID] = []
        for user in users.sorted(by: { $0.text.hasBytes(before: $1.text) }) {
            streams.append(
                try ItemView.naming { () throws(LimitError) in
                    try TouchMachine.stream(of: user.text)
                }
            )
        }
        return streams
    }
}

/// A row, with what tells whether it was removed.
struct FoundTouch {
    let row: TouchRow
    let stream: StreamNumber
    let occurredAt: Timestamp

    init(_ row: TouchRow, _ header: EventHeader) {
        self.row = row
        stream = header.streamNumber
        occurredAt = header.occurredAt
    }
}

/// Gathers the rows that hang on known ones.
struct TouchGathering {
    private static let machine = TouchMachine()

    private let root: String
    /// The rows of the tree by uid.
    private var rows: [ExactText: FoundTouch] = [:]
    /// The last position at which each stream was forgotten.
    private var forgotten: [StreamNumber: Position] = [:]
    /// The furthest row that the current pass has found; zero for none.
    private var lastFound = Position.zero
    /// The furthest row that the pass before it found; nil in the first pass.
    private var lastFoundBefore: Position?

    init(_ root: String, _ ancestors: [FoundTouch]) {
        self.root = root
        for found in ancestors { rows[ExactText(found.row.touch.uid.name)] = found }
    }

    /// The users whose rows are known.
    var users: Set<ExactText> {
        Set(rows.values.map { ExactText($0.row.touch.user) })
    }

    /// Whether the current pass found a row: then others may hang on it that stand before it.
    var hasFound: Bool { lastFound > .zero }

    mutating func beginPass() {
        if hasFound { lastFoundBefore = lastFound }
        lastFound = .zero
    }

    /// Whether a pass has to go on at a position.
    ///
    /// What stands behind the last row of the pass before was compared with all rows that are
    /// known, until this pass finds another one.
    func isOpen(at position: Position) -> Bool {
        guard !hasFound, let lastFoundBefore else { return true }
        return position < lastFoundBefore
    }

    /// Takes a frame of any kind.
    mutating func take(_ header: EventHeader, _ frame: RawSpan) throws(EventCodecError) {
        guard TouchEventKind.mayName(header, frame: frame) else {
            if try Removal.stored(header, frame: frame)?.extent == .stream {
                let known = forgotten[header.streamNumber] ?? .zero
                forgotten[header.streamNumber] = max(known, header.position)
            }
            return
        }
        guard let parent = TouchMachine.parent(header, frame: frame),
            rows[ExactText(parent)] != nil || parent.hasSameBytes(as: root),
            case .logged(let touch)? = try Self.machine.event(header, frame: frame)
        else { return }
        let name = ExactText(touch.uid.name)
        guard rows[name] == nil else { return }
        rows[name] = FoundTouch(TouchRow(touch, header), header)
        lastFound = max(lastFound, header.position)
    }

    /// The tree of what was gathered, without what was removed.
    func sight(_ truncations: Truncations) -> TouchSight? {
        guard !rows.isEmpty else { return nil }
        let seen = rows.values.filter { found in
            found.row.position > forgotten[found.stream] ?? .zero
                && !truncations.cover(found.row.position, at: found.occurredAt)
        }
        let tree = TouchTree(root: root, touches: seen.map(\.row.touch))
        let places = Dictionary(
            seen.map { (ExactText($0.row.touch.uid.name), $0.row) },
            uniquingKeysWith: { first, _ in first }
        )
        return TouchSight(
            tree: tree,
            rows: tree.rows.compactMap { places[ExactText($0.uid.name)] },
            removedCount: rows.count - seen.count
        )
    }
}
