public import CairnCore
public import CairnDomains
public import CairnJournal

/// Some requests, items and jobs of a journal as another journal is to hold them, so that it can
/// be given to somebody who is not to see whose they are.
///
/// Every event has its place among the others and its sequence in its stream, so each request and
/// each item folds to what it folds to in the original, under other names and at other times. An
/// event that nothing may be told of is there without its content: one that was erased or removed,
/// and one that this program does not know and that says that it may be passed over.
public struct IncidentBundle: Sendable {
    /// The frame type of an event without its content.
    public static let withheldType = "bundle.withheld"

    /// An event, and the stream that it belongs to.
    public struct Event: Sendable {
        public let stream: StreamID
        public let event: NewEvent
        /// Where it stands in the original.
        public let position: Position
    }

    /// How much of what is in a bundle.
    public struct Counts: Hashable, Sendable {
        public var requests = 0
        public var items = 0
        public var jobs = 0
        public var events = 0
        /// Streams of one machine of an embedder's own.
        public var streams = 0
        public var leftOut = LeftOut()
    }

    /// Events of the journal that are in no bundle, by what they tell of.
    public struct LeftOut: Hashable, Sendable {
        /// Leases of the retries of the bundle's requests.
        public var leases = 0
        /// What is kept under providers' names of the bundle's items.
        public var references = 0
        /// All system events: none says which request it belongs to.
        public var systemEvents = 0
    }

    public let counts: Counts
    /// Workers that lived when it was made, or of which that is not known: what they hold is in
    /// flight, and in a bundle no lock says so.
    public let liveWorkers: [WorkerNumber]
    /// When its first event was recorded, as the bundle tells it.
    public let beginsAt: Timestamp
    /// How many events have been handed over without their contents.
    public private(set) var withheldCount = 0

    private let content: BundleContent
    private var pages: BundlePages
    private var disguise: BundleDisguise

    init(
        _ content: BundleContent,
        _ pages: BundlePages,
        _ disguise: BundleDisguise,
        counts: Counts,
        liveWorkers: [WorkerNumber],
        beginsAt: Timestamp
    ) {
        self.content = content
        self.pages = pages
        self.disguise = disguise
        self.counts = counts
        self.liveWorkers = liveWorkers
        self.beginsAt = beginsAt
    }
}

extension IncidentBundle: BundledEvents {
    public mutating func nextEvents() async throws(BundleError) -> [Event] {
        let content = content
        var disguise = disguise
        let events = try await pages.next { header, frame throws(BundleError) in
            try content.event(header, frame: frame, &disguise)
        }
        self.disguise = disguise
        withheldCount += events.count { $0.event.type == Self.withheldType }
        return events
    }

    /// Nothing: every event is one of the types that this program knows, made anew.
    public mutating func check(
        _ bundle: any Journal,
        shouldStop: () -> Bool
    ) async throws(BundleError) {}

    /// An event of which nothing is told but its place.
    static func withheld(at instant: Timestamp) throws(LimitError) -> NewEvent {
        try NewEvent(type: withheldType, occurredAt: instant, mayBeIgnored: true, payload: [])
    }
}
