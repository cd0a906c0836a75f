/// Place of an event in the whole journal: 1, 2, 3 and so on with no gaps, in commit order.
///
/// The only order that is truth. ``zero`` stands before the first event, so it is also the last
/// position of an empty journal.
public struct Position: Hashable, Comparable, Sendable, RawRepresentable {
    public let rawValue: UInt64

    /// Before the first event.
    public static let zero = Position(rawValue: 0)

    /// The first event of a journal that has lost nothing to retention.
    public static let first = Position(rawValue: 1)

    @inlinable
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The position after this one.
    ///
    /// Saturates at the end of the range, which no journal reaches.
    @inlinable
    public var next: Position {
        Position(rawValue: rawValue == .max ? rawValue : rawValue + 1)
    }

    /// The position before this one; ``zero`` has none before it and is returned itself.
    @inlinable
    public var previous: Position {
        Position(rawValue: rawValue == 0 ? 0 : rawValue - 1)
    }

    @inlinable
    public static func < (left: Position, right: Position) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension Position: CustomStringConvertible {
    public var description: String { String(rawValue) }
}

/// Place of an event in its stream: 1, 2, 3 and so on with no gaps.
///
/// A `sequence_no` that came with imported rows is data of the event, not this.
public struct SequenceNumber: Hashable, Comparable, Sendable, RawRepresentable {
    public let rawValue: UInt64

    /// Before the first event of a stream: what a stream that does not exist yet has reached.
    public static let zero = SequenceNumber(rawValue: 0)

    @inlinable
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The sequence after this one.
    ///
    /// Saturates at the end of the range.
    @inlinable
    public var next: SequenceNumber {
        SequenceNumber(rawValue: rawValue == .max ? rawValue : rawValue + 1)
    }

    @inlinable
    public static func < (left: SequenceNumber, right: SequenceNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension SequenceNumber: CustomStringConvertible {
    public var description: String { String(rawValue) }
}

/// The short name of a stream inside one journal: the position of the stream's first event.
///
/// That event's frame carries the stream's full name, so numbers need no table to be understood.
public struct StreamNumber: Hashable, Comparable, Sendable, RawRepresentable {
    public let rawValue: UInt64

    @inlinable
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Where the event that names the stream stands.
    @inlinable
    public var firstPosition: Position { Position(rawValue: rawValue) }

    @inlinable
    public static func < (left: StreamNumber, right: StreamNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}
