import CBaselines
import Cairn

/// The baseline's fold in Swift: one state for each request, the same rules and the same hash.
struct StateFold {
    private var states = StreamMap<cb_state>()
    private(set) var eventCount = 0

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
    private static func apply(_ event: cb_header, naming: StreamID?, to state: inout cb_state) {
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
