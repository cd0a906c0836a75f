public import CairnCore
public import CairnJournal

/// The events of a bundle, handed over part by part to whoever writes them to a journal.
public protocol BundledEvents: Sendable {
    /// When the first event was recorded, as the bundle tells it.
    var beginsAt: Timestamp { get }

    /// How many events have been handed over without their contents.
    var withheldCount: Int { get }

    /// Hands over the next events, in the order of the original.
    ///
    /// - Returns: The events; none at the end.
    /// - Throws: ``BundleError``.
    mutating func nextEvents() async throws(BundleError) -> [IncidentBundle.Event]

    /// Compares what was written with the original, after the last event was.
    ///
    /// - Parameters:
    ///   - bundle: The journal with the manifest and then the events.
    ///   - shouldStop: Is asked now and then whether to go on.
    /// - Throws: ``BundleError``; then the bundle is not to be given away.
    mutating func check(
        _ bundle: any Journal,
        shouldStop: () -> Bool
    ) async throws(BundleError)
}

/// Reads events of a journal by their positions, a part of them at a time.
struct BundlePages: Sendable {
    private let journal: any Journal
    /// In the order of the journal.
    let positions: [Position]
    private var doneCount = 0

    /// Most events that are handed over at a time.
    private static let eventCountMax = 1_024
    /// About as many bytes of them, unless one has more.
    private static let byteCountMax = 4 << 20

    init(of positions: [Position], in journal: any Journal) {
        self.positions = positions.sorted()
        self.journal = journal
    }

    /// Reads the next events; none at the end.
    mutating func next(
        _ event: (EventHeader, RawSpan) throws(BundleError) -> IncidentBundle.Event
    ) async throws(BundleError) -> [IncidentBundle.Event] {
        let positions = positions[doneCount...].prefix(Self.eventCountMax)
        guard let first = positions.first else { return [] }
        var (events, byteCount) = ([IncidentBundle.Event](), 0)
        var failure: BundleError?
        do throws(JournalError) {
            try await journal.forEachEvent(at: Array(positions)) { header, frame in
                guard failure == nil, byteCount < Self.byteCountMax else { return }
                byteCount += frame.byteCount
                do throws(BundleError) {
                    events.append(try event(header, frame))
                } catch {
                    failure = error
                }
            }
        } catch {
            throw .incident(.journal(error))
        }
        if let failure { throw failure }
        // Those that there was no room for are next; one that was not found is damage.
        let isFull = byteCount >= Self.byteCountMax
        guard events.map(\.position) == Array(isFull ? positions.prefix(events.count) : positions)
        else {
            throw .incident(.journal(.corrupt(position: first, reason: "events are not there")))
        }
        doneCount += events.count
        return events
    }
}
