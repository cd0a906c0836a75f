public import CairnCore
public import CairnDomains
public import CairnJournal

/// A read-only sight of the touch log of a journal, up to one position.
///
/// What was forgotten or truncated is left out and counted. A removal counts from its position on,
/// so a view as of an earlier one shows what it covers.
public struct TouchView: Sendable {
    public let journal: any Journal
    /// The last position to see; nil for all that there is when a question starts.
    public let asOf: Position?
    private let check: ItemView.HolderCheck?

    /// Looks at a journal.
    ///
    /// - Parameters:
    ///   - journal: The journal.
    ///   - asOf: The last position to see; nil for all.
    ///   - isAlive: Who knows which workers live; nil for the journal itself. A copy does not.
    public init(
        _ journal: any Journal,
        asOf: Position? = nil,
        isAlive: ItemView.HolderCheck? = nil
    ) {
        self.journal = journal
        self.asOf = asOf
        check = isAlive
    }

    /// The frames and locks that the questions are answered from.
    var frames: ItemView { ItemView(journal, asOf: asOf, isAlive: check) }

    /// All truncations of the log up to a position.
    func truncations(upTo bound: Position) async throws(IncidentError) -> Truncations {
        let stream = try ItemView.naming { () throws(LimitError) in
            try Removal.truncations(of: TouchMachine.streamKind)
        }
        let machine = TruncationMachine()
        var truncations = Truncations()
        try await frames.forEachFrame(of: stream, upTo: bound) {
            header,
            frame throws(EventCodecError) in
            if let removal = try machine.event(header, frame: frame) {
                truncations.take(removal, at: header.position)
            }
            return .proceed
        }
        return truncations
    }
}

/// One row of the touch log, and where it stands.
public struct TouchRow: Hashable, Sendable {
    public let touch: Touch
    public let position: Position
    /// When the journal got it, which may be much later than it was created.
    public let recordedAt: Timestamp

    public init(_ touch: Touch, position: Position, recordedAt: Timestamp) {
        self.touch = touch
        self.position = position
        self.recordedAt = recordedAt
    }

    init(_ touch: Touch, _ header: EventHeader) {
        self.init(touch, position: header.position, recordedAt: header.recordedAt)
    }

    /// The row's place in the order of `created_at`.
    public var cursor: TouchCursor { TouchCursor(createdAt: touch.createdAt, position: position) }
}

/// A place in a user's rows, which are ordered by `created_at` and then by position.
///
/// It stays good when rows are added or removed.
public struct TouchCursor: Hashable, Comparable, Sendable {
    public let createdAt: Double
    public let position: Position

    public init(createdAt: Double, position: Position) {
        self.createdAt = createdAt
        self.position = position
    }

    /// Reads a cursor as ``description`` writes it; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let createdAt = Double(parts[0]), createdAt.isFinite,
            !parts[1].isEmpty, parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
            let position = UInt64(parts[1])
        else { return nil }
        self.init(createdAt: createdAt, position: Position(rawValue: position))
    }

    public static func < (left: TouchCursor, right: TouchCursor) -> Bool {
        (left.createdAt, left.position) < (right.createdAt, right.position)
    }
}

extension TouchCursor: CustomStringConvertible {
    public var description: String { "\(createdAt)@\(position)" }
}
