package import CairnCore

/// Where a row stands among the events of its stream, in the order of the source.
///
/// By `sequence_no`, and by sequence where that repeats or a row has none: the order in which
/// queries see a request's events.
struct StreamOrder: Hashable, Comparable, Sendable {
    let number: Int64
    let sequence: UInt64

    init(number: Int64, sequence: UInt64) {
        self.number = number
        self.sequence = sequence
    }

    init(_ step: PipelineStep, _ header: EventHeader) {
        number = step.sequenceNumber ?? Int64(clamping: header.sequence.rawValue)
        sequence = header.sequence.rawValue
    }

    @inline(__always)
    static func < (left: StreamOrder, right: StreamOrder) -> Bool {
        left.number != right.number ? left.number < right.number : left.sequence < right.sequence
    }
}

/// Where a request stands, as far as lists of requests show it: what ``PipelineFleet`` keeps of
/// each.
///
/// In all that it tells the same as what ``PipelineMachine`` folds; a test compares the two on
/// random histories.
package struct PipelineBrief: Hashable, Sendable {
    /// The request's id in UTF-8; empty where the event that names its stream was not met.
    package internal(set) var id: [UInt8] = []
    package internal(set) var summary = PipelineSummary()
    package internal(set) var anomalyCount: UInt64 = 0
    /// Whether its rows are of several tenants.
    package internal(set) var isMixed = false
    /// Where its last failed row stands.
    var failure: PipelineOrder?
    /// The `error_code` of that row, in UTF-8.
    package internal(set) var errorCode: [UInt8]?
    /// Sorted by the numbers of their names.
    var stages: [Stage] = []
    /// What was begun or ended, sorted by the numbers of the event types that begin it.
    var starts: [Start] = []
    /// What is left to be tried again, sorted by the numbers of the stages' names.
    var tries: [Tries] = []
    package internal(set) var latest = Latest()
    /// The last row of a terminal type.
    var end: StreamOrder?

    package init() {}

    /// What the last event of the request's stream says, in the order of the queries.
    package struct Latest: Hashable, Sendable {
        var order = StreamOrder(number: .min, sequence: 0)
        /// Zero before the first row.
        package internal(set) var position = Position.zero
        package internal(set) var createdAt = Timestamp.unixEpoch
        package internal(set) var status = PipelineStatus.Code.other
        /// The number of the worker that started it; -1 for none, and for other statuses.
        var worker: Int32 = -1
    }

    struct Stage: Hashable, Sendable {
        let name: UInt32
        /// Where the row stands that ``attempt`` is from.
        var order: PipelineOrder
        var attempt: Int64
        /// The last row that began, completed or skipped the stage.
        var closing: StreamOrder?
    }

    struct Start: Hashable, Sendable {
        let eventType: UInt32
        var lastStart: PipelineOrder?
        var lastEnd: PipelineOrder?

        /// Whether it was begun and not ended since.
        var isOpen: Bool {
            guard let lastStart else { return false }
            return lastEnd.map { $0 <= lastStart } ?? true
        }
    }

    /// Whether the request may be in a list of what is to be done.
    ///
    /// It is where it has not ended, its latest row says started or failed, or a try may be due.
    /// One whose rows are of several tenants is never done with.
    package var isOpen: Bool {
        if isMixed || !summary.isTerminal || mayRetry { return true }
        return latest.status == .started || latest.status == .failed
    }

    /// Whether a try is left open, as `OpenRetries` tells it.
    var mayRetry: Bool { tries.contains { $0.next != nil } }

    /// The `sequence_no` of the row that is current, or its place where it has none.
    package var sequenceNumber: Int64 { summary.order.number }

    /// Where a stage stands in ``stages``; nil if no row was in it.
    @inline(__always)
    func stageIndex(of name: UInt32) -> Int? {
        let index = stages.place(of: name, by: \.name)
        return index < stages.count && stages[index].name == name ? index : nil
    }

    /// Where an event type stands in ``starts``; nil if nothing was seen of it.
    @inline(__always)
    func startIndex(of eventType: UInt32) -> Int? {
        let index = starts.place(of: eventType, by: \.eventType)
        return index < starts.count && starts[index].eventType == eventType ? index : nil
    }
}

extension Array {
    /// The first place in a list, sorted by some numbers, that is not before a number.
    @inline(__always)
    func place(of number: UInt32, by elementNumber: (Element) -> UInt32) -> Int {
        var range = 0..<count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if elementNumber(self[middle]) < number {
                range = middle + 1..<range.upperBound
            } else {
                range = range.lowerBound..<middle
            }
        }
        return range.lowerBound
    }
}
