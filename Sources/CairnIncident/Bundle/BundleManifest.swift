public import CairnCore
public import CairnDomains
public import CairnJournal

/// What a bundle says of itself, in its first event.
public struct BundleManifest: Sendable {
    /// The frame type; programs that do not know it pass over it.
    public static let frameType = "bundle.made"
    /// The way in which bundles are made.
    public static let format: Int64 = 1
    private static let streamName = "bundle/manifest"

    public let madeAt: Timestamp
    public let counts: IncidentBundle.Counts
    /// The kind of the streams, where they are those of one machine of an embedder's own.
    public let streamKind: StreamKind?
    public let keepsPayloads: Bool
    public let keepsTimes: Bool
    public let keepsNumbers: Bool
    /// Workers that count as alive, by their numbers in the bundle.
    public let liveWorkers: [WorkerNumber]

    /// Describes a bundle.
    public init(_ bundle: IncidentBundle, _ options: BundleOptions, madeAt: Timestamp) {
        self.init(bundle.counts, of: nil, bundle.liveWorkers, options, madeAt: madeAt)
    }

    /// Describes a bundle of the streams of one machine.
    public init(
        _ bundle: MachineBundle<some InspectableMachine>,
        _ options: BundleOptions,
        madeAt: Timestamp
    ) {
        var counts = IncidentBundle.Counts()
        counts.streams = bundle.streamCount
        counts.events = bundle.eventCount
        self.init(counts, of: bundle.streamKind, [], options, madeAt: madeAt)
    }

    private init(
        _ counts: IncidentBundle.Counts,
        of streamKind: StreamKind?,
        _ liveWorkers: [WorkerNumber],
        _ options: BundleOptions,
        madeAt: Timestamp
    ) {
        self.madeAt = madeAt
        self.counts = counts
        self.streamKind = streamKind
        keepsPayloads = options.keepsPayloads
        keepsTimes = options.keepsPayloads || options.keepsTimes
        keepsNumbers = options.keepsPayloads || options.keepsNumbers
        self.liveWorkers = liveWorkers
    }

    /// The stream that the event stands in.
    public static func stream() throws(LimitError) -> StreamID { try StreamID(streamName) }

    /// The event.
    ///
    /// - Parameter recordedAt: When the first event of the bundle was recorded: recorded times
    ///   never decrease.
    /// - Returns: The event, which others that do not know it pass over.
    /// - Throws: `LimitError`.
    public func newEvent(recordedAt: Timestamp) throws(LimitError) -> NewEvent {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("format", Self.format)
        writer.member("made_at", madeAt)
        if let streamKind {
            writer.member("kind", streamKind.name)
            writer.member("streams", counts.streams)
        } else {
            writer.member("requests", counts.requests)
            writer.member("items", counts.items)
            writer.member("jobs", counts.jobs)
        }
        writer.member("events", counts.events)
        writer.member("names", keepsPayloads ? "kept" : "keyed")
        writer.member("times", keepsTimes ? "kept" : "moved")
        writer.member("numbers", keepsNumbers ? "kept" : "keyed")
        writer.key("live_workers")
        writer.beginArray()
        for worker in liveWorkers { writer.integer(worker.rawValue) }
        writer.endArray()
        writer.endObject()
        return try NewEvent(
            type: Self.frameType,
            occurredAt: madeAt,
            recordedAt: recordedAt,
            mayBeIgnored: true,
            codec: .json,
            payload: writer.bytes
        )
    }

    /// The workers that count as alive in a journal that is a bundle; nil for any other journal.
    ///
    /// - Throws: `JournalError`.
    public static func liveWorkers(
        of journal: any Journal
    ) async throws(JournalError) -> Set<WorkerNumber>? {
        var workers: Set<WorkerNumber>?
        _ = try await journal.page(
            from: .first,
            .forwards,
            upTo: .first,
            limit: PageLimit(eventCountMax: 1)
        ) { header, frame in
            guard header.type(in: frame).hasSameBytes(as: frameType),
                header.streamID(in: frame)?.name.hasSameBytes(as: streamName) ?? false
            else { return .stop }
            let value = try? JSONValue.parse(frame.extracting(header.payloadRange))
            workers = []
            guard case .array(let numbers)? = value?["live_workers"] else { return .stop }
            for case .number(let text) in numbers {
                if let number = UInt64(text) { workers?.insert(WorkerNumber(rawValue: number)) }
            }
            return .stop
        }
        return workers
    }
}
