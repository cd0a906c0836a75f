public import CairnCore
internal import CairnDomains
public import CairnJournal

/// The streams of one kind that were removed, such as requests, up to a position.
///
/// What a removal covers stands before it, so a pass over the journal must know of all of them
/// beforehand. They are listed in a stream of their own.
public struct StreamRemovals: Hashable, Sendable {
    /// How many streams were removed.
    public var streamCount: Int { marks.count }
    /// How many events they had when they were.
    public private(set) var eventCount: UInt64 = 0
    /// Where each stream was removed last.
    private var marks: [StreamNumber: Position] = [:]
    /// The last event of the list that was seen, and where it stands; zero for none.
    ///
    /// As long as the list ends there, these are all removals of every position behind it.
    package private(set) var listEnd: (sequence: SequenceNumber, position: Position) {
        get { (listSequence, listPosition) }
        set { (listSequence, listPosition) = newValue }
    }
    private var listSequence = SequenceNumber.zero
    private var listPosition = Position.zero

    /// No removals at all.
    public init() {}

    /// Finds the removals of a journal.
    ///
    /// - Parameters:
    ///   - journal: The journal.
    ///   - kind: The kind of the streams.
    ///   - bound: The last position to see; nil for all.
    /// - Throws: ``IncidentError``.
    /// - Complexity: A read of the list, and a look-up for each stream that was removed.
    public init(
        of journal: any Journal,
        kind: StreamKind,
        upTo bound: Position? = nil
    ) async throws(IncidentError) {
        var found: [(stream: StreamID, position: Position)] = []
        var eventCount: UInt64 = 0
        var end = listEnd
        var failure: IncidentError?
        do throws(JournalError) {
            let list = try Self.naming { () throws(LimitError) in
                try Removal.truncations(of: kind)
            }
            try await journal.forEachEvent(of: list, upTo: bound) { header, frame in
                // The removal itself is the event behind its entry.
                guard bound.map({ header.position < $0 }) ?? true else { return .stop }
                end = (header.sequence, header.position)
                do throws(EventCodecError) {
                    guard let entry = try ListedRemoval.read(header, frame: frame),
                        let stream = try? StreamID(kind: kind, key: entry.key)
                    else { return .proceed }
                    found.append((stream, header.position))
                    eventCount &+= entry.eventCount
                    return .proceed
                } catch {
                    failure = .unreadable(position: header.position, error)
                    return .stop
                }
            }
            self.eventCount = eventCount
            listEnd = end
            for (stream, position) in found where failure == nil {
                _ = try await journal.page(
                    of: stream,
                    from: SequenceNumber(rawValue: 1),
                    .forwards,
                    upTo: nil,
                    limit: PageLimit(eventCountMax: 1)
                ) { header, _ in
                    marks[header.streamNumber] = position
                    return .stop
                }
            }
        } catch {
            throw .journal(error)
        }
        if let failure { throw failure }
    }

    private static func naming(
        _ body: () throws(LimitError) -> StreamID
    ) throws(JournalError) -> StreamID {
        do throws(LimitError) { return try body() } catch { throw .limit(error) }
    }

    /// Whether an event is not to be seen.
    @inline(__always)
    package func cover(_ header: EventHeader) -> Bool {
        cover(header.streamNumber, at: header.position)
    }

    /// Whether an event of a stream is not to be seen.
    @inline(__always)
    package func cover(_ stream: StreamNumber, at position: Position) -> Bool {
        guard !marks.isEmpty, let mark = marks[stream] else { return false }
        return position < mark
    }

    /// What tells these removals from others: part of what tables are made by.
    package var bytes: [UInt8] {
        guard !marks.isEmpty else { return [] }
        var writer = ByteWriter(capacity: 16 * marks.count)
        for (number, position) in marks.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            writer.littleEndian(number.rawValue)
            writer.littleEndian(position.rawValue)
        }
        return writer.finish()
    }
}

extension PipelineView {
    /// The requests that were removed, up to the view's bound: what all answers leave out.
    ///
    /// - Throws: ``IncidentError``.
    public func removals() async throws(IncidentError) -> StreamRemovals {
        try await removals(upTo: asOf)
    }

    /// The requests that were removed up to a position.
    func removals(upTo bound: Position?) async throws(IncidentError) -> StreamRemovals {
        try await StreamRemovals(of: journal, kind: PipelineEvent.streamKind, upTo: bound)
    }
}
