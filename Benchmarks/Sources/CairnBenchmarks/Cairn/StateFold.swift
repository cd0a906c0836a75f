import CBaselines
import Cairn

/// The baseline's fold in Swift: one state for each request, the same rules and the same hash.
struct StateFold {
    fileprivate(set) var states = StreamMap<cb_state>()
    fileprivate(set) var eventCount = 0

    var hash: UInt64 {
        var sum: UInt64 = 0
        for state in states.values {
            withUnsafePointer(to: state) { sum &+= cb_state_hash($0) }
        }
        return sum
    }

    mutating func apply(_ header: EventHeader, _ frame: RawSpan) {
        eventCount += 1
        let event = RecordCodec.header(header, frame)
        Self.apply(
            event,
            naming: header.streamID(in: frame),
            to: &states[header.streamNumber, default: cb_state()]
        )
    }

    @inline(__always)
    static func apply(_ event: cb_header, naming: StreamID?, to state: inout cb_state) {
        if let naming { state.stream = cb_request_stream(naming.key) }
        if event.sequence != state.last_sequence + 1 { state.gap_count += 1 }
        state.last_sequence = event.sequence
        state.recorded_at_ns = event.recorded_at_ns
        state.duration_total_ms += UInt64(event.duration_ms)
        state.event_count += 1
        if event.status == CB_STATUS_FAILED { state.failure_count += 1 }
        if event.status == CB_STATUS_RETRY_SCHEDULED { state.retry_count += 1 }
        state.attempt = event.attempt
        state.stage = event.stage
        state.status = event.status
        if event.status == CB_STATUS_RETRY_SCHEDULED {
            state.retry_at_ns = event.retry_at_ns
        } else if event.status == CB_STATUS_COMPLETED {
            state.retry_at_ns = 0
        }
    }
}

/// The fold of a journal's later part, whose states can be joined to those of the earlier one.
struct LaterFold: Sendable {
    private struct Part {
        var state = cb_state()
        var firstSequence: UInt64 = 0
        /// Whether an event said when to try again, or that nothing is to be tried.
        var saysRetry = false
    }

    private var parts = StreamMap<Part>()
    private var eventCount = 0

    mutating func apply(_ header: EventHeader, _ frame: RawSpan) {
        eventCount += 1
        let event = RecordCodec.header(header, frame)
        Self.apply(
            event,
            naming: header.streamID(in: frame),
            to: &parts[header.streamNumber, default: Part()]
        )
    }

    @inline(__always)
    private static func apply(_ event: cb_header, naming: StreamID?, to part: inout Part) {
        if part.firstSequence == 0 {
            part.firstSequence = event.sequence
            part.state.last_sequence = event.sequence &- 1
        }
        if event.status == CB_STATUS_RETRY_SCHEDULED || event.status == CB_STATUS_COMPLETED {
            part.saysRetry = true
        }
        StateFold.apply(event, naming: naming, to: &part.state)
    }

    /// Goes on in the states of the earlier part.
    func join(to fold: inout StateFold) {
        fold.eventCount += eventCount
        for (number, part) in zip(parts.numbers, parts.values) {
            Self.join(part, to: &fold.states[number, default: cb_state()])
        }
    }

    private static func join(_ part: Part, to state: inout cb_state) {
        let earlier = state
        state = part.state
        if earlier.stream != 0 { state.stream = earlier.stream }
        if part.firstSequence != earlier.last_sequence + 1 { state.gap_count += 1 }
        if !part.saysRetry { state.retry_at_ns = earlier.retry_at_ns }
        state.duration_total_ms += earlier.duration_total_ms
        state.event_count += earlier.event_count
        state.failure_count += earlier.failure_count
        state.retry_count += earlier.retry_count
        state.gap_count += earlier.gap_count
    }
}

extension CairnSubject {
    /// Folds the two halves of a loaded store at once, and joins their states.
    func replayInHalves(in directory: String) async throws -> Outcome {
        let journal = try LMDBJournal(path: directory, configuration: .readOnly)
        defer { journal.close() }
        let clock = ContinuousClock()
        let began = clock.now
        let middle = Position(rawValue: try journal.head().lastPosition.rawValue / 2)
        async let later = Self.later(of: journal, from: Position(rawValue: middle.rawValue + 1))
        var fold = StateFold()
        try await journal.forEachEvent(upTo: middle) { header, frame in
            fold.apply(header, frame)
            return .proceed
        }
        try await later.join(to: &fold)
        let seconds = (clock.now - began) / .seconds(1)
        return Outcome(eventCount: fold.eventCount, seconds: seconds, hash: fold.hash)
    }

    @concurrent
    private static func later(
        of journal: LMDBJournal,
        from start: Position
    ) async throws -> LaterFold {
        var fold = LaterFold()
        try await journal.forEachEvent(from: start) { header, frame in
            fold.apply(header, frame)
            return .proceed
        }
        return fold
    }
}
