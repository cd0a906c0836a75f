public import CairnCore

/// What a turn sees and does while the writer runs it: the open batch.
///
/// Reads include what earlier turns of the same batch appended. The scope is valid only inside
/// the closure it was given to; it never crosses an `await`.
public protocol TurnScope: AnyObject {
    /// The instant that this turn's events are recorded at.
    var now: Timestamp { get }

    /// The instant by the journal's clock alone, which may have been set back; ``now`` where a
    /// journal does not say.
    var clockNow: Timestamp { get }

    /// The sequence of a stream's last event; zero if it has none.
    func lastSequence(of stream: StreamID) throws(JournalError) -> SequenceNumber

    /// Where the event with an id stands, if there is one.
    func receipt(of id: EventID) throws(JournalError) -> Receipt?

    /// Reads a stream's events forwards, from a sequence on, until the body stops it.
    func forEachEvent(
        of stream: StreamID,
        from sequence: SequenceNumber,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) throws(JournalError)

    /// Appends events to a stream.
    ///
    /// An event whose id is already known with the same content is not appended again; its
    /// receipt is the original one. If every event is such a duplicate, nothing is compared with
    /// `expected`: the append was taken before. Events are looked at one by one, contents before
    /// streams, and the expectation at the first that is new. A refused append adds nothing, also
    /// when the turn catches the error and goes on.
    ///
    /// - Throws: ``JournalError/sequenceConflict(stream:expected:actual:)``,
    ///   ``JournalError/eventIDConflict(id:position:stored:given:)``,
    ///   ``JournalError/eventIDInOtherStream(id:position:stream:)`` and
    ///   ``JournalError/limit(_:)``. A turn that lets an error out appends nothing at all.
    @discardableResult
    func append(
        _ events: [NewEvent],
        to stream: StreamID,
        expecting expected: ExpectedSequence
    ) throws(JournalError) -> [Receipt]

    /// Appends to several streams, one after another, as ``append(_:to:expecting:)`` does to each.
    ///
    /// - Returns: The receipts of each stream's events, in the order given.
    /// - Throws: What the first append throws that is refused; those before it stay.
    @discardableResult
    func append(_ appends: [StreamAppend]) throws(JournalError) -> [[Receipt]]
}

extension TurnScope {
    public var clockNow: Timestamp { now }

    @discardableResult
    public func append(_ appends: [StreamAppend]) throws(JournalError) -> [[Receipt]] {
        var receipts: [[Receipt]] = []
        receipts.reserveCapacity(appends.count)
        for append in appends {
            receipts.append(
                try self.append(append.events, to: append.stream, expecting: append.expected)
            )
        }
        return receipts
    }
}

/// Whether a read goes on after an event.
public enum PageFlow: Sendable {
    case proceed
    case stop
}

/// Which way a read goes.
public enum PageDirection: Sendable {
    case forwards
    case backwards
}

/// How much one page may hold.
///
/// A page ends at whichever bound comes first, after an event.
public struct PageLimit: Hashable, Sendable {
    public let eventCountMax: Int
    public let byteCountMax: Int

    /// Enough to make the cost of a page's read transaction vanish, and short enough to hold no
    /// old pages of the file back: 16,384 events or 4 MiB.
    public static let standard = PageLimit(eventCountMax: 16_384, byteCountMax: 4 << 20)

    public init(eventCountMax: Int, byteCountMax: Int = 4 << 20) {
        self.eventCountMax = max(eventCountMax, 1)
        self.byteCountMax = max(byteCountMax, 1)
    }
}

/// How a page ended.
public struct PageEnd: Hashable, Sendable {
    /// Where the next page starts: a position, or for a stream a sequence.
    ///
    /// Nil at the end, and when the body stopped the page.
    public let next: UInt64?
    /// The last position of the view in which the page was read, or the bound if that is earlier.
    public let lastPosition: Position
    /// How many events the body saw.
    public let eventCount: Int

    public init(next: UInt64?, lastPosition: Position, eventCount: Int) {
        self.next = next
        self.lastPosition = lastPosition
        self.eventCount = eventCount
    }
}
