internal import CairnCore
internal import CairnDomains
internal import CairnJournal

/// The items of a journal, the newest first, some at a time.
///
/// Goes backwards for the first events of some items, and then forwards from there to fold those
/// and no others. So the newest items cost no more than the end of the journal, and all of them
/// only as much memory as one chunk has.
struct ItemChunks {
    private static let firstCountMax = 1_024
    private static let countMax = 65_536

    private let view: ItemView
    private let bound: Position
    private let floor: Position
    private let isWanted: ((ItemRequest) -> Bool)?
    private let window: ClosedRange<Timestamp>?
    private var next: Position
    private var countMax = firstCountMax
    /// Outcomes within the window, of the items that were passed.
    private(set) var outcomeCount = 0

    /// Begins a pass.
    ///
    /// - Parameters:
    ///   - view: The journal.
    ///   - bound: The last position to see.
    ///   - floor: Where the first event of an item may stand.
    ///   - window: When outcomes are counted; nil for never.
    ///   - isWanted: Which items, by what they are; nil for all. An erased item is nobody's.
    init(
        _ view: ItemView,
        upTo bound: Position,
        from floor: Position = .first,
        countingOutcomesIn window: ClosedRange<Timestamp>? = nil,
        where isWanted: ((ItemRequest) -> Bool)? = nil
    ) {
        self.view = view
        self.bound = bound
        self.floor = floor
        self.isWanted = isWanted
        self.window = window
        next = bound
    }

    /// The next items with their numbers, without the texts in them; nil at the end.
    mutating func nextChunk() async throws(IncidentError) -> [(StreamNumber, FoldedItem)]? {
        guard next >= floor, next > .zero else { return nil }
        let streams = try await newestStreams()
        countMax = min(countMax * 4, Self.countMax)
        guard let oldest = streams.last else { return [] }
        var items = StreamMap<FoldedItem>()
        for stream in streams { items[stream, default: FoldedItem()] = FoldedItem() }
        var outcomeCount = 0
        try await view.forEachFrame(from: oldest.firstPosition, upTo: bound) {
            header,
            frame throws(EventCodecError) in
            guard items.index(of: header.streamNumber) != nil else { return .proceed }
            let event = try items[header.streamNumber, default: FoldedItem()]
                .take(header, frame: frame, isWhole: false)
            if let window, let event, event.isOutcome, window.contains(event.at) {
                outcomeCount += 1
            }
            return .proceed
        }
        self.outcomeCount += outcomeCount
        return Array(zip(items.numbers, items.values))
    }

    /// The newest items before those that were passed.
    private mutating func newestStreams() async throws(IncidentError) -> [StreamNumber] {
        let machine = ItemMachine()
        var streams: [StreamNumber] = []
        var stop = Position.zero
        try await view.forEachFrame(from: next, .backwards, upTo: bound) {
            [floor, countMax, isWanted]
            header,
            frame throws(EventCodecError) in
            guard header.position >= floor else { return .stop }
            guard let stream = header.streamID(in: frame), stream.isOfItem else { return .proceed }
            if let isWanted {
                guard let request = try machine.event(header, frame: frame)?.request,
                    isWanted(request)
                else { return .proceed }
            }
            streams.append(header.streamNumber)
            guard streams.count == countMax else { return .proceed }
            stop = header.position.previous
            return .stop
        }
        next = stop
        return streams
    }
}

extension StreamID {
    /// Whether events of an item stand in the stream.
    var isOfItem: Bool { kind == ItemKey.streamKind || kind == InteractionMessage.streamKind }
}
