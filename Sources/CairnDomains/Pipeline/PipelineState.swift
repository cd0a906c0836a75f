public import CairnCore

/// Where a request stands: the fold over the events of its stream.
///
/// Follows the order of the source, whatever the order in which rows come: a row with a
/// `sequence_no` below one that was seen before takes its place among the others. Only what is
/// odd, and how often a request was reopened, is judged as the rows came.
public struct PipelineState: Hashable, Sendable {
    /// The tenant of the first event; nil before it.
    public internal(set) var tenant: String?
    /// The last row in the order of the source; nil before the first event.
    public internal(set) var current: Current?
    /// Every stage that was seen, sorted by the bytes of its name.
    public internal(set) var stages: [PipelineStageState] = []
    /// The greatest attempt of any row.
    public internal(set) var attemptMax: Int64 = 0
    /// The error of the last failed row in the order of the source.
    public var lastError: PipelineFailure? { failure?.value }
    /// The earliest `created_at`.
    public internal(set) var firstCreatedAt: Timestamp?
    /// The latest `created_at`.
    public internal(set) var lastCreatedAt: Timestamp?
    public internal(set) var eventCount: UInt64 = 0
    /// The highest `sequence_no` of any row; nil where no row carries one.
    public internal(set) var lastSequenceNumber: Int64?
    public internal(set) var anomalies = PipelineAnomalies()
    var failure: Latest<PipelineFailure>?
    var ending = PipelineEnding()
    /// What was begun or ended, sorted by the bytes of the event types that begin it.
    var starts: [PipelineStart] = []

    public init() {}

    /// Whether the request has ended and was not reopened since.
    public var isTerminal: Bool { ending.isTerminal }

    /// How often a row began something after the request had ended.
    ///
    /// Counted as the rows came; never 0 where a row that begins something stands after one that
    /// ends the request.
    public var reopenedCount: UInt64 { ending.reopenedCount }

    /// The event types that began something that has not ended, by their last starts.
    public var openStarts: [String] {
        starts.compactMap { start in start.open.map { (start.eventType, $0) } }
            .sorted { $0.1 < $1.1 }.map(\.0)
    }

    /// What the last row in the order of the source says.
    public struct Current: Hashable, Sendable {
        /// The stage's name, with aliases resolved.
        public let stage: String
        public let eventType: String
        public let status: PipelineStatus
        public let attempt: Int64
        public let isRetryable: Bool
        public let nextRetryAt: Timestamp?
        public let createdAt: Timestamp
        /// The row's own `sequence_no`.
        public let sequenceNumber: Int64?
        /// The row's place among the request's rows: that in its stream, which holds no others.
        public let sequence: SequenceNumber

        var order: PipelineOrder {
            PipelineOrder(number: sequenceNumber, place: sequence.rawValue)
        }
    }

    /// The state of a stage by its name; nil if no row was in it.
    public subscript(stage name: String) -> PipelineStageState? {
        knownIndex(ofStage: name).map { stages[$0] }
    }

    /// Where a stage stands in ``stages``; nil if no row was in it.
    func knownIndex(ofStage name: String) -> Int? {
        let index = stageIndex(of: name)
        guard stages.indices.contains(index), stages[index].isNamed(name) else { return nil }
        return index
    }

    /// Where a stage stands in ``stages``, or should be put.
    func stageIndex(of name: String) -> Int {
        Self.place(of: name, in: stages, by: \.name)
    }

    /// Where an event type stands in ``starts``, or should be put.
    func startIndex(of eventType: String) -> Int {
        Self.place(of: eventType, in: starts, by: \.eventType)
    }

    /// What is known of the work that an event type begins; nil if nothing was seen of it.
    func start(_ eventType: String) -> PipelineStart? {
        let index = startIndex(of: eventType)
        guard starts.indices.contains(index), starts[index].eventType.hasSameBytes(as: eventType)
        else { return nil }
        return starts[index]
    }

    /// The first place in a list, sorted by the bytes of its names, that is not before a name.
    private static func place<Element>(
        of name: String,
        in list: [Element],
        by elementName: (Element) -> String
    ) -> Int {
        var range = 0..<list.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if elementName(list[middle]).hasBytes(before: name) {
                range = middle + 1..<range.upperBound
            } else {
                range = range.lowerBound..<middle
            }
        }
        return range.lowerBound
    }
}

/// Where one stage of a request stands.
public struct PipelineStageState: Hashable, Sendable {
    public let name: String
    /// What its last row in the order of the source says.
    public internal(set) var status: PipelineStatus
    /// The attempt of that row.
    public internal(set) var attempt: Int64
    public internal(set) var isRetryable: Bool
    public internal(set) var nextRetryAt: Timestamp?
    public internal(set) var attemptMax: Int64
    public internal(set) var eventCount: UInt64 = 0
    public internal(set) var failureCount: UInt64 = 0
    public internal(set) var firstCreatedAt: Timestamp
    public internal(set) var lastCreatedAt: Timestamp
    /// Where the row stands that ``status`` and the three after it are from.
    var order = PipelineOrder.least
    var start: Latest<Timestamp>?
    var end: Latest<Timestamp>?
    var duration: Latest<Int64>?
    var failure: Latest<PipelineFailure>?
    /// Wide enough for as many durations as there can be rows, so that no order of them overflows.
    var durationSum: Int128 = 0

    /// When its last start was, as far as rows say.
    public var startedAt: Timestamp? { start?.value }
    /// When it was last completed, failed or skipped, as far as rows say.
    public var endedAt: Timestamp? { end?.value }
    /// The `duration_ms` of the last row that carries one.
    public var lastDurationMilliseconds: Int64? { duration?.value }
    /// The sum of `duration_ms` over its rows; at an end of the range where that is passed.
    public var totalDurationMilliseconds: Int64 { Int64(clamping: durationSum) }
    /// The error of its last failed row in the order of the source.
    public var lastError: PipelineFailure? { failure?.value }

    init(name: String, first event: PipelineEvent) {
        self.name = name
        status = event.status
        attempt = event.attempt
        attemptMax = event.attempt
        isRetryable = event.isRetryable
        firstCreatedAt = event.createdAt
        lastCreatedAt = event.createdAt
    }

    func isNamed(_ name: String) -> Bool { self.name.hasSameBytes(as: name) }
}

/// A failed row's error.
public struct PipelineFailure: Hashable, Sendable {
    /// The stage's name, with aliases resolved.
    public let stage: String
    public let code: String?
    public let message: String?
    public let attempt: Int64
    public let createdAt: Timestamp
}
