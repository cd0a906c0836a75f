internal import CairnCore
internal import CairnJournal

/// The part of the index that lives in memory: entries of events since the last index flush.
///
/// Per commit only the journal table grows; these entries go to the index tables in bulk. The
/// segments are in the order of their positions and touch; the last one takes new events.
/// A segment ends with the batch in which it reaches ``segmentEventCountMax`` events. The writer
/// bounds how many wait for their flush.
///
/// Sendable because everything in it is used only inside its monitor.
final class IndexTail: @unchecked Sendable {
    /// Events in a segment before it is flushed.
    ///
    /// Each takes 48 bytes, with its id 16 to 64 more to find it by; each stream and each beginning
    /// of ids in it, and each stream that begins in it, takes 50 to 130, besides the bytes of the
    /// names. Arrays grow by doubling, so at worst it is twice as much. Ids of the tables whose
    /// beginnings are met again take 4 bytes each, up to 1 MiB. The segment that follows one has room
    /// for as many from the start, of which 32 bytes an event are touched at once. While a segment is
    /// flushed, its entries in order take 24 bytes an event, 8 a stream and 8 a beginning of ids more.
    static let segmentEventCountMax = 65_536

    let segmentEventCountMax: Int

    let monitor = Monitor()
    private var segments: [TailSegment]
    /// Counts how often entries were let go of, because the tables have them.
    private(set) var generation: UInt64 = 0
    /// Streams by name, as far as they were asked for; never wrong, because names are for ever.
    private var numbers = StreamNumbers()
    private static let numberCountMax = 65_536
    /// The first position of a batch whose commit is on its way.
    private var committing: Position?
    /// How many threads wait to hear what became of it.
    private(set) var waiterCount = 0

    init(after position: Position, segmentEventCountMax: Int) {
        self.segmentEventCountMax = segmentEventCountMax
        segments = [TailSegment(after: position)]
    }

    // Everything below is called only inside the monitor.

    var last: Position { active.last }
    var active: TailSegment { segments[segments.count - 1] }
    var all: [TailSegment] { segments }

    func remember(_ stream: StreamID, _ number: StreamNumber) {
        if numbers.count >= Self.numberCountMax { numbers = StreamNumbers() }
        numbers.set(number, of: stream)
    }

    func knownNumber(of stream: StreamID) -> StreamNumber? { numbers.number(of: stream) }

    /// Begins a new segment, so that the one before can be flushed.
    func seal() {
        segments.append(TailSegment(following: active))
    }

    /// Lets go of what the tables have completely, as a committed head record says.
    func drop(indexedUpTo position: Position) {
        while segments.count > 1, segments[0].last <= position {
            segments.removeFirst()
            generation += 1
        }
        if segments.count == 1, active.last <= position, active.eventCount > 0 {
            segments = [TailSegment(after: position)]
            generation += 1
        }
    }

    /// Forgets everything after a position of which nothing is known any more.
    ///
    /// Views that were opened before keep the old segment; new ones fold the journal again.
    func restart(indexedUpTo position: Position) {
        segments = [TailSegment(after: position)]
        numbers = StreamNumbers()
        generation += 1
    }

    /// Notes that the entries behind a position are those of a commit that is on its way.
    ///
    /// Until ``endCommit()`` nobody but the writer knows whether the journal has them: LMDB lets
    /// other processes in as soon as a commit has failed, and they may append in the same place.
    func beginCommit(after position: Position) { committing = position.next }

    /// What became of the commit is known, and the entries are as it says.
    func endCommit() {
        committing = nil
        if waiterCount > 0 { monitor.broadcast() }
    }

    /// Waits for the writer where a view sees an event that may be one of a commit on its way: from
    /// its mark until the writer knows.
    ///
    /// - Returns: Whether it has waited. Meanwhile the monitor was free, and entries may have left
    ///   the tail for tables that the view does not see: it is to be begun anew.
    func waitForCommit(seenBy head: HeadRecord) -> Bool {
        var hasWaited = false
        while let first = committing, head.lastPosition >= first {
            hasWaited = true
            waiterCount += 1
            monitor.wait()
            waiterCount -= 1
        }
        return hasWaited
    }

    /// Takes in the events that the journal has beyond the tail, up to the end of a view that sees
    /// no commit on its way.
    func catchUp(_ transaction: Transaction, _ head: HeadRecord) throws(JournalError) {
        if head.indexedPosition > last { restart(indexedUpTo: head.indexedPosition) }
        guard head.lastPosition > last else { return }
        let reader = JournalTable(transaction, last: head.lastPosition)
        var start = last.next
        while true {
            let end = try reader.page(
                from: start,
                .forwards,
                limit: .standard
            ) { header, frame in
                add(header, frame)
                return .proceed
            }
            guard let next = end.next else { return }
            start = Position(rawValue: next)
        }
    }

    private func add(_ header: EventHeader, _ frame: RawSpan) {
        if active.eventCount >= segmentEventCountMax { seal() }
        active.add(
            sequence: header.sequence,
            of: header.streamNumber,
            naming: header.streamID(in: frame),
            id: header.eventID(in: frame).map { EventIDKey($0) }
        )
    }
}
